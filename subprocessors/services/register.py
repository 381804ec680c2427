"""What the register of subprocessors can do: start a draft, be published, begin with the sample."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

import evidence.services
import publishing.services
from notifications.models import Topic
from notifications.services import ask_for_approval, send_example
from publishing import printing
from publishing.models import ChangeKind, State
from subprocessors import announcing, drafting, publication
from subprocessors.documents import RENDER
from subprocessors.models import SubprocessorList
from subprocessors.services import announcements

if TYPE_CHECKING:
    from customers.models import User


class Incomplete(Exception):
    """The draft says too little of itself to be approved: both notes and the day are needed."""


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
    draft = publishing.services.opened(subprocessor_list, by)
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
    """Approve a classified draft as the second person, have its PDFs made, and plan to tell customers of what they have to be told of.

    A job publishes it when its day has come and nothing stands against it. Nobody is told before the quiet window is over.
    Raises EntryUnfit, Incomplete, announcements.StartsTooEarly, and what publishing.services.approve raises.
    """
    draft = publishing.services.locked(subprocessor_list)
    publication.require_fit_entries(draft)
    if not (draft.effective_date and draft.change_note_de and draft.change_note_en):
        raise Incomplete
    day = max(draft.effective_date, timezone.localdate(at))
    draft = publishing.services.apply_from(version=draft, effective_date=day)
    approved = publishing.services.approve(version=draft, by=by, at=at)
    printing.order(RENDER, approved)
    if announcing.has_to_tell(approved):
        announcements.announce(subprocessor_list=approved, starts_date=day, by=by, at=at)
    return approved


@transaction.atomic
def reopen(*, subprocessor_list: SubprocessorList, by: User, at: datetime.datetime) -> SubprocessorList:
    """Take the approval back, and with it the planned publication and an announcement that nobody was told of yet."""
    number = subprocessor_list.number
    draft = publishing.services.reopen(version=subprocessor_list)
    facts = {"number": number, "withdrawn_by": str(by.pk)}
    evidence.services.record(kind="subprocessors.withdrawn", facts=facts, subject=f"subprocessor-list:{draft.pk}", happened_at=at)
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
def publish(*, subprocessor_list: SubprocessorList, by: User, at: datetime.datetime) -> SubprocessorList:
    """Publish an approved list now; raises EntryUnfit, NotAnnounced, StillBlocked and what publishing.services.publish raises."""
    return publication.put_into_force(subprocessor_list, by=by, at=at)


@transaction.atomic
def begin_now(*, subprocessor_list: SubprocessorList, by: User, at: datetime.datetime) -> SubprocessorList:
    """Have an approved list apply from today: at once where its PDFs say so already, else as soon as they are made anew.

    Raises publishing.services.NotApproved, EntryUnfit, NotAnnounced and StillBlocked.
    """
    approved, today = publishing.services.locked(subprocessor_list), timezone.localdate(at)
    if approved.state != State.APPROVED:
        raise publishing.services.NotApproved
    publication.require_free(approved, today)
    dated = publication.begin_on(approved, today)
    return publication.put_into_force(dated, by=by, at=at) if dated.has_documents() else dated


@transaction.atomic
def load_sample(*, by: User, approved_by: User, at: datetime.datetime) -> SubprocessorList:
    """Approve the sample as the first list, unless a list is published or approved; it is published with its PDFs.

    The second person is the one who approves it.
    """
    known = SubprocessorList.objects.current() or SubprocessorList.objects.filter(state=State.APPROVED).first()
    if known is not None:
        return known
    draft = SubprocessorList.objects.create(
        created_by=by,
        created_at=at,
        change_kind=ChangeKind.MATERIAL,
        change_note_de="Erste Fassung (Muster)",
        change_note_en="First version (sample)",
        effective_date=timezone.localdate(at),
    )
    drafting.fill_from(draft, drafting.sample())
    return approve(subprocessor_list=draft, by=approved_by, at=at)
