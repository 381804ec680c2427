"""The register's public pages and files: search, filter, one page per company, and files for people and machines."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import timedelta
from typing import Any

import pikepdf
import pytest
from django.test import Client

import publishing.services
import subprocessors.services
from pdf import storage
from subprocessors import documents, services
from subprocessors.models import SubprocessorList, SubprocessorListDocument
from tests.factories import customers, registers
from tests.pdf import reading

pytestmark = pytest.mark.django_db
PAGES = (
    "/de/subprocessors/",
    "/en/subprocessors/?q=host&country=DE",
    "/de/subprocessors/versions/",
    "/en/subprocessors/v/1/",
    "/en/subprocessors/host/",
)
FILES = ("/de/subprocessors/subprocessors.json", "/en/subprocessors/subprocessors.csv", "/de/subprocessors/v/1/subprocessors.json")


def shown(client: Client, query: str, language: str = "en") -> list[str]:
    """Return the slugs of the companies that the filtered page lists."""
    response = client.get(f"/{language}/subprocessors/{query}")
    assert response.status_code == 200
    return [entry["slug"] for group in ("subprocessors", "recipients") for entry in response.context[group]]


def without_host() -> SubprocessorList:
    draft = services.start_draft(by=registers.editor(), at=registers.AT)
    draft.entries.filter(slug="host").delete()
    return registers.publish_subprocessors(draft, at=registers.AT + timedelta(days=30))


@pytest.mark.parametrize("address", [*PAGES, *FILES])
def test_everybody_may_read_without_a_cookie(client: Client, address: str) -> None:
    registers.published_subprocessors()
    response = client.get(address)
    assert response.status_code == 200
    assert not response.cookies
    assert "public" in response["Cache-Control"]
    assert "no-store" not in response["Cache-Control"]


@pytest.mark.parametrize("address", [*PAGES, *FILES])
def test_nothing_but_reading_is_possible(client: Client, address: str) -> None:
    registers.published_subprocessors()
    assert client.post(address).status_code == 405


def test_before_the_first_publication_the_page_says_so(client: Client) -> None:
    registers.draft_subprocessors()
    assert "No version of the list has been published yet." in client.get("/en/subprocessors/").content.decode()
    assert client.get("/en/subprocessors/host/").status_code == 404
    assert client.get("/en/subprocessors/v/1/").status_code == 404


def test_each_row_can_be_linked_to_and_leads_to_its_company(client: Client) -> None:
    registers.published_subprocessors()
    page = client.get("/en/subprocessors/").content.decode()
    for slug in ("host", "network"):
        assert f'<tr id="{slug}">' in page
        assert f'href="/en/subprocessors/{slug}/"' in page


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("", ["saecker", "network"]),
        ("?q=hosting", ["saecker", "network"]),
        ("?q=säcker", ["saecker"]),
        ("?q=SAECKER", ["saecker"]),
        ("?q=sacker", ["saecker"]),
        ("?q=strasse", ["saecker"]),
        ("?q=straße", ["saecker"]),
        ("?q=hosting+network", ["network"]),
        ("?q=united+states", ["network"]),
        ("?q=identifiers", ["saecker", "network"]),
        ("?q=internal", []),
        ("?q=nobody", []),
        ("?country=US", ["network"]),
        ("?country=DE", ["saecker", "network"]),
        ("?country=FR", []),
        ("?country=%27%3B--", []),
        ("?q=säcker&country=US", []),
        ("?q=" + "x" * 101, []),
        ("?q=%00", []),
        ("?q=.*", []),
    ],
)
def test_search_and_filter_find_companies_however_they_are_spelled(client: Client, query: str, slugs: list[str]) -> None:
    street = registers.entry("saecker", legal_name="Säcker GmbH", address="Lange Straße 1, 20095 Hamburg")
    registers.published_subprocessors(street, registers.american())
    assert shown(client, query) == slugs


def test_an_empty_result_says_so_and_offers_the_way_back(client: Client) -> None:
    registers.published_subprocessors()
    page = client.get("/en/subprocessors/?q=nobody").content.decode()
    assert "No entry matches your filters." in page
    assert '<a href="/en/subprocessors/">Clear filters</a>' in page
    assert '<meta name="robots" content="noindex">' in page


def test_the_countries_to_choose_from_are_those_of_the_list_sorted_by_name(client: Client) -> None:
    registers.published_subprocessors(registers.entry(), registers.entry("two", processing_locations=["AT"]), registers.american())
    form = client.get("/de/subprocessors/").context["form"]
    assert [code for code, _name in form.fields["country"].choices] == ["", "DE", "AT", "US"]


def test_what_a_visitor_types_is_shown_as_text(client: Client) -> None:
    registers.published_subprocessors()
    page = client.get('/en/subprocessors/?q="><script>alert(1)</script>').content.decode()
    assert "<script>alert" not in page


def test_independent_recipients_stand_apart(client: Client) -> None:
    registers.published_subprocessors(registers.entry(), registers.american("push-service", kind="independent"))
    context = client.get("/en/subprocessors/").context
    assert [entry["slug"] for entry in context["subprocessors"]] == ["host"]
    assert [entry["slug"] for entry in context["recipients"]] == ["push-service"]


def test_internal_notes_reach_no_page_and_no_file(client: Client) -> None:
    note = {"de": "Anschrift fraglich", "en": "Address doubtful"}
    registers.published_subprocessors(registers.entry(verification_note=note))
    for address in [*PAGES, *FILES]:
        answer = client.get(address).content.decode()
        assert "fraglich" not in answer
        assert "doubtful" not in answer


def test_the_sample_shows_five_companies_each_marked_as_not_verified(client: Client) -> None:
    registers.sample_subprocessors()
    page = client.get("/en/subprocessors/").content.decode()
    assert page.count("Sample – not verified</span>") == 5
    for name in ("Hetzner Online GmbH", "Amazon Web Services EMEA Sàrl", "Cloudflare, Inc.", "proinity LLC", "MongoDB Inc."):
        assert page.count(f">{name}</a>") == 1


def test_a_verified_register_carries_no_mark(client: Client) -> None:
    registers.published_subprocessors()
    assert "not verified" not in client.get("/en/subprocessors/").content.decode()


def test_the_page_of_a_company_says_everything_that_is_public(client: Client) -> None:
    registers.published_subprocessors(
        registers.american(transfer_detail={"de": "Beschluss", "en": "Decision 2023/1795"}, own_list_url="https://example.com/subs")
    )
    page = client.get("/en/subprocessors/network/").content.decode()
    company = ("Network GmbH", "United States, Germany", "Identifiers<br>IP addresses", "Web push")
    for text in (*company, "Decision 2023/1795", "Standard contractual clauses"):
        assert text in page
    assert 'href="https://example.com/subs"' in page


def test_a_company_that_left_is_gone_and_the_page_leads_to_the_last_version_that_named_it(client: Client) -> None:
    registers.published_subprocessors()
    without_host()
    response = client.get("/en/subprocessors/host/")
    assert response.status_code == 410
    assert 'href="/en/subprocessors/v/1/"' in response.content.decode()
    assert client.get("/en/subprocessors/network/").status_code == 200


def test_an_old_version_shows_its_own_entries_and_leads_to_the_current_one(client: Client) -> None:
    registers.published_subprocessors()
    without_host()
    old = client.get("/en/subprocessors/v/1/")
    assert [entry["slug"] for entry in old.context["subprocessors"]] == ["host", "network"]
    assert "The current one is version\xa02." in old.content.decode()
    assert shown(client, "") == ["network"]


def test_the_json_file_has_the_hash_that_the_page_prints(client: Client) -> None:
    published = registers.published_subprocessors()
    content = client.get("/de/subprocessors/subprocessors.json").content
    assert hashlib.sha256(content).hexdigest() == published.sha256
    assert published.sha256 in client.get("/de/subprocessors/").content.decode()


FORMULA_FIELDS = ("legal_name", "service_name", "contact", "address")


@pytest.mark.parametrize("field", FORMULA_FIELDS)
def test_no_cell_of_the_table_is_a_formula(client: Client, field: str) -> None:
    registers.published_subprocessors(registers.entry(**{field: "@SUM(1+1)*cmd|' /C calc'!A0"}))
    content = client.get("/en/subprocessors/subprocessors.csv").content
    header, row = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    assert len(header) == len(row) == 20
    assert any(cell.startswith("'@SUM") for cell in row)
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)


@pytest.mark.parametrize("address", FILES)
def test_a_reader_who_has_the_file_gets_304(client: Client, address: str) -> None:
    registers.published_subprocessors()
    first = client.get(address)
    assert client.get(address, headers={"if-none-match": first["ETag"]}).status_code == 304
    without_host()
    assert client.get(address, headers={"if-none-match": first["ETag"]}).status_code == (304 if "/v/1/" in address else 200)


def test_a_list_that_was_published_before_its_pdf_says_so_and_its_address_asks_for_patience(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved = publishing.services.approve(version=registers.draft_subprocessors(), by=registers.editor(), at=registers.AT)
    monkeypatch.setattr(SubprocessorList, "has_documents", lambda _list: True)
    subprocessors.services.publish(subprocessor_list=approved, by=registers.editor(), at=registers.AT)
    assert "The PDF is being made." in client.get("/en/subprocessors/").content.decode()
    assert client.get("/en/subprocessors/subprocessors.pdf").status_code == 503


def test_the_documents_are_made_once_and_carry_the_content(client: Client) -> None:
    customers.provider()
    draft = registers.draft_subprocessors(registers.entry(), registers.american("push-service", kind="independent"))
    publishing.services.apply_from(version=draft, effective_date=registers.DAY)
    approved = publishing.services.approve(version=draft, by=registers.editor(), at=registers.AT)
    for _repeated in range(2):
        documents.render_missing(approved, registers.AT)
    assert SubprocessorListDocument.objects.count() == 2
    published = subprocessors.services.publish(subprocessor_list=approved, by=registers.editor(), at=registers.AT)
    made = published.documents.get(language="en")
    content = storage.read(made.sha256)
    text = " ".join(" ".join(lines) for lines in reading.lines_of(content))
    assert "Host GmbH" in text
    assert "Independent recipients" in text
    with pikepdf.open(io.BytesIO(content)) as file:
        assert file.attachments["subprocessors.json"].get_file().read_bytes() == published.content_json()
    assert client.get("/en/subprocessors/subprocessors.pdf").content == content
    assert made.sha256 in client.get("/en/subprocessors/").content.decode()


@pytest.mark.parametrize("count", [1, 30])
def test_the_page_takes_the_same_number_of_queries_at_any_length(client: Client, django_assert_num_queries: Any, count: int) -> None:
    customers.provider()
    registers.published_subprocessors(*[registers.entry(f"host-{number}") for number in range(count)])
    with django_assert_num_queries(5):  # list, documents, entries, announced changes, provider
        client.get("/de/subprocessors/")
