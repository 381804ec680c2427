"""Put an approved set into force: with its PDFs, its evidence and its news, at once or on the day that it is planned for."""

from __future__ import annotations

import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

import evidence.services
import publishing.services
from notifications.models import Topic
from notifications.services import tell_of_publication
from publishing.models import ChangeKind
from toms import coverage, weakening
from toms.models import MeasureSet


@transaction.atomic
def put_into_force(measure_set: MeasureSet, *, by: AbstractBaseUser, at: datetime.datetime) -> MeasureSet:
    """Publish the approved set from the day that its PDFs name.

    Raises LettersMissing where Art. 32(1) GDPR is not answered in full, ReplacementMissing, and publishing.services.PdfMissing.
    """
    measure_set = publishing.services.locked(measure_set)
    coverage.require_all_letters(measure_set)
    weakening.require_replacements(MeasureSet.objects.current(), measure_set)
    day = measure_set.effective_date or timezone.localdate(at)
    published = publishing.services.publish(version=measure_set, by=by, at=at, effective_date=day)
    evidence.services.record(
        kind="toms.published",
        facts={
            "number": published.number,
            "sha256": published.sha256,
            "change_kind": published.change_kind,
            "effective_date": day.isoformat(),
        },
        subject=f"measure-set:{published.pk}",
        happened_at=at,
    )
    if published.change_kind == ChangeKind.MATERIAL:
        notes = {"de": published.change_note_de, "en": published.change_note_en}
        tell_of_publication(topic=Topic.MEASURES, view="toms_version", number=published.number, notes=notes, at=at)
    return published


@transaction.atomic
def put_into_force_if_due(at: datetime.datetime) -> MeasureSet | None:
    """Publish the approved set, in the name of who approved it, once its PDFs are made and its day has come; else do nothing."""
    approved = publishing.services.due(MeasureSet, at)
    if approved is None:
        return None
    assert approved.approved_by is not None  # held by a constraint
    return put_into_force(approved, by=approved.approved_by, at=at)
