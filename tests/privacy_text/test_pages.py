"""The public pages: disclaimer first, switches and questions in the address, six files, nothing handed out with an open place."""

from __future__ import annotations

import datetime
import html
import io
import json

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.http import urlencode
from docx import Document

import publishing.services
from privacy_text import services
from privacy_text.models import SampleText
from privacy_text.views import public
from publishing.pages import VIEWS
from subprocessors.models import SubprocessorList
from tests.factories import customers as people
from tests.factories import registers
from tests.privacy_text.conftest import ANSWERS, NOW, TYPES

pytestmark = pytest.mark.django_db
DISCLAIMER = "Sample without legal advice. We do not guarantee"
QUERY = urlencode(ANSWERS)
FORMS = ("txt", "html", "md", "docx", "pdf", "json")


@pytest.fixture(autouse=True)
def sample() -> SampleText:
    cache.clear()
    people.provider()
    registers.sample_subprocessors()
    return services.load_sample(by=registers.editor(), approved_by=registers.editor(), at=NOW)


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return html.unescape(answer.content.decode()).replace("\u00a0", " ")


@pytest.mark.parametrize("key", TYPES)
def test_the_disclaimer_comes_first_and_open_places_are_questions(client: Client, key: str) -> None:
    text = page(client, f"/en/texts/{key}/")
    assert text.index(DISCLAIMER) < text.index("Fit the texts")
    assert "{{" not in text
    assert 'class="slot"' in text
    assert "Still missing" in text
    for label in ("What is the name of your company?", "What do you write about, and how often?"):
        assert f"{label}</label>" in text
        assert f"{label}</a>" in text
    assert "data-copy=" not in text
    assert ".pdf" not in text


@pytest.mark.parametrize("key", TYPES)
def test_with_all_answers_both_texts_are_handed_out_each_beside_its_disclaimer(client: Client, key: str) -> None:
    text = page(client, f"/en/texts/{key}/?{QUERY}")
    assert "Still missing" not in text
    assert 'class="slot"' not in text
    for kind in ("opt-in", "passage"):
        block = text.split(f'id="text-{kind}"')[1].split("</p>\n  </div>")[0]
        assert block.count(DISCLAIMER) == 2  # in the copy, and at the buttons
        assert f'data-copy="#text-{kind}"' in block
        for form in FORMS:
            assert f"/en/texts/{key}/{kind}.{form}?" in block


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ["opt-in", "passage"])
def test_a_file_has_its_type_its_name_and_the_disclaimer(client: Client, kind: str, form: str) -> None:
    answer = client.get(f"/en/texts/telegram/{kind}.{form}?{QUERY}")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].endswith(f'telegram_1_en.{form}"')
    assert not answer.cookies
    content = {"docx": docx_text, "pdf": lambda _content: DISCLAIMER}.get(form, bytes.decode)(answer.content)
    assert DISCLAIMER in content
    assert answer.content[:4] == {"pdf": b"%PDF", "docx": b"PK\x03\x04"}.get(form, answer.content[:4])


def docx_text(content: bytes) -> str:
    return "\n".join(paragraph.text for paragraph in Document(io.BytesIO(content)).paragraphs)


@pytest.mark.parametrize("form", FORMS)
def test_no_file_is_made_with_an_open_place(client: Client, form: str) -> None:
    rest = urlencode({name: value for name, value in ANSWERS.items() if name != "content"})
    text = page(client, f"/en/texts/web_push/passage.{form}?{rest}", status=422)
    assert "Still missing" in text
    assert 'href="#id_content"' in text


def test_switches_change_both_texts(client: Client) -> None:
    evaluated = page(client, f"/en/texts/web_push/?{QUERY}")
    silent = page(client, f"/en/texts/web_push/?{QUERY}&statistics=off&segments=off")
    assert evaluated.count("We evaluate") == 2
    assert "We evaluate" not in silent
    assert "We do not evaluate" in silent
    assert "main topic" not in silent.split('id="text-opt-in"')[1].split("<details>")[0]


@pytest.mark.parametrize(
    ("name", "value"), [("statistics", "x"), ("proof_years", "99"), ("privacy_url", "javascript:alert(1)"), ("content", "x" * 1001)]
)
def test_a_wrong_entry_is_named_and_blocks_the_files(client: Client, name: str, value: str) -> None:
    query = urlencode({**ANSWERS, name: value})
    assert "There is a problem" in page(client, f"/en/texts/web_push/?{query}", status=422)
    assert client.get(f"/en/texts/web_push/passage.txt?{query}").status_code == 422


def test_the_messengers_question_is_asked_for_messengers_only(client: Client) -> None:
    assert "from the messenger?" in page(client, "/en/texts/telegram/")
    assert "from the messenger?" not in page(client, "/en/texts/web_push/")


def test_the_facebook_channel_says_how_long_it_may_be_available(client: Client) -> None:
    assert "Marketing Messages" in page(client, "/en/texts/facebook_messenger/")
    assert "Marketing Messages" not in page(client, "/en/texts/telegram/")


def test_counters_warn_beyond_a_platforms_limit(client: Client) -> None:
    assert page(client, f"/en/texts/web_push/?{QUERY}").count("too long") == 2  # the message, and the hint below the table
    assert page(client, f"/en/texts/facebook_messenger/?{QUERY}&segments=off&statistics=off").count('class="tag warn"') == 0


def test_a_superseded_version_stays_readable_and_says_so(client: Client, sample: SampleText) -> None:
    second(sample)
    old = page(client, f"/en/texts/telegram/?version=1&{QUERY}")
    assert "Version 1 is no longer in force." in old
    assert "version 1" in page(client, f"/en/texts/telegram/passage.txt?version=1&{QUERY}")
    assert "version 2" in page(client, f"/en/texts/telegram/passage.txt?{QUERY}")
    assert client.get("/en/texts/telegram/?version=3").status_code == 404


def second(first: SampleText) -> SampleText:
    author, approver = registers.editor(), registers.editor()
    draft = services.start_draft(by=author, at=NOW)
    SampleText.objects.filter(pk=draft.pk).update(change_note_de="Frist ergänzt", change_note_en="Period added")
    section = draft.sections.get(channel_type__key="telegram", key="rights")
    section.text_en += " Write to us."
    section.text_de += " Schreiben Sie uns."
    section.save()
    approved = publishing.services.approve(version=SampleText.objects.get(pk=draft.pk), by=approver, at=NOW)
    return services.publish(version=approved, by=approver, at=NOW + datetime.timedelta(days=1))


def test_versions_are_listed_with_their_notes_and_compared_word_by_word(client: Client, sample: SampleText) -> None:
    assert "nothing to compare yet" in page(client, "/en/texts/compare/")
    second(sample)
    assert "Period added" in page(client, "/en/texts/versions/")
    for view in VIEWS:
        compared = page(client, f"/en/texts/compare/?from=1&to=2&view={view}")
        assert "Write to us." in compared, view
        assert "Telegram: " in compared, view
    only_changes = page(client, f"/en/texts/compare/?from=1&to=2&view={VIEWS[-1]}")
    assert "Web push: " not in only_changes
    assert "Schreiben Sie uns." in page(client, "/en/texts/compare/?from=1&to=2&language=de")


def test_a_comparison_with_a_version_that_is_none_is_not_another_one(client: Client, sample: SampleText) -> None:
    second(sample)
    assert client.get("/en/texts/compare/?from=1&to=9").status_code == 404


def test_what_applied_on_a_day_is_shown_as_it_was(client: Client, sample: SampleText) -> None:
    second(sample)
    assert client.get(f"/en/texts/?on={NOW.date().isoformat()}").context["version"] == sample
    after = NOW.date() + datetime.timedelta(days=1)
    assert client.get(f"/en/texts/?on={after.isoformat()}").context["version"].number == "2"
    before = NOW.date() - datetime.timedelta(days=1)
    assert "no sample texts were in force" in page(client, f"/en/texts/?on={before.isoformat()}")


def test_a_reader_who_has_the_file_gets_304(client: Client, sample: SampleText) -> None:
    address = f"/en/texts/telegram/passage.txt?{QUERY}"
    first = client.get(address)
    assert first.status_code == 200
    assert client.get(address, headers={"if-none-match": first["ETag"]}).status_code == 304


def test_a_page_costs_the_same_number_of_queries_however_many_companies_the_register_holds(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = []
    for companies in (1, 30):
        register = registers.draft_subprocessors(*(registers.entry(f"company-{number}") for number in range(companies)))
        monkeypatch.setattr(type(SubprocessorList.objects), "current", lambda _manager, register=register: register)
        client.get(f"/en/texts/web_push/?{QUERY}")
        with CaptureQueriesContext(connection) as queries:
            assert f"Company-{companies - 1} GmbH" in page(client, f"/en/texts/web_push/?{QUERY}")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_one_address_gets_a_few_new_pdfs_a_minute_and_known_ones_at_once(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setattr(public.handing_out, "hand_out", lambda *, composed, form, at: made.append(form) or b"%PDF")
    answers = [
        client.get(f"/en/texts/web_push/passage.pdf?{urlencode({**ANSWERS, 'customer_name': f'Company {number}'})}") for number in range(6)
    ]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert client.get(f"/en/texts/web_push/passage.pdf?{urlencode({**ANSWERS, 'customer_name': 'Company 0'})}").status_code == 200
    assert len(made) == 5


def test_the_json_file_says_which_facts_stand_where_and_why_others_do_not(client: Client) -> None:
    content = json.loads(page(client, f"/en/texts/web_push/passage.json?{QUERY}&segments=off"))
    facts = {fact for paragraph in content["paragraphs"] for fact in paragraph["facts"]}
    assert {"F1", "F12", "F27"} <= facts
    assert content["not_applicable"]["F16"] == "No topics are stored."
    assert content["choices"]["segments"] is False
    assert content["version"] == "1"
    assert content["subprocessors_version"] == "1"


@pytest.mark.parametrize(
    "address", ["/en/texts/letter/", "/en/texts/telegram/letter.txt", "/en/texts/telegram/passage.exe", "/en/texts/x/passage.txt"]
)
def test_what_does_not_exist_is_not_found(client: Client, address: str) -> None:
    assert client.get(f"{address}?{QUERY}").status_code == 404
