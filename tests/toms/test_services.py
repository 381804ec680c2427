"""Publishing measures: two persons, every letter of Art. 32(1) GDPR, evidence and a job; the sample that starts it all."""

from __future__ import annotations

import json

import pytest

import publishing.services
from evidence.models import Event
from jobs.models import Job
from tests.factories import registers
from toms import coverage, services
from toms.models import Measure, MeasureSet

pytestmark = pytest.mark.django_db


def test_publishing_records_evidence_and_has_the_pdfs_made() -> None:
    published = registers.published_measures()
    events = [json.loads(bytes(event.canonical)) for event in Event.objects.all()]
    (event,) = [event for event in events if event["kind"] == "toms.published"]
    assert event["facts"] == {
        "number": "1",
        "sha256": published.sha256,
        "change_kind": "material",
        "effective_date": "2026-11-23",
    }
    job = Job.objects.get(kind="toms.render")
    assert (job.subject, job.state) == (str(published.pk), "waiting")


@pytest.mark.parametrize("letter", "abcd")
def test_publishing_is_refused_and_names_the_letter_that_no_measure_answers(letter: str) -> None:
    draft = registers.draft_measures()
    draft.measures.filter(key=f"{letter.upper()}-01").update(status="planned")
    with pytest.raises(coverage.LettersMissing) as refusal:
        registers.publish_measures(draft)
    assert refusal.value.letters == [letter]
    assert not MeasureSet.objects.readable().exists()
    assert not Job.objects.exists()


def test_missing_letters_are_named_in_order() -> None:
    draft = registers.draft_measures(registers.measures_content(registers.control(letter="c")))
    assert coverage.missing_letters(draft) == ["a", "b", "d"]
    assert coverage.missing_letters(registers.draft_measures()) == []


def test_the_author_may_not_approve_the_own_draft() -> None:
    author = registers.editor()
    with pytest.raises(publishing.services.AuthorMayNotApprove):
        publishing.services.approve(version=registers.draft_measures(by=author), by=author, at=registers.AT)


def test_content_changed_after_the_approval_is_not_published() -> None:
    approved = registers.approve_measures(registers.draft_measures())
    approved.measures.update(text_de="Untergeschoben")
    with pytest.raises(publishing.services.ContentChanged):
        services.publish(measure_set=approved, by=registers.editor(), at=registers.AT)


def test_a_new_draft_begins_with_every_row_of_the_current_set() -> None:
    first = registers.draft_measures()
    first.measures.filter(key="A-01").update(internal_detail="Rack 7", owner="Operations")
    Measure.objects.create(
        measure_set=first, control=first.controls.get(code="B"), key="B-02", text_de="Geplant", text_en="Planned", status="planned"
    )
    current = registers.publish_measures(first)
    draft = services.start_draft(by=registers.editor(), at=registers.AT)
    assert draft.content_sha256() == current.sha256
    fields = ("key", "text_de", "status", "internal_detail", "owner", "control__code", "control__category__key")
    assert list(draft.measures.values_list(*fields)) == list(current.measures.values_list(*fields))
    assert draft.measures.get(key="A-01").internal_detail == "Rack 7"
    assert not {row.pk for row in draft.measures.all()} & {row.pk for row in current.measures.all()}


def test_the_first_draft_is_empty() -> None:
    assert services.start_draft(by=registers.editor(), at=registers.AT).as_annex("de") == []


def test_the_sample_is_published_by_two_persons_and_says_that_it_is_not_verified() -> None:
    published = registers.sample_measures()
    assert published.state == "published"
    assert published.created_by != published.approved_by
    assert published.effective_date == registers.DAY
    controls = [control for category in published.as_annex("de") for control in category["controls"]]
    assert not any(control["is_verified"] for control in controls)


def test_the_sample_is_loaded_once() -> None:
    first = registers.sample_measures()
    assert registers.sample_measures() == first
    assert MeasureSet.objects.count() == 1


def test_the_sample_never_replaces_what_is_published() -> None:
    own = registers.published_measures()
    assert registers.sample_measures() == own


def test_the_sample_answers_every_letter_and_tells_the_three_access_controls_apart() -> None:
    published = registers.sample_measures()
    assert coverage.missing_letters(published) == []
    labels = {
        control["code"]: (german["label"], control["label"])
        for category, other in zip(published.as_annex("en"), published.as_annex("de"), strict=True)
        for control, german in zip(category["controls"], other["controls"], strict=True)
    }
    assert labels["PHYS"] == ("Zutrittskontrolle", "Physical access control")
    assert labels["SYS"] == ("Zugangskontrolle", "System access control")
    assert labels["DATA"] == ("Zugriffskontrolle", "Data access control")


def test_the_sample_names_measures_of_subprocessors_apart() -> None:
    controls = [control for category in registers.sample_measures().as_annex("en") for control in category["controls"]]
    assert {control["code"] for control in controls if control["subprocessor_measures"]} >= {"PHYS", "AVAIL"}
