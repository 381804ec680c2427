"""The register's public pages and files: no login, no cookie, no script, and 304 for those who have the file."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from datetime import timedelta
from typing import Any

import pikepdf
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from pdf import storage
from tests.factories import customers, registers
from tests.pdf import reading
from toms import documents, services
from toms.models import MeasureSet, MeasureSetDocument
from toms.reading import by_scc_heading

pytestmark = pytest.mark.django_db
PAGES = ("/de/tom/", "/en/tom/", "/de/tom/versions/", "/en/tom/v/1/")
FILES = ("/de/tom/measures.json", "/de/tom/measures.csv", "/en/tom/v/1/measures.json")


def second_version() -> MeasureSet:
    draft = services.start_draft(by=registers.editor(), at=registers.AT)
    draft.measures.filter(key="A-01").update(text_de="Neue Maßnahme", text_en="New measure")
    return registers.publish_measures(draft, at=registers.AT + timedelta(days=30))


@pytest.mark.parametrize("address", [*PAGES, *FILES])
def test_everybody_may_read_without_a_cookie(client: Client, address: str) -> None:
    registers.published_measures()
    response = client.get(address)
    assert response.status_code == 200
    assert not response.cookies
    assert "public" in response["Cache-Control"]
    assert "no-store" not in response["Cache-Control"]


@pytest.mark.parametrize("address", [*PAGES, *FILES])
def test_nothing_but_reading_is_possible(client: Client, address: str) -> None:
    registers.published_measures()
    assert client.post(address).status_code == 405


def test_before_the_first_publication_the_page_says_so(client: Client) -> None:
    registers.draft_measures()
    response = client.get("/en/tom/")
    assert response.status_code == 200
    assert "No version of the measures has been published yet." in response.content.decode()
    assert client.get("/en/tom/measures.json").status_code == 404


@pytest.mark.parametrize("number", [1, 2, 999999999999999999999])
def test_a_draft_and_an_unknown_number_are_not_found(client: Client, number: int) -> None:
    registers.draft_measures()
    assert client.get(f"/en/tom/v/{number}/").status_code == 404


@pytest.mark.parametrize(("language", "word", "other"), [("de", "Maßnahme A", "Measure A"), ("en", "Measure A", "Maßnahme A")])
def test_each_language_shows_its_own_wording(client: Client, language: str, word: str, other: str) -> None:
    registers.published_measures()
    page = client.get(f"/{language}/tom/").content.decode()
    assert word in page
    assert other not in page


def test_internal_details_reach_no_page_and_no_file(client: Client) -> None:
    draft = registers.draft_measures()
    draft.measures.update(internal_detail="Rack 7 behind the green door", owner="Ms Keyholder")
    registers.publish_measures(draft)
    for address in [*PAGES, *FILES]:
        answer = client.get(address).content
        assert b"Rack 7" not in answer
        assert b"Keyholder" not in answer


def test_the_sample_is_marked_and_a_verified_register_is_not(client: Client) -> None:
    draft = registers.draft_measures()
    draft.measures.update(last_verified_at=timezone.now())
    registers.publish_measures(draft)
    assert "not verified" not in client.get("/en/tom/").content.decode()


def test_each_control_of_the_sample_says_that_it_is_not_verified(client: Client) -> None:
    published = registers.sample_measures()
    assert client.get("/en/tom/").content.decode().count("Sample – not verified</span>") == published.controls.count()


def test_headings_of_the_sample_differ_in_english(client: Client) -> None:
    registers.sample_measures()
    page = client.get("/en/tom/").content.decode()
    for label in ("Physical access control", "System access control", "Data access control"):
        assert page.count(f">{label} <span") == 1


def test_an_old_version_shows_its_own_text_and_leads_to_the_current_one(client: Client) -> None:
    registers.published_measures()
    second_version()
    old, current = (client.get(address).content.decode() for address in ("/en/tom/v/1/", "/en/tom/"))
    assert "You are reading version\xa01. The current one is version\xa02." in old
    assert "Measure A" in old
    assert "New measure" not in old
    assert "New measure" in current
    assert "You are reading" not in current


def test_the_versions_are_listed_newest_first(client: Client) -> None:
    registers.published_measures()
    second_version()
    page = client.get("/en/tom/versions/").content.decode()
    assert 0 < page.index('href="/en/tom/v/2/"') < page.index('href="/en/tom/v/1/"')


def test_the_json_file_has_the_hash_that_the_page_prints(client: Client) -> None:
    published = registers.published_measures()
    content = client.get("/de/tom/measures.json").content
    assert hashlib.sha256(content).hexdigest() == published.sha256
    assert published.sha256 in client.get("/de/tom/").content.decode()
    assert json.loads(content)["categories"][0]["controls"][0]["label"] == {"de": "Kontrolle A", "en": "Control A"}


def test_the_table_has_one_row_for_each_measure_and_no_formula(client: Client) -> None:
    evil = [{"key": "E-1", "implemented_by": "subprocessors", "text": {"de": "=1+1", "en": "=cmd|'/c calc'!A0"}}]
    registers.published_measures(
        registers.measures_content(*[registers.control(x.upper(), x) for x in "abcd"], registers.control("E", measures=evil))
    )
    content = client.get("/en/tom/measures.csv").content
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert len(rows) == 1 + 5
    assert rows[-1][-2:] == ["by subprocessors", "'=cmd|'/c calc'!A0"]


@pytest.mark.parametrize("address", FILES)
def test_a_reader_who_has_the_file_gets_304(client: Client, address: str) -> None:
    registers.published_measures()
    first = client.get(address)
    again = client.get(address, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    second_version()
    assert client.get(address, headers={"if-none-match": first["ETag"]}).status_code == (304 if "/v/1/" in address else 200)


def test_the_address_of_one_version_may_be_kept_for_good(client: Client) -> None:
    registers.published_measures()
    assert "immutable" in client.get("/de/tom/v/1/measures.json")["Cache-Control"]
    assert "no-cache" in client.get("/de/tom/measures.json")["Cache-Control"]


def test_a_reader_who_has_the_page_gets_304_until_it_changes(client: Client) -> None:
    registers.published_measures()
    first = client.get("/en/tom/")
    assert client.get("/en/tom/", headers={"if-none-match": first["ETag"]}).status_code == 304
    second_version()
    assert client.get("/en/tom/", headers={"if-none-match": first["ETag"]}).status_code == 200


def test_the_page_of_somebody_signed_in_is_kept_by_no_cache(client: Client) -> None:
    registers.published_measures()
    client.force_login(customers.owner(customers.customer()))
    assert client.get("/en/tom/")["Cache-Control"] == "no-store"


def test_a_set_that_was_published_before_its_pdf_was_made_says_so_and_its_address_asks_for_patience(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    registers.published_measures()
    monkeypatch.setattr(MeasureSet, "printed", lambda _set: {})
    assert "The PDF is being made." in client.get("/en/tom/").content.decode()
    response = client.get("/en/tom/measures.pdf")
    assert (response.status_code, response["Retry-After"]) == (503, "10")


def test_the_pdf_is_offered_with_its_pages_and_its_hash(client: Client) -> None:
    made = registers.published_measures().printed()
    page = client.get("/en/tom/").content.decode()
    assert "7\xa0pages" in page or "7 pages" in page
    assert made["en"].sha256 in page
    response = client.get("/en/tom/measures.pdf")
    assert response.content == b"%PDF en 1"
    assert response["Content-Disposition"] == 'attachment; filename="TOM_1_en.pdf"'
    assert response["ETag"] == f'"{made["en"].sha256}"'


def test_an_old_version_keeps_its_own_pdf(client: Client) -> None:
    registers.published_measures()
    second_version()
    assert client.get("/de/tom/v/1/measures.pdf").content == b"%PDF de 1"
    assert client.get("/de/tom/measures.pdf").content == b"%PDF de 2"
    assert "/de/tom/v/1/measures.pdf" in client.get("/de/tom/v/1/").content.decode()


@pytest.mark.parametrize("controls", [1, 30])
def test_the_page_takes_the_same_number_of_queries_at_any_length(client: Client, django_assert_num_queries: Any, controls: int) -> None:
    customers.provider()
    letters = [registers.control(letter.upper(), letter) for letter in "abcd"]
    registers.published_measures(registers.measures_content(*letters, *[registers.control(f"C{n}") for n in range(controls)]))
    with django_assert_num_queries(6):  # set, documents, three levels of rows, provider
        client.get("/de/tom/")


def test_the_documents_are_made_once_and_carry_the_content() -> None:
    customers.provider()
    person = registers.editor()
    approved = services.load_sample(by=registers.editor(), approved_by=person, at=registers.AT)
    for _repeated in range(2):
        documents.render_missing(approved, registers.AT)
    made = approved.printed()
    published = services.publish(measure_set=approved, by=person, at=registers.AT)
    assert set(made) == {"de", "en"}
    assert MeasureSetDocument.objects.count() == 2
    for language, word in (("de", "Zutrittskontrolle"), ("en", "Physical access control")):
        content = storage.read(made[language].sha256)
        pages = reading.lines_of(content)
        text = " ".join(" ".join(lines) for lines in pages)
        assert (len(content), len(pages)) == (made[language].size, made[language].pages)
        assert word in text
        assert published.sha256 in text.replace(" ", "")
        keys = [measure["key"] for heading in by_scc_heading(published, language) for measure in heading["measures"]]
        assert all(f"({key}," in text for key in keys), "the same measures follow by the headings of Annex III"
        with pikepdf.open(io.BytesIO(content)) as file:
            assert file.attachments["measures.json"].get_file().read_bytes() == published.content_json()


@pytest.mark.parametrize("name", ["toms", "toms_versions", "toms_pdf", "toms_csv", "toms_json"])
def test_both_languages_have_the_same_addresses(name: str) -> None:
    with override("de"):
        german = reverse(name)
    with override("en"):
        assert reverse(name) == german.replace("/de/", "/en/")
