"""Sets of measures on their way into force: classified, approved by a second person, printed, published."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

import evidence.services
import publishing.services
from notifications.models import Topic
from notifications.services import ask_for_approval, send_example
from publishing import printing
from publishing.models import ChangeKind, State
from toms import coverage, drafting, publication, tasks, weakening
from toms.models import MeasureSet, Weakening
from toms.weakening import Statement

if TYPE_CHECKING:
    from customers.models import User


class Incomplete(Exception):
    """The draft says too little of itself to be approved: both notes and the day are needed."""


@transaction.atomic
def plan(
    *,
    measure_set: MeasureSet,
    change_kind: str,
    effective_date: datetime.date,
    notes: Mapping[str, str],
    weakenings: Sequence[Statement] = (),
    by: User,
    at: datetime.datetime,
) -> MeasureSet:
    """Classify and date a draft, write down why measures are removed or weakened, and ask those who may approve.

    Raises NotADraft, and ReplacementMissing for a statement whose replacement the set does not promise.
    """
    measure_set = publishing.services.opened(measure_set, by)
    measure_set.change_kind, measure_set.effective_date = change_kind, effective_date
    measure_set.change_note_de, measure_set.change_note_en = notes["de"], notes["en"]
    measure_set.save()
    justify(measure_set, weakenings)
    ask_for_approval(
        permission="toms.approve_measureset",
        title=Topic.MEASURES.label,
        view="manage_toms_check",
        row=measure_set.pk,
        notes=notes,
        occasion=f"toms:{measure_set.pk}:{at:%Y%m%d%H%M}",
        by=by,
    )
    return measure_set


def justify(measure_set: MeasureSet, weakenings: Sequence[Statement]) -> None:
    """Write down what is said of removed and weakened measures; raises ReplacementMissing where it is too little."""
    weakening.fit(weakenings, measure_set)
    measure_set.weakenings.all().delete()
    Weakening.objects.bulk_create(Weakening(measure_set=measure_set, **vars(each)) for each in weakenings)
    weakening.require_replacements(MeasureSet.objects.current(), measure_set)


@transaction.atomic
def approve(*, measure_set: MeasureSet, by: User, at: datetime.datetime) -> MeasureSet:
    """Approve a classified draft as the second person and have its PDFs made; a job publishes it when its day has come.

    Raises LettersMissing, ReplacementMissing, Incomplete, and what publishing.services.approve raises.
    """
    measure_set = publishing.services.locked(measure_set)
    require_ready(measure_set)
    today = timezone.localdate(at)
    measure_set = publishing.services.apply_from(version=measure_set, effective_date=max(measure_set.effective_date or today, today))
    approved = publishing.services.approve(version=measure_set, by=by, at=at)
    printing.order(tasks.RENDER, approved)
    return approved


def require_ready(measure_set: MeasureSet) -> None:
    coverage.require_all_letters(measure_set)
    weakening.require_replacements(MeasureSet.objects.current(), measure_set)
    if not (measure_set.effective_date and measure_set.change_note_de and measure_set.change_note_en):
        raise Incomplete


@transaction.atomic
def reopen(*, measure_set: MeasureSet, by: User, at: datetime.datetime) -> MeasureSet:
    """Take the approval back, and with it the planned publication; the PDFs stay but belong to no version any more."""
    number = measure_set.number
    draft = publishing.services.reopen(version=measure_set)
    facts = {"number": number, "withdrawn_by": str(by.pk)}
    evidence.services.record(kind="toms.withdrawn", facts=facts, subject=f"measure-set:{draft.pk}", happened_at=at)
    return draft


@transaction.atomic
def publish(*, measure_set: MeasureSet, by: User, at: datetime.datetime) -> MeasureSet:
    """Publish an approved set now; raises LettersMissing, ReplacementMissing, PdfMissing and what publishing.services.publish raises."""
    return publication.put_into_force(measure_set, by=by, at=at)


@transaction.atomic
def send_test_mail(*, measure_set: MeasureSet, by: User, at: datetime.datetime) -> None:
    """Send the mail that subscribers will get to the person who asks for it."""
    notes = {"de": measure_set.change_note_de, "en": measure_set.change_note_en}
    number = measure_set.number or measure_set.next_number(MeasureSet.objects.current())
    send_example(topic=Topic.MEASURES, view="toms_version", number=number, notes=notes, to=by, at=at)


@transaction.atomic
def load_sample(*, by: User, approved_by: User, at: datetime.datetime) -> MeasureSet:
    """Approve the sample as the first set, unless a set is published or approved; it is published with its PDFs.

    The second person is the one who approves it.
    """
    known = MeasureSet.objects.current() or MeasureSet.objects.filter(state=State.APPROVED).first()
    if known is not None:
        return known
    draft = MeasureSet.objects.create(
        created_by=by,
        created_at=at,
        change_kind=ChangeKind.MATERIAL,
        change_note_de="Erste Fassung (Muster)",
        change_note_en="First version (sample)",
        effective_date=timezone.localdate(at),
    )
    drafting.fill_from(draft, drafting.sample())
    return approve(measure_set=draft, by=approved_by, at=at)
