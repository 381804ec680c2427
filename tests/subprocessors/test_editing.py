"""The desk of the register: the draft beside the published list, entries, files in and out, older versions, fallbacks."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

import publishing.services
from customers.models import User
from subprocessors import exchange, services
from subprocessors.forms import CSV_COLUMNS
from subprocessors.models import Subprocessor, SubprocessorList
from tests.factories import agreement, customers, registers

pytestmark = pytest.mark.django_db
DESK = "/en/manage/subprocessors/"
ENTRY = {
    "kind": "subprocessor",
    "legal_name": "Nordwolke GmbH",
    "register_number": "HRB 1, AG Hamburg",
    "address": "Kaistraße 5, 20457 Hamburg",
    "seat_country": "Deutschland",
    "contact": "datenschutz@nordwolke.example",
    "service_kind": "other",
    "purpose_de": "Versand der Nachrichten",
    "purpose_en": "Sending of messages",
    "delimitation_de": "",
    "delimitation_en": "",
    "data_categories_de": "Kennungen\nIP-Adressen",
    "data_categories_en": "Identifiers\nIP addresses",
    "channel_types": ["web_push"],
    "processing_locations": "Germany, IE",
    "remote_access_countries": "",
    "transfer_basis": "none_eea",
    "contract_date": "2026-10-01",
    "contract_reference": "6.3",
    "is_verified": "on",
}


@pytest.fixture
def editor() -> User:
    return customers.staff("editor")


@pytest.fixture
def desk(client: Client, editor: User) -> Client:
    customers.log_in(client, editor, mfa=True)
    return client


def draft() -> SubprocessorList:
    found = SubprocessorList.objects.drafts().first()
    assert found is not None
    return found


def names(subprocessor_list: SubprocessorList) -> list[str]:
    return [entry.slug for entry in subprocessor_list.entries.all()]


def test_an_entry_is_added_to_a_draft_and_readers_see_nothing_of_it(desk: Client) -> None:
    registers.published_subprocessors()
    assert desk.post(f"{DESK}entries/new/", ENTRY).status_code == 302
    added = draft().entries.get(slug="nordwolke-gmbh")
    assert (added.seat_country, added.processing_locations) == ("DE", ["DE", "IE"])
    assert added.data_categories_de == ["Kennungen", "IP-Adressen"]
    assert added.contract("de") == "1. Oktober 2026, 6.3"
    assert names(draft()) == ["host", "network", "nordwolke-gmbh"]
    assert "Nordwolke" not in Client().get("/en/subprocessors/").content.decode()
    page = desk.get(DESK).content.decode()
    assert "Draft: 1 change against version 1" in page
    assert "Nordwolke GmbH" in page


@pytest.mark.parametrize(
    ("fields", "where", "words"),
    [
        ({"seat_country": "US"}, "transfer_basis", "outside the EEA"),
        ({"processing_locations": "Germany, USA"}, "transfer_basis", "United States"),
        ({"remote_access_countries": "Indien"}, "transfer_basis", "India"),
        ({"transfer_basis": "dpf", "seat_country": "US"}, "fallback_basis", "Data Privacy Framework falls"),
        ({"transfer_basis": "dpf", "seat_country": "US", "fallback_basis": "scc"}, "checked_at", "was checked"),
        ({"seat_country": "Atlantis"}, "seat_country", "No country is called Atlantis"),
        ({"seat_country": "DE, FR"}, "seat_country", "one country alone"),
        ({"legal_name": ""}, "legal_name", "Enter the legal name"),
    ],
)
def test_an_entry_that_nobody_could_rely_on_is_refused_where_it_is_mended(
    desk: Client, fields: dict[str, str], where: str, words: str
) -> None:
    response = desk.post(f"{DESK}entries/new/", ENTRY | fields)
    assert response.status_code == 422
    assert words in str(response.context["form"].errors[where])
    assert not Subprocessor.objects.exists()


def test_a_missing_translation_is_a_tag_in_the_draft_and_stops_the_publication(desk: Client) -> None:
    desk.post(f"{DESK}entries/new/", ENTRY | {"purpose_en": ""})
    assert "translation missing" in desk.get(DESK).content.decode()
    with pytest.raises(services.EntryUnfit):
        registers.publish_subprocessors(draft())


def test_whoever_changed_an_entry_does_not_approve_the_list(desk: Client, editor: User) -> None:
    registers.published_subprocessors()
    services.start_draft(by=registers.editor(), at=registers.AT)
    desk.post(f"{DESK}entries/new/", ENTRY)
    with pytest.raises(publishing.services.AuthorMayNotApprove):
        publishing.services.approve(version=draft(), by=editor, at=registers.AT)


def test_an_approved_list_refuses_every_edit(desk: Client, editor: User) -> None:
    approved = publishing.services.approve(version=registers.draft_subprocessors(), by=registers.editor(), at=registers.AT)
    entry = approved.entries.all()[0]
    with pytest.raises(publishing.services.NotADraft):
        services.save_entry(entry=entry, by=editor)
    with pytest.raises(publishing.services.NotADraft):
        services.remove_entry(entry=entry, by=editor)
    assert "can be changed after it is opened again" in desk.get(f"{DESK}entries/{entry.pk}/").content.decode()
    desk.post(f"{DESK}entries/{entry.pk}/move/", {"to": "down"})
    assert names(approved) == ["host", "network"]


def test_entries_change_places_by_buttons_and_stay_at_the_ends(desk: Client) -> None:
    made = registers.draft_subprocessors(registers.entry("a"), registers.entry("b"), registers.entry("c"))
    by_name = {entry.slug: entry.pk for entry in made.entries.all()}
    desk.post(f"{DESK}entries/{by_name['c']}/move/", {"to": "up"})
    assert names(made) == ["a", "c", "b"]
    desk.post(f"{DESK}entries/{by_name['a']}/move/", {"to": "up"})
    desk.post(f"{DESK}entries/{by_name['a']}/move/", {"to": "down"})
    assert names(made) == ["c", "a", "b"]


def test_before_an_entry_goes_the_page_says_where_it_is_still_named(desk: Client) -> None:
    customers.provider()
    agreement.published()
    pinned = SubprocessorList.objects.current()
    assert pinned is not None
    desk.post(f"{DESK}draft/")
    entry = draft().entries.all()[0]
    page = desk.get(f"{DESK}entries/{entry.pk}/remove/")
    assert page.context["places"], "the agreement in force pins the list"
    assert desk.post(f"{DESK}entries/{entry.pk}/remove/").status_code == 302
    assert entry.slug not in names(draft())
    assert entry.slug in names(pinned)


def test_an_old_version_is_restored_as_a_draft_in_two_clicks(desk: Client) -> None:
    registers.published_subprocessors(registers.entry("first"))
    registers.publish_subprocessors(registers.draft_subprocessors(registers.entry("second")))
    assert desk.get(DESK).status_code == 200
    old = SubprocessorList.objects.get(number="1")
    assert desk.get(f"{DESK}versions/{old.pk}/restore/").status_code == 200
    assert desk.post(f"{DESK}versions/{old.pk}/restore/").status_code == 302
    assert names(draft()) == ["first"]
    current = SubprocessorList.objects.current()
    assert current is not None
    assert names(current) == ["second"]


# --- files ------------------------------------------------------------------------------------------------------------


def read_in(desk: Client, content: bytes, **fields: str) -> Any:
    return desk.post(f"{DESK}import/", {"file": SimpleUploadedFile("list.csv", content), **fields})


def test_what_was_exported_comes_back_unchanged(desk: Client) -> None:
    made = registers.draft_subprocessors(registers.entry(legal_name="=1+1", contact="-x;+y"), registers.american(contact="'quoted"))
    before = made.content()
    content = desk.get(f"{DESK}export.csv").content
    assert read_in(desk, content, replaces="on").status_code == 302
    assert draft().content() == before


def test_a_file_from_a_german_spreadsheet_is_read_as_well(desk: Client) -> None:
    registers.draft_subprocessors(registers.entry())
    rows = list(csv.reader(io.StringIO(desk.get(f"{DESK}export.csv").content.decode("utf-8-sig"))))
    changed = io.StringIO()
    csv.writer(changed, delimiter=";").writerows([rows[0], [cell.replace("Host GmbH", "Wirt AG") for cell in rows[1]]])
    assert read_in(desk, changed.getvalue().encode()).status_code == 302
    assert draft().entries.get(slug="host").legal_name == "Wirt AG"


def test_one_wrong_row_keeps_all_rows_out_and_each_error_names_its_line(desk: Client) -> None:
    made = registers.draft_subprocessors(registers.entry())
    before = made.content()
    good, bad = registers.drafted(made, registers.entry("new")), registers.drafted(made, registers.entry("bad", seat_country="XX"))
    worse = registers.drafted(made, registers.entry("worse", transfer_basis="magic", legal_name=""))
    response = read_in(desk, exchange.export([good, bad, worse], CSV_COLUMNS))
    assert response.status_code == 422
    errors = [str(error) for error in response.context["form"].errors["file"]]
    assert any(error.startswith("Line 3, seat_country") for error in errors)
    assert {error.split(":")[0] for error in errors if error.startswith("Line 4")} == {"Line 4, legal_name", "Line 4, transfer_basis"}
    assert made.content() == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe\x00", "not in UTF-8"),
        (b"a,b\n1,2\n", "columns do not fit"),
        (",".join(CSV_COLUMNS).encode() + b"\n", "holds no rows"),
    ],
)
def test_a_file_that_is_no_register_is_refused_in_words(desk: Client, content: bytes, words: str) -> None:
    response = read_in(desk, content)
    assert response.status_code == 422
    assert words in str(response.context["form"].errors["file"])
    assert not SubprocessorList.objects.exists()


# --- fallbacks --------------------------------------------------------------------------------------------------------


def test_one_switch_rests_every_entry_on_its_fallback_and_drafts_the_notices(desk: Client) -> None:
    registers.published_subprocessors(registers.entry(), registers.american("one"), registers.american("two"))
    page = desk.get(f"{DESK}fallback/?basis=dpf")
    assert [each["entry"].slug for each in page.context["entries"]] == ["one", "two"]
    assert desk.post(f"{DESK}fallback/", {"basis": "dpf"}).status_code == 302
    made = draft()
    assert list(made.entries.values_list("slug", "transfer_basis", "fallback_basis")) == [
        ("host", "none_eea", ""),
        ("one", "scc", ""),
        ("two", "scc", ""),
    ]
    assert set(made.entries.exclude(slug="host").values_list("transfer_detail_de", "transfer_detail_en")) == {("", "")}
    assert "One GmbH, Two GmbH" in made.change_note_de
    assert "One GmbH, Two GmbH" in made.change_note_en
    from subprocessors import changes

    due = changes.untold(changes.differences(SubprocessorList.objects.current(), made))
    assert [(change.kind, change.slug) for change in due] == [("transfer", "one"), ("transfer", "two")]


# --- who may ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "entries/new/", "import/", "export.csv", "fallback/"])
def test_customers_and_visitors_see_nothing_of_the_desk(client: Client, path: str) -> None:
    assert client.get(f"{DESK}{path}").status_code == 302
    customers.log_in(client, customers.owner(customers.customer()))
    assert client.get(f"{DESK}{path}").status_code in (302, 403)


def test_the_approver_reads_the_draft_and_changes_nothing(client: Client) -> None:
    made = registers.draft_subprocessors()
    customers.log_in(client, customers.staff("approver"), mfa=True)
    assert client.get(DESK).status_code == 200
    entry = made.entries.all()[0]
    for path in ("draft/", "entries/new/", f"entries/{entry.pk}/", f"entries/{entry.pk}/move/", f"entries/{entry.pk}/remove/", "import/"):
        assert client.post(f"{DESK}{path}", ENTRY).status_code == 403
    assert client.post(f"{DESK}fallback/", {"basis": "dpf"}).status_code == 403


@pytest.mark.parametrize("count", [1, 30])
def test_the_desk_takes_the_same_number_of_queries_at_any_length(desk: Client, django_assert_num_queries: Any, count: int) -> None:
    registers.published_subprocessors(*[registers.entry(f"host-{number}") for number in range(count)])
    services.start_draft(by=registers.editor(), at=registers.AT)
    desk.get(DESK)
    with django_assert_num_queries(QUERIES):
        desk.get(DESK)


QUERIES = 12
