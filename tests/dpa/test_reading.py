"""What people read of the agreement beside its page: a Word file, what applied to them on a day, and what caches may keep."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from docx import Document

import subprocessors.services
from dpa import wordfile
from tests.factories import agreement, customers, registers

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_word_file_holds_the_whole_text_with_headings_and_the_same_bytes_each_time(client: Client, language: str) -> None:
    customers.provider()
    version = agreement.published()
    response = client.get(f"/{language}/dpa/agreement.docx", follow=True)
    document = Document(io.BytesIO(response.content))
    words = "\n".join(paragraph.text for paragraph in document.paragraphs)
    headings = [each.text for each in document.paragraphs if each.style.name.startswith("Heading")]
    assert headings[0] == ("§ 1 Subject" if language == "de" else "1. Subject")
    assert "Cloudflare, Inc." in words
    assert "{{" not in words
    assert ("Was zählt, ist das PDF" in words) or ("The PDF is what counts" in words)
    wordfile._made.cache_clear()
    assert wordfile.of_text(version.text(language)) == response.content
    assert (
        client.get(f"/{language}/dpa/v/1.0/agreement.docx?language={language}", headers={"if-none-match": response["ETag"]}).status_code
        == 304
    )


@pytest.mark.parametrize(
    "path",
    [
        "/en/",
        "/en/dpa/",
        "/en/dpa/versions/",
        "/en/dpa/v/1.0/",
        "/en/dpa/compare/",
        "/en/dpa/v/1.0/agreement.pdf",
        "/en/dpa/v/1.0/agreement.txt",
    ],
)
def test_public_pages_and_files_set_no_cookie_and_answer_304(client: Client, path: str) -> None:
    customers.provider()
    agreement.published()
    response = client.get(path)
    assert response.status_code == 200
    assert not response.cookies
    assert "public" in response["Cache-Control"]
    assert client.get(path, headers={"if-none-match": response["ETag"]}).status_code == 304


def test_a_customer_reads_what_applied_on_each_day(client: Client) -> None:
    customers.provider()
    version = agreement.published()
    company = customers.customer()
    owner = customers.owner(company)
    accepted = agreement.accept(company, owner, version)
    again = subprocessors.services.start_draft(by=registers.editor(), at=timezone.now())
    registers.publish_subprocessors(again, at=timezone.now() + timedelta(days=40))
    customers.log_in(client, owner)
    today = timezone.localdate()
    now = client.get(f"/en/account/applied/?day={today.isoformat()}").context
    assert (now["acceptance"], now["subprocessor_list"].number) == (accepted, "1")
    later = client.get(f"/en/account/applied/?day={(today + timedelta(days=60)).isoformat()}").context
    assert (later["acceptance"].subprocessors_number, later["subprocessor_list"].number) == ("1", "2")
    before = client.get(f"/en/account/applied/?day={(today - timedelta(days=60)).isoformat()}").context
    assert (before["acceptance"], before["measure_set"], before["subprocessor_list"]) == (None, None, None)


def test_nobody_reads_what_applied_to_another_company(client: Client) -> None:
    customers.provider()
    company = customers.customer()
    agreement.accept(company, customers.owner(company), agreement.published())
    customers.log_in(client, customers.stranger())
    assert client.get("/en/account/applied/").context["acceptance"] is None


def test_everybody_reads_the_agreement_that_applied_on_a_day(client: Client) -> None:
    customers.provider()
    agreement.published()
    today = timezone.localdate()
    assert client.get(f"/en/dpa/?on={today.isoformat()}").context["version"].number == "1.0"
    before = client.get(f"/en/dpa/?on={(today - timedelta(days=1)).isoformat()}")
    assert "no version of the agreement was in force" in before.content.decode()
    assert client.get("/en/dpa/?on=soon").context["as_of"] is None


@pytest.mark.parametrize("day", ["", "yesterday", "2026-02-30"])
def test_a_day_that_is_none_is_refused_in_words(client: Client, day: str) -> None:
    customers.provider()
    customers.log_in(client, customers.owner(customers.customer()))
    response = client.get(f"/en/account/applied/?day={day}")
    assert response.status_code == 422
    assert "Enter" in str(response.context["form"].errors["day"])
