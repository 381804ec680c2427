"""Publishing subprocessors: fit entries, two persons, evidence and a job; the sample that starts it all."""

from __future__ import annotations

import json

import pytest

import publishing.services
from evidence.models import Event
from jobs.models import Job
from subprocessors import services
from subprocessors.models import SubprocessorList
from tests.factories import registers

pytestmark = pytest.mark.django_db


def test_publishing_records_evidence() -> None:
    published = registers.published_subprocessors()
    events = [json.loads(bytes(event.canonical)) for event in Event.objects.all()]
    (event,) = [event for event in events if event["kind"] == "subprocessors.published"]
    assert event["facts"] == {"number": "1", "sha256": published.sha256, "change_kind": "material", "effective_date": "2026-11-23"}


def test_an_entry_with_an_unknown_country_is_not_published_and_named() -> None:
    draft = registers.draft_subprocessors(registers.entry(legal_name="Nowhere Ltd", transfer_basis="scc", processing_locations=["XX"]))
    with pytest.raises(services.EntryUnfit, match=r"Nowhere Ltd: No country has the code XX\."):
        registers.publish_subprocessors(draft)
    assert not SubprocessorList.objects.readable().exists()
    assert not Job.objects.exists()


def test_the_author_may_not_approve_the_own_draft() -> None:
    author = registers.editor()
    with pytest.raises(publishing.services.AuthorMayNotApprove):
        publishing.services.approve(version=registers.draft_subprocessors(by=author), by=author, at=registers.AT)


def test_an_entry_added_after_the_approval_is_not_published() -> None:
    approved = publishing.services.approve(version=registers.draft_subprocessors(), by=registers.editor(), at=registers.AT)
    registers.new_entry(approved, slug="late").save()
    with pytest.raises(publishing.services.ContentChanged):
        registers.put_into_force(approved)


def test_a_new_draft_begins_with_every_entry_of_the_current_list() -> None:
    current = registers.published_subprocessors()
    draft = services.start_draft(by=registers.editor(), at=registers.AT)
    assert draft.content_sha256() == current.sha256
    assert list(draft.entries.values_list("slug", "verification_note_de", "last_verified_at")) == list(
        current.entries.values_list("slug", "verification_note_de", "last_verified_at")
    )


def test_the_sample_is_published_by_two_persons_once() -> None:
    first = registers.sample_subprocessors()
    assert first.created_by != first.approved_by
    assert registers.sample_subprocessors() == first
    assert SubprocessorList.objects.count() == 1


def test_the_sample_never_replaces_what_is_published() -> None:
    own = registers.published_subprocessors()
    assert registers.sample_subprocessors() == own


def test_the_sample_holds_the_five_companies_and_none_is_verified() -> None:
    entries = list(registers.sample_subprocessors().entries.all())
    assert [entry.slug for entry in entries] == ["hetzner", "aws-emea", "cloudflare", "proinity", "mongodb"]
    assert not any(entry.is_verified for entry in entries)
    assert all(entry.verification_note_de and entry.verification_note_en for entry in entries)


def test_the_sample_gives_every_company_outside_the_eea_a_ground() -> None:
    annex = {entry["slug"]: entry for entry in registers.sample_subprocessors().as_annex("en")}
    assert annex["cloudflare"]["transfer_basis"].startswith("EU-US Data Privacy Framework")
    assert annex["cloudflare"]["fallback_basis"].startswith("Standard contractual clauses")
    assert annex["proinity"]["transfer_basis"].startswith("Adequacy decision")
