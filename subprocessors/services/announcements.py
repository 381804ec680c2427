"""Announce changes, withdraw and activate them, decide against an obstacle (Art. 28(2) GDPR)."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.db import transaction
from django.utils import timezone

import evidence.services
import jobs.services
import publishing.services
from customers.models import Customer, User
from publishing.models import State
from publishing.references import new_reference
from subprocessors import changes, publication, telling
from subprocessors.announcing import add_changes, fill, put_job, record
from subprocessors.models import AnnouncedChange, Announcement, Notice, Override, SubprocessorList


class NothingToAnnounce(Exception):
    """The list holds no change that customers have not been told of."""


class NotApprovedYet(Exception):
    """Only a list that a second person approved is announced."""


class StartsTooEarly(Exception):
    """The planned start lies within the period of at least one customer; ``earliest`` is the first day that does not."""

    def __init__(self, earliest: datetime.date) -> None:
        self.earliest = earliest
        super().__init__(earliest.isoformat())


class NoUrgentClause(Exception):
    """No customer's agreement lets the notice period be shortened."""


class NotWithdrawable(Exception):
    """What is in force or withdrawn already cannot be withdrawn."""


class ReasonMissing(Exception):
    """A decision against an obstacle says why."""


@transaction.atomic
def announce(
    *,
    subprocessor_list: SubprocessorList,
    starts_date: datetime.date,
    by: User,
    at: datetime.datetime,
    details: Mapping[str, Mapping[str, str]] | None = None,
    urgency: Mapping[str, str] | None = None,
) -> Announcement | None:
    """Plan to tell all customers of what the approved list changes; told when the quiet window is over.

    Called again within the window it replaces the plan by the differences as they then are: what was added and removed again
    is told to nobody, and None is returned. ``details`` holds features and retention by slug; ``urgency`` the reasons in both
    languages. Raises NotApprovedYet, NothingToAnnounce, StartsTooEarly or NoUrgentClause; then nothing was written.
    """
    if publishing.services.locked(subprocessor_list).state != State.APPROVED:
        raise NotApprovedYet
    found = changes.untold(changes.differences(SubprocessorList.objects.current(), subprocessor_list))
    planned = Announcement.objects.quiet().select_for_update(of=("self",)).first()
    if not found:
        if planned is None:
            raise NothingToAnnounce
        cancel_out(planned, at)
        return None
    demand_time(starts_date, found, at, is_urgent=urgency is not None)
    publication.begin_on(subprocessor_list, starts_date)
    announcement = planned or Announcement(reference=new_reference("UA", at.year))
    fill(announcement, subprocessor_list, starts_date, urgency, by, at)
    announcement.changes.all().delete()
    add_changes(announcement, found, details or {})
    put_job(announcement, at)
    facts = {"starts_date": starts_date.isoformat(), "changes": [f"{change.kind}:{change.slug}" for change in found]}
    record("subprocessors.announced", announcement, at, facts | {"is_urgent": announcement.is_urgent, "by": str(by.reference)})
    return announcement


def demand_time(starts_date: datetime.date, found: Sequence[changes.Change], at: datetime.datetime, *, is_urgent: bool) -> None:
    """Refuse a start within anybody's period; the period begins on the day on which the quiet window ends."""
    if all(change.kind == AnnouncedChange.Kind.REMOVAL for change in found):
        return
    if is_urgent and not any(urgent is not None for _notice, _objection, urgent in telling.terms_in_use()):
        raise NoUrgentClause
    told = timezone.localdate(at + settings.QUIET_WINDOW)
    earliest = telling.earliest_start(told=told, is_urgent=is_urgent)
    if starts_date < earliest:
        raise StartsTooEarly(earliest)


def cancel_out(planned: Announcement, at: datetime.datetime) -> None:
    """End a plan that came to nothing within its quiet window; nobody was told, so nobody is told of the end."""
    planned.state, planned.withdrawn_at = Announcement.State.WITHDRAWN, at
    planned.save(update_fields=["state", "withdrawn_at"])
    record("subprocessors.announcement_cancelled_out", planned, at, {})


@transaction.atomic
def withdraw(*, announcement: Announcement, reason: str, by: User, at: datetime.datetime) -> Announcement:
    """Withdraw a plan silently, or a notice by telling everybody who was told. Raises NotWithdrawable, ReasonMissing."""
    announcement = locked(announcement)
    if announcement.state not in (Announcement.State.PLANNED, Announcement.State.NOTICE):
        raise NotWithdrawable
    if announcement.told_at is not None and not reason.strip():
        raise ReasonMissing
    announcement.state, announcement.withdrawn_at, announcement.withdrawal_reason = Announcement.State.WITHDRAWN, at, reason.strip()
    announcement.save(update_fields=["state", "withdrawn_at", "withdrawal_reason"])
    record(
        "subprocessors.announcement_withdrawn", announcement, at, {"was_told": announcement.told_at is not None, "by": str(by.reference)}
    )
    if announcement.told_at is not None:
        jobs.services.put(kind=telling.TELL_WITHDRAWAL, key=f"{telling.TELL_WITHDRAWAL}:{announcement.pk}", subject=str(announcement.pk))
    return announcement


@transaction.atomic
def decide_regardless(*, notice: Notice, reason: str, by: User, at: datetime.datetime) -> Override:
    """Record for one customer that the change begins although its notice stands against it. Raises ReasonMissing."""
    if not reason.strip():
        raise ReasonMissing
    decision, is_new = Override.objects.get_or_create(
        notice=notice, defaults={"reason": reason.strip(), "decided_by": by, "decided_at": at}
    )
    if is_new:
        facts = {"customer": str(notice.customer.reference), "by": str(by.reference)}
        evidence.services.record(
            kind="subprocessors.decided_regardless",
            facts=facts,
            subject=f"announcement:{notice.announcement.reference}",
            happened_at=at,
        )
    return decision


def welcome(*, customer: Customer, at: datetime.datetime) -> None:
    """Tell a customer, who has just concluded an agreement, of what was announced before."""
    telling.tell_latecomer(customer, at)


def locked(announcement: Announcement) -> Announcement:
    return Announcement.objects.select_for_update(of=("self",)).get(pk=announcement.pk)
