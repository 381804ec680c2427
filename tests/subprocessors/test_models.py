"""Lists of subprocessors: which entries the law allows, what they show, and that a published list never changes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils.translation import override

from subprocessors import services
from subprocessors.countries import NAMES, country_name
from subprocessors.models import Subprocessor, SubprocessorList
from subprocessors.transfers import LABELS
from tests.factories import registers

pytestmark = pytest.mark.django_db
OUTSIDE = "subprocessors_entry_outside_eea_has_a_basis"


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Refusals are read in English here, whichever page a test before this one asked for."""
    with override("en"):
        yield


def refused(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError:
        return True
    return False


@pytest.mark.parametrize(
    "fields", [{"seat_country": "US"}, {"processing_locations": ["DE", "US"]}, {"remote_access_countries": ["IN"]}, {"seat_country": "CH"}]
)
def test_a_place_outside_the_eea_without_a_basis_is_refused(fields: dict[str, Any]) -> None:
    row = registers.new_entry(registers.draft_subprocessors(), slug="outside", **fields)
    with pytest.raises(ValidationError, match="needs a basis of the transfer"):
        row.full_clean()
    with pytest.raises(IntegrityError, match=OUTSIDE):
        row.save()


@pytest.mark.parametrize("country", ["DE", "IS", "LI", "NO", "IE"])
def test_places_in_the_eea_need_no_basis(country: str) -> None:
    row = registers.new_entry(registers.draft_subprocessors(), slug="inside", seat_country=country, processing_locations=[country])
    row.full_clean()
    row.save()


@pytest.mark.parametrize("fallback", [None, "none_eea", "dpf", "adequacy"])
def test_the_data_privacy_framework_without_a_fallback_that_holds_is_refused(fallback: str | None) -> None:
    draft = registers.draft_subprocessors()
    row = registers.drafted(draft, registers.american("other", fallback_basis=fallback))
    with pytest.raises(ValidationError, match="needs a fallback basis"):
        row.full_clean()
    with pytest.raises(IntegrityError, match="subprocessors_entry_dpf_has_a_fallback"):
        row.save()


def test_a_verified_entry_names_its_countries_and_an_unverified_one_may_leave_them_open() -> None:
    draft = registers.draft_subprocessors()
    open_entry = registers.new_entry(draft, slug="open", processing_locations=[], last_verified=None)
    open_entry.save()
    assert open_entry.as_annex("en")["processing_locations"] == "not yet confirmed"
    assert open_entry.as_annex("de")["processing_locations"] == "noch nicht bestätigt"
    with pytest.raises(IntegrityError, match="subprocessors_entry_verified_with_locations"):
        registers.new_entry(draft, slug="verified", processing_locations=[]).save()


def test_a_verified_entry_under_the_framework_says_when_the_listing_was_checked() -> None:
    row = registers.drafted(registers.draft_subprocessors(), registers.american("other", checked_at=None))
    with pytest.raises(IntegrityError, match="subprocessors_entry_verified_dpf_was_checked"):
        row.save()


@pytest.mark.parametrize("field", ["seat_country", "processing_locations", "remote_access_countries"])
def test_a_code_that_names_no_country_is_refused_with_its_name(field: str) -> None:
    value = "XX" if field == "seat_country" else ["DE", "XX"]
    row = registers.new_entry(registers.draft_subprocessors(), slug="nowhere", transfer_basis="scc", **{field: value})
    with pytest.raises(ValidationError) as refusal:
        row.full_clean()
    assert refusal.value.message_dict[field] == ["No country has the code XX."]


@pytest.mark.parametrize("slug", ["versions", "v", "subscribe", "subscriptions", "compare"])
def test_a_company_cannot_take_an_address_of_the_portal(slug: str) -> None:
    with pytest.raises(IntegrityError, match="subprocessors_entry_slug_is_free"):
        registers.new_entry(registers.draft_subprocessors(), slug=slug).save()


def test_two_entries_of_a_list_cannot_share_a_slug() -> None:
    draft = registers.draft_subprocessors(registers.entry())
    with pytest.raises(IntegrityError, match="subprocessors_entry_slug_once"):
        registers.new_entry(draft, slug="host").save()


def test_the_annex_names_countries_and_grounds_in_its_language() -> None:
    draft = registers.draft_subprocessors(
        registers.american(transfer_detail={"de": "Beschluss (EU) 2023/1795", "en": "Decision (EU) 2023/1795"})
    )
    (german,), (english,) = draft.as_annex("de"), draft.as_annex("en")
    assert (german["seat_country"], english["seat_country"]) == ("Vereinigte Staaten", "United States")
    assert (german["processing_locations"], english["processing_locations"]) == (
        "Vereinigte Staaten, Deutschland",
        "United States, Germany",
    )
    assert german["transfer_basis"] == "EU-US Data Privacy Framework (Art.\xa045\xa0DSGVO)"
    assert german["fallback_basis"].startswith("Standardvertragsklauseln")
    assert (german["data_categories"], english["data_categories"]) == ("Kennungen; IP-Adressen", "Identifiers; IP addresses")
    assert english["transfer_detail"] == "Decision (EU) 2023/1795"


@pytest.mark.parametrize(
    ("address", "country", "lines"),
    [
        ("Beispielweg 1, 20095 Hamburg, Germany", "DE", ["Beispielweg 1", "20095 Hamburg"]),
        ("Beispielweg 1\n20095 Hamburg\nDeutschland", "DE", ["Beispielweg 1", "20095 Hamburg"]),
        ("1 Example St, San Francisco, USA", "US", ["1 Example St", "San Francisco"]),
        ("5 Rue Exemple, L-2338 Luxembourg", "LU", ["5 Rue Exemple", "L-2338 Luxembourg"]),
        ("Germany", "DE", ["Germany"]),
    ],
)
def test_the_country_stands_once_in_an_address(address: str, country: str, lines: list[str]) -> None:
    assert Subprocessor(address=address, seat_country=country).address_lines == lines


def test_independent_recipients_are_not_in_the_annex() -> None:
    draft = registers.draft_subprocessors(registers.entry(), registers.american("push-service", kind="independent"))
    assert [entry["slug"] for entry in draft.as_annex("en")] == ["host"]
    assert [entry["slug"] for entry in draft.independent_recipients("en")] == ["push-service"]


def test_the_hash_is_that_of_the_public_json_and_leaves_internal_notes_out() -> None:
    published = registers.published_subprocessors()
    assert published.sha256 == hashlib.sha256(published.content_json()).hexdigest()
    draft = registers.draft_subprocessors()
    before = draft.content_sha256()
    draft.entries.update(verification_note_de="Anschrift fraglich")
    assert draft.content_sha256() == before
    draft.entries.update(contact="other@example.com")
    assert draft.content_sha256() != before


def test_the_annex_of_an_old_list_stays_as_it_was_after_a_later_publication() -> None:
    old = registers.published_subprocessors()
    annexes = {language: old.as_annex(language) for language in ("de", "en")}
    draft = services.start_draft(by=registers.editor(), at=registers.AT)
    draft.entries.filter(slug="host").delete()
    draft.entries.update(purpose_de="Anders", purpose_en="Different")
    new = registers.publish_subprocessors(draft)
    old.refresh_from_db()
    assert (old.state, new.number) == ("superseded", "2")
    assert {language: old.as_annex(language) for language in ("de", "en")} == annexes
    assert old.content_sha256() == old.sha256 != new.sha256


@pytest.mark.parametrize(
    "change",
    [
        lambda published: SubprocessorList.objects.filter(pk=published.pk).update(change_note_de="Anders"),
        lambda published: SubprocessorList.objects.filter(pk=published.pk).update(state="approved"),
        lambda published: SubprocessorList.objects.filter(pk=published.pk)._raw_delete("default"),
        lambda published: published.entries.update(legal_name="Anders GmbH"),
        lambda published: published.entries.update(verification_note_de="Anders"),
        lambda published: published.entries.all().delete(),
        lambda published: registers.new_entry(published, slug="late").save(),
    ],
)
def test_a_published_list_refuses_every_change_through_the_models(change: Any) -> None:
    published = registers.published_subprocessors()
    with pytest.raises(DatabaseError, match="is refused"), transaction.atomic():
        change(published)
    published.refresh_from_db()
    assert published.content_sha256() == published.sha256


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE subprocessors_subprocessorlist SET number = '9'",
        "UPDATE subprocessors_subprocessorlist SET state = 'superseded'",
        "DELETE FROM subprocessors_subprocessorlist",
        "TRUNCATE subprocessors_subprocessorlist CASCADE",
        "UPDATE subprocessors_subprocessor SET seat_country = 'AT'",
        "DELETE FROM subprocessors_subprocessor",
        "TRUNCATE subprocessors_subprocessor",
        "SET session_replication_role = replica; DELETE FROM subprocessors_subprocessor",
    ],
)
def test_a_published_list_refuses_every_change_in_sql(statement: str) -> None:
    published = registers.published_subprocessors()
    assert refused(statement)
    published.refresh_from_db()
    assert published.content_sha256() == published.sha256


def test_an_entry_of_a_draft_cannot_move_into_a_published_list() -> None:
    published = registers.published_subprocessors()
    draft = registers.draft_subprocessors(registers.entry("late"))
    with pytest.raises(DatabaseError, match="is refused"):
        draft.entries.update(subprocessor_list=published)


def test_every_country_and_ground_has_a_name_in_both_languages() -> None:
    assert len(NAMES) == 249
    assert all(german and english for german, english in [*NAMES.values(), *LABELS.values()])
    assert set(LABELS) == set(Subprocessor.TransferBasis.values)
    assert country_name("ZZ", "de") == "ZZ"
