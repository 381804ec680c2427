"""Which companies are content delivery networks, and for which channel types they work: facts of the register, and rows that exist."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils.translation import override

import pdf
from customers.models import ChannelType
from publishing.canonical import sha256_of_json
from subprocessors import documents, drafting, exchange, reading, services
from subprocessors.forms import CSV_COLUMNS, EntryForm, ImportForm
from subprocessors.models import Subprocessor, SubprocessorList
from tests.factories import customers, registers
from tests.pdf.reading import lines_of

pytestmark = pytest.mark.django_db
NETWORK = {"de": "Content Delivery Network", "en": "content delivery network"}
WORDED = {"de": "Betreibt ein Content Delivery Network", "en": "Content delivery network"}


def network(slug: str = "network", **fields: Any) -> dict[str, Any]:
    return registers.american(slug, service_kind="content_delivery", **fields)


def from_before(**fields: Any) -> SubprocessorList:
    """Publish a list as it was before the kind of service had a field."""
    draft = registers.draft_subprocessors(registers.entry(), registers.american(purpose=WORDED, **fields))
    draft.entries.update(service_kind="")
    return registers.publish_subprocessors(draft)


def of(version: SubprocessorList, slug: str = "network") -> Subprocessor:
    return version.entries.get(slug=slug)


def test_the_sample_says_which_companies_are_content_delivery_networks() -> None:
    entries = registers.sample_subprocessors().entries.all()
    assert {entry.slug for entry in entries if entry.service_kind == "content_delivery"} == {"cloudflare", "proinity"}
    assert {entry.service_kind for entry in entries} == {"content_delivery", "other"}


def test_an_old_list_keeps_its_hash_and_is_read_by_its_words() -> None:
    old = from_before()
    assert "service_kind" not in json.dumps(old.content())
    assert old.sha256 == sha256_of_json(old.content())
    assert of(old).delivers_content
    assert not of(old, "host").delivers_content
    assert of(old).as_annex("de")["service_kind"] == "", "its annex stays as it was"


def test_a_draft_from_an_old_list_holds_the_fact_and_the_old_list_stays() -> None:
    old = from_before()
    draft = services.start_draft(by=registers.editor(), at=registers.AT)
    assert [entry.service_kind for entry in draft.entries.all()] == ["other", "content_delivery"]
    assert set(old.entries.values_list("service_kind", flat=True)) == {""}
    assert old.content_sha256() == old.sha256


def test_the_fact_counts_and_not_the_words() -> None:
    draft = registers.draft_subprocessors(registers.entry(purpose=WORDED), network(purpose={"de": "Auslieferung", "en": "Delivery"}))
    assert not of(draft, "host").delivers_content
    assert of(draft).delivers_content


def test_readers_see_it_on_the_page_in_the_files_and_in_the_comparison(client: Client) -> None:
    customers.provider()
    published = registers.published_subprocessors(registers.entry(), network())
    assert "Art der Leistung" in client.get("/de/subprocessors/network/").content.decode()
    assert "Art der Leistung" not in client.get("/de/subprocessors/host/").content.decode()
    rows = list(csv.DictReader(io.StringIO(client.get("/en/subprocessors/subprocessors.csv").content.decode("utf-8-sig"))))
    assert [row["Kind of service"] for row in rows] == ["", NETWORK["en"]]
    entries = client.get("/en/subprocessors/subprocessors.json").json()["entries"]
    assert [entry["service_kind"] for entry in entries] == ["other", "content_delivery"]
    (_host, compared) = reading.entries(published, "de")
    assert f"Art der Leistung: {NETWORK['de']}" in compared.paragraphs


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_pdf_names_it(language: str) -> None:
    customers.provider()
    published = registers.published_subprocessors(registers.entry(), network())
    with override(language):
        chosen = documents.of_language(published, language)
    made = pdf.render(html=chosen.html, title=chosen.title, author=chosen.author, language=language, created_at=registers.AT)
    words = " ".join(line for page in lines_of(made.content) for line in page)
    assert words.count("Art der Leistung" if language == "de" else "Kind of service") == 1
    assert NETWORK[language].casefold() in words.casefold()


def entered(entry: Subprocessor, **fields: Any) -> dict[str, Any]:
    form = EntryForm(instance=entry, at=registers.AT)
    values = {name: form[name].value() for name in form.fields}
    plain = {name: form.fields[name].prepare_value(value) for name, value in values.items()}
    return {name: value for name, value in {**plain, **fields}.items() if value not in (None, False)}


def test_the_desk_asks_for_it() -> None:
    entry = of(registers.draft_subprocessors(registers.entry(), network()))
    assert EntryForm(entered(entry), instance=entry, at=registers.AT).errors == {}
    assert list(EntryForm(entered(entry, service_kind=""), instance=entry, at=registers.AT).errors) == ["service_kind"]


def test_a_draft_that_leaves_it_open_is_not_approved() -> None:
    draft = registers.draft_subprocessors(registers.entry())
    draft.entries.update(service_kind="")
    with pytest.raises(ValidationError) as refusal:
        of(draft, "host").full_clean()
    assert list(refusal.value.message_dict) == ["service_kind"]
    with pytest.raises(services.EntryUnfit):
        services.approve(subprocessor_list=draft, by=registers.editor(), at=registers.AT)


def read_in(draft: SubprocessorList, content: bytes) -> ImportForm:
    return ImportForm({}, {"file": SimpleUploadedFile("list.csv", content)}, draft=draft, at=registers.AT)


def test_a_file_carries_it_and_an_older_file_leaves_it_as_it_is_or_as_the_purpose_says() -> None:
    draft = registers.draft_subprocessors(registers.entry(), network(purpose={"de": "Auslieferung", "en": "Delivery"}))
    form = read_in(draft, exchange.export(draft.entries.all(), CSV_COLUMNS))
    assert form.is_valid(), form.errors
    assert [entry.service_kind for entry in form.entries] == ["other", "content_delivery"]
    older = [column for column in CSV_COLUMNS if column != "service_kind"]
    new = registers.new_entry(draft, slug="", legal_name="Neu GmbH", purpose=WORDED)
    form = read_in(draft, exchange.export([*draft.entries.all(), new], older))
    assert form.is_valid(), form.errors
    assert [entry.service_kind for entry in form.entries] == ["other", "content_delivery", "content_delivery"]


def test_the_database_knows_the_kinds() -> None:
    draft = registers.draft_subprocessors(registers.entry())
    with pytest.raises(IntegrityError, match="subprocessors_entry_service_kind_known"):
        draft.entries.update(service_kind="hosting")


# --- channel types ---------------------------------------------------------------------------------------------------


def test_an_entry_names_only_channel_types_that_exist() -> None:
    draft = registers.draft_subprocessors(registers.entry())
    entry = of(draft, "host")
    entry.channel_types = ["web_push", "pigeon"]
    with pytest.raises(ValidationError) as refusal:
        entry.full_clean()
    assert list(refusal.value.message_dict) == ["channel_types"]
    assert "pigeon" in str(refusal.value)
    with pytest.raises(IntegrityError, match="does not exist"), transaction.atomic():
        draft.entries.update(channel_types=["pigeon"])
    ChannelType.objects.create(key="pigeon", label_de="Brieftaube", label_en="Carrier pigeon", kind="messenger", sort=9)
    entry.full_clean()
    entry.save()


@pytest.mark.parametrize("verb", ["UPDATE privacy_text_channeltype SET key = 'dove'", "DELETE FROM privacy_text_channeltype"])
def test_a_type_that_a_register_names_keeps_its_key(verb: str) -> None:
    ChannelType.objects.create(key="pigeon", label_de="Brieftaube", label_en="Carrier pigeon", kind="messenger", sort=9)
    registers.published_subprocessors(registers.entry(channel_types=["pigeon"]))
    with pytest.raises(IntegrityError, match="names this channel type"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"{verb} WHERE key = 'pigeon'")
    ChannelType.objects.filter(key="pigeon").update(label_de="Taube")


def test_a_type_is_offered_and_named_by_its_label_wherever_the_register_shows_it(client: Client) -> None:
    customers.provider()
    ChannelType.objects.create(key="pigeon", label_de="Brieftaube", label_en="Carrier pigeon", kind="messenger", sort=9)
    draft = registers.draft_subprocessors(registers.entry(channel_types=["web_push", "pigeon"]))
    with override("de"):
        form = EntryForm(instance=of(draft, "host"), at=registers.AT)
    assert ("pigeon", "Brieftaube") in form.fields["channel_types"].choices  # type: ignore[attr-defined]
    registers.publish_subprocessors(draft)
    assert "Web-Push, Brieftaube" in client.get("/de/subprocessors/host/").content.decode()
    assert "Web push, Carrier pigeon" in client.get("/en/subprocessors/host/").content.decode()


def test_a_draft_copies_what_the_sample_says() -> None:
    draft = registers.draft_subprocessors(network())
    other = SubprocessorList.objects.create(created_by=registers.editor(), created_at=registers.AT)
    drafting.copy_rows(draft, other)
    assert of(other).service_kind == "content_delivery"
