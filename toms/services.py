"""What the register of measures can do: start a draft, be published, begin with the sample."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

import evidence.services
import jobs.services
import publishing.services
from notifications.models import Topic
from notifications.services import tell_of_publication
from publishing.models import ChangeKind
from toms import coverage, drafting, tasks
from toms.models import MeasureSet

if TYPE_CHECKING:
    from customers.models import User


@transaction.atomic
def start_draft(*, by: User, at: datetime.datetime) -> MeasureSet:
    """Begin a new version with the rows of the current one."""
    current = MeasureSet.objects.current()
    draft = MeasureSet.objects.create(created_by=by, created_at=at)
    if current is not None:
        drafting.copy_rows(current, draft)
    return draft


@transaction.atomic
def publish(*, measure_set: MeasureSet, by: User, at: datetime.datetime, effective_date: datetime.date) -> MeasureSet:
    """Publish an approved set and have its PDFs made; raises LettersMissing where Art. 32(1) GDPR is not answered in full."""
    measure_set = publishing.services.locked(measure_set)
    coverage.require_all_letters(measure_set)
    published = publishing.services.publish(version=measure_set, by=by, at=at, effective_date=effective_date)
    evidence.services.record(
        kind="toms.published",
        facts={
            "number": published.number,
            "sha256": published.sha256,
            "change_kind": published.change_kind,
            "effective_date": effective_date.isoformat(),
        },
        subject=f"measure-set:{published.pk}",
        happened_at=at,
    )
    if published.change_kind == ChangeKind.MATERIAL:
        notes = {"de": published.change_note_de, "en": published.change_note_en}
        tell_of_publication(topic=Topic.MEASURES, view="toms_version", number=published.number, notes=notes, at=at)
    jobs.services.put(kind=tasks.RENDER, key=f"{tasks.RENDER}:{published.pk}", subject=str(published.pk))
    return published


@transaction.atomic
def load_sample(*, by: User, approved_by: User, at: datetime.datetime) -> MeasureSet:
    """Publish the sample as the first set, unless one is published already; the second person is the one who approves it."""
    current = MeasureSet.objects.current()
    if current is not None:
        return current
    draft = MeasureSet.objects.create(
        created_by=by,
        created_at=at,
        change_kind=ChangeKind.MATERIAL,
        change_note_de="Erste Fassung (Muster)",
        change_note_en="First version (sample)",
    )
    drafting.fill_from(draft, drafting.sample())
    approved = publishing.services.approve(version=draft, by=approved_by, at=at)
    return publish(measure_set=approved, by=approved_by, at=at, effective_date=timezone.localdate(at))
