"""What the register of subprocessors can do: start a draft, be published, begin with the sample."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

import evidence.services
import jobs.services
import publishing.services
from notifications.models import Topic
from notifications.services import ask_for_approval, send_example, tell_of_publication
from publishing.models import ChangeKind, State
from subprocessors import drafting, tasks
from subprocessors.models import SubprocessorList
from subprocessors.services import announcements

if TYPE_CHECKING:
    from customers.models import User


class Incomplete(Exception):
    """The draft says too little of itself to be approved: both notes and the day are needed."""


class EntryUnfit(Exception):
    """An entry cannot be published; names the company and says why."""

    def __init__(self, legal_name: str, reasons: list[str]) -> None:
        self.legal_name, self.reasons = legal_name, reasons
        super().__init__(f"{legal_name}: {' '.join(reasons)}")


@transaction.atomic
def start_draft(*, by: User, at: datetime.datetime) -> SubprocessorList:
    """Begin a new version with the entries of the current one."""
    current = SubprocessorList.objects.current()
    draft = SubprocessorList.objects.create(created_by=by, created_at=at)
    if current is not None:
        drafting.copy_rows(current, draft)
    return draft


@transaction.atomic
def draft_in_work(*, by: User, at: datetime.datetime) -> SubprocessorList:
    """Return the draft that everybody edits; the first who wants one begins it."""
    return SubprocessorList.objects.drafts().first() or start_draft(by=by, at=at)


@transaction.atomic
def plan(
    *,
    subprocessor_list: SubprocessorList,
    change_kind: str,
    effective_date: datetime.date,
    notes: Mapping[str, str],
    by: User,
    at: datetime.datetime,
) -> SubprocessorList:
    """Classify and date a draft and ask those who may approve. Raises publishing.services.NotADraft."""
    draft = publishing.services.locked(subprocessor_list)
    if draft.state != State.DRAFT:
        raise publishing.services.NotADraft
    draft.change_kind, draft.effective_date = change_kind, effective_date
    draft.change_note_de, draft.change_note_en = notes["de"], notes["en"]
    draft.save()
    ask_for_approval(
        permission="subprocessors.approve_subprocessorlist",
        title=Topic.SUBPROCESSORS.label,
        view="manage_subprocessors_check",
        row=draft.pk,
        notes=notes,
        occasion=f"subprocessors:{draft.pk}:{at:%Y%m%d%H%M}",
        by=by,
    )
    return draft


@transaction.atomic
def approve(*, subprocessor_list: SubprocessorList, by: User, at: datetime.datetime) -> SubprocessorList:
    """Approve a classified draft as the second person, and plan to tell customers of what they have to be told of.

    Nobody is told before the quiet window is over. Raises EntryUnfit, Incomplete, announcements.StartsTooEarly, and what
    publishing.services.approve raises.
    """
    draft = publishing.services.locked(subprocessor_list)
    require_fit_entries(draft)
    if not (draft.effective_date and draft.change_note_de and draft.change_note_en):
        raise Incomplete
    approved = publishing.services.approve(version=draft, by=by, at=at)
    assert approved.effective_date is not None
    if announcements.has_to_tell(approved):
        announcements.announce(subprocessor_list=approved, starts_date=approved.effective_date, by=by, at=at)
    return approved


@transaction.atomic
def reopen(*, subprocessor_list: SubprocessorList, by: User, at: datetime.datetime) -> SubprocessorList:
    """Take the approval back, and with it an announcement that nobody was told of yet."""
    draft = publishing.services.reopen(version=subprocessor_list)
    for planned in draft.announcements.filter(state="planned"):
        announcements.withdraw(announcement=planned, reason="", by=by, at=at)
    return draft


@transaction.atomic
def send_test_mail(*, subprocessor_list: SubprocessorList, by: User, at: datetime.datetime) -> None:
    """Send the mail that subscribers will get to the person who asks for it."""
    notes = {"de": subprocessor_list.change_note_de, "en": subprocessor_list.change_note_en}
    number = subprocessor_list.number or subprocessor_list.next_number(SubprocessorList.objects.current())
    send_example(topic=Topic.SUBPROCESSORS, view="subprocessors_version", number=number, notes=notes, to=by, at=at)


@transaction.atomic
def publish(*, subprocessor_list: SubprocessorList, by: User, at: datetime.datetime, effective_date: datetime.date) -> SubprocessorList:
    """Publish an approved list and have its PDFs made; raises EntryUnfit for an entry that no reader could rely on.

    Raises announcements.NotAnnounced and StillBlocked while customers have to be told of a change or can still object to it.
    """
    subprocessor_list = publishing.services.locked(subprocessor_list)
    require_fit_entries(subprocessor_list)
    put_into_force = announcements.require_told(subprocessor_list, timezone.localdate(at))
    removals = announcements.removals_to_tell(subprocessor_list)
    published = publishing.services.publish(version=subprocessor_list, by=by, at=at, effective_date=effective_date)
    evidence.services.record(
        kind="subprocessors.published",
        facts={
            "number": published.number,
            "sha256": published.sha256,
            "change_kind": published.change_kind,
            "effective_date": effective_date.isoformat(),
        },
        subject=f"subprocessor-list:{published.pk}",
        happened_at=at,
    )
    announcements.note_in_force(put_into_force, published, at)
    announcements.tell_of_removals(removals, published, by, at)
    if published.change_kind == ChangeKind.MATERIAL:
        notes = {"de": published.change_note_de, "en": published.change_note_en}
        tell_of_publication(topic=Topic.SUBPROCESSORS, view="subprocessors_version", number=published.number, notes=notes, at=at)
    jobs.services.put(kind=tasks.RENDER, key=f"{tasks.RENDER}:{published.pk}", subject=str(published.pk))
    return published


def require_fit_entries(subprocessor_list: SubprocessorList) -> None:
    for legal_name, reasons in unfit_entries(subprocessor_list):
        raise EntryUnfit(legal_name, reasons)


def unfit_entries(subprocessor_list: SubprocessorList) -> Iterator[tuple[str, list[str]]]:
    """Yield the companies whose entry no reader could rely on, with the reasons."""
    for entry in subprocessor_list.entries.all():
        try:
            entry.full_clean(exclude={"subprocessor_list"}, validate_unique=False)
        except ValidationError as refusal:
            yield entry.legal_name, refusal.messages


@transaction.atomic
def load_sample(*, by: User, approved_by: User, at: datetime.datetime) -> SubprocessorList:
    """Publish the sample as the first list, unless one is published already; the second person is the one who approves it."""
    current = SubprocessorList.objects.current()
    if current is not None:
        return current
    draft = SubprocessorList.objects.create(
        created_by=by,
        created_at=at,
        change_kind=ChangeKind.MATERIAL,
        change_note_de="Erste Fassung (Muster)",
        change_note_en="First version (sample)",
    )
    drafting.fill_from(draft, drafting.sample())
    approved = publishing.services.approve(version=draft, by=approved_by, at=at)
    return publish(subprocessor_list=approved, by=approved_by, at=at, effective_date=timezone.localdate(at))
