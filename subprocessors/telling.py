"""Tell every customer of an announcement, each with its own periods, and the public; safe to stop and to run again at any point."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

import evidence.services
from customers.models import Customer, Provider
from notifications import fanning
from notifications.models import Topic
from publishing.periods import days_after, end_of_day, next_working_day
from subprocessors.letters import broadcast_of
from subprocessors.models import Announcement, SubprocessorList
from subprocessors.statements import DAYS, MOVE, NOT_TOLD, NOTICES, OF_CHUNK, RECEIVED, RECIPIENTS, UNDECIDED, named

TELL = "subprocessors.tell"
TELL_WITHDRAWAL = "subprocessors.tell_withdrawal"
LAST_WEEK = datetime.timedelta(days=7)


class Periods(NamedTuple):
    """What one set of terms means for a notice given on one day."""

    notice_ends: datetime.date
    objection_ends: datetime.date
    may_start: datetime.date
    is_shortened: bool


def periods(*, told: datetime.date, notice_days: int, objection_days: int, urgent_days: int | None, country: str) -> Periods:
    """Return the last days of both periods and the first day on which the change may begin (Regulation 1182/71).

    ``urgent_days`` shortens the notice period alone: whoever objects later, until the ordinary end, ends a provisional authorisation.
    """
    objection_ends = next_working_day(days_after(told, objection_days), country)
    if urgent_days is not None:
        notice_ends = days_after(told, urgent_days)
        return Periods(notice_ends, objection_ends, days_after(notice_ends, 1), is_shortened=True)
    notice_ends = next_working_day(days_after(told, notice_days), country)
    return Periods(notice_ends, objection_ends, days_after(max(notice_ends, objection_ends), 1), is_shortened=False)


def terms_in_use() -> list[tuple[int, int, int | None]]:
    """Return each combination of periods that some open customer has."""
    with connection.cursor() as cursor:
        cursor.execute(named("SELECT DISTINCT notice_days, objection_days, urgent_notice_days FROM ({terms}) AS terms"))
        return list(cursor.fetchall())


def earliest_start(*, told: datetime.date, is_urgent: bool) -> datetime.date:
    """Return the first day on which no customer's period stands against the change; in an urgent case none with the clause."""
    country = provider_country()
    found = [
        periods(told=told, notice_days=notice, objection_days=objection, urgent_days=urgent if is_urgent else None, country=country)
        for notice, objection, urgent in terms_in_use()
    ]
    if is_urgent:
        found = [each for each in found if each.is_shortened] or found
    return max((each.may_start for each in found), default=days_after(told, 1))


def provider_country() -> str:
    provider = Provider.objects.first()
    return provider.country if provider else ""


# --- telling ----------------------------------------------------------------------------------------------------------


def tell(announcement_id: int, now: datetime.datetime) -> None:
    """Tell everybody of the announcement once its quiet window is over; a run that was stopped goes on where it stood."""
    if not begin(announcement_id, now):
        return
    while tell_next(announcement_id, fanning.CHUNK):
        pass
    tell_public(announcement_id)
    complete(announcement_id, now)


@transaction.atomic
def begin(announcement_id: int, now: datetime.datetime) -> bool:
    """Turn the plan into a notice; False when there is nothing (more) to tell."""
    announcement = Announcement.objects.select_for_update(of=("self",)).filter(pk=announcement_id).first()
    if announcement is None or announcement.told_completely_at is not None:
        return False
    if announcement.state != Announcement.State.PLANNED:
        return announcement.state == Announcement.State.NOTICE
    if now < announcement.quiet_until:
        return False
    announcement.state, announcement.told_at = Announcement.State.NOTICE, now
    announcement.broadcast = broadcast_of(announcement, "subprocessors_announced", now)
    announcement.save(update_fields=["state", "told_at", "broadcast"])
    return True


@transaction.atomic
def tell_next(announcement_id: int, limit: int) -> int | None:
    """Tell the next customers in two statements; the place up to which all are told is kept with them, or none of it."""
    announcement = Announcement.objects.select_for_update(of=("self",)).select_related("broadcast").get(pk=announcement_id)
    assert announcement.told_at is not None
    assert announcement.broadcast is not None
    after = announcement.told_up_to
    last = write_notices(announcement, told=timezone.localdate(announcement.told_at), after=after, limit=limit)
    if last is None:
        return None
    values = {"announcement": announcement.pk, "after": after, "last": last, "starts": announcement.starts_date}
    fanning.deliver(announcement.broadcast, named(RECIPIENTS + OF_CHUNK), values)
    announcement.told_up_to = last
    announcement.save(update_fields=["told_up_to"])
    return last


def write_notices(
    announcement: Announcement,
    *,
    told: datetime.date,
    after: int = 0,
    limit: int = 1,
    customer: int | None = None,
) -> int | None:
    """Give the next customers their notices with the periods of their own terms; return the last customer's number."""
    values = {
        "announcement": announcement.pk,
        "after": after,
        "limit": limit,
        "customer": customer,
        "told": told,
        "is_information": announcement.is_for_information,
        "is_late": customer is not None,
        "periods": json.dumps(list(period_rows(told, announcement.is_urgent))),
    }
    with connection.cursor() as cursor:
        cursor.execute(named(NOTICES), values)
        (last,) = cursor.fetchone()
    return None if last is None else int(last)


def period_rows(told: datetime.date, is_urgent: bool) -> Iterable[dict[str, Any]]:  # noqa: FBT001  # a fact of the announcement
    country = provider_country()
    for notice, objection, urgent in terms_in_use():
        found = periods(told=told, notice_days=notice, objection_days=objection, urgent_days=urgent if is_urgent else None, country=country)
        yield {
            "notice_days": notice,
            "objection_days": objection,
            "urgent_notice_days": urgent,
            "notice_ends": found.notice_ends.isoformat(),
            "objection_ends": found.objection_ends.isoformat(),
            "objection_ends_at": end_of_day(found.objection_ends).isoformat(),
            "may_start": found.may_start.isoformat(),
            "is_shortened": found.is_shortened,
        }


def tell_public(announcement_id: int) -> None:
    """Tell the subscribers who were not told as customers."""
    announcement = Announcement.objects.select_related("broadcast").get(pk=announcement_id)
    assert announcement.told_at is not None
    public = broadcast_of(announcement, "subprocessors_announced_public", announcement.told_at)
    while fanning.tell_subscribers(public, topic=Topic.SUBPROCESSORS, told_by=announcement.broadcast):
        pass


@transaction.atomic
def complete(announcement_id: int, now: datetime.datetime) -> None:
    """Record that all were told: how many, and a hash over whom, so that the list can be proven later without being in the ledger."""
    announcement = Announcement.objects.select_for_update(of=("self",)).get(pk=announcement_id)
    if announcement.told_completely_at is not None:
        return
    announcement.told_completely_at = now
    if announcement.is_for_information and no_longer_engaged(announcement):
        announcement.state, announcement.activated_at = Announcement.State.ACTIVE, now
    announcement.save(update_fields=["told_completely_at", "state", "activated_at"])
    evidence.services.record(
        kind="subprocessors.told",
        facts={"notices": announcement.notices.count(), "starts_date": announcement.starts_date.isoformat()},
        subject=f"announcement:{announcement.reference}",
        happened_at=now,
    )


def no_longer_engaged(announcement: Announcement) -> bool:
    """Say whether the list in force names none of the companies any more."""
    current = SubprocessorList.objects.current()
    return current is not None and not current.entries.filter(slug__in=announcement.changes.values("slug")).exists()


@transaction.atomic
def tell_latecomer(customer: Customer, now: datetime.datetime) -> None:
    """Tell a customer, who has just concluded an agreement, of what was announced before and has not begun."""
    for announcement in Announcement.objects.running().select_related("broadcast").exclude(notices__customer=customer):
        if announcement.broadcast is None or write_notices(announcement, told=timezone.localdate(now), customer=customer.pk) is None:
            continue
        values = {"announcement": announcement.pk, "after": customer.pk - 1, "last": customer.pk, "starts": announcement.starts_date}
        fanning.deliver(announcement.broadcast, named(RECIPIENTS + OF_CHUNK), values)


# --- reminding ----------------------------------------------------------------------------------------------------------


def remind(now: datetime.datetime) -> int:
    """Remind everybody whose objection period ends within a week and who has not answered; run every hour, it writes to each once."""
    count = 0
    for announcement in Announcement.objects.filter(state__in=[Announcement.State.NOTICE, Announcement.State.ACTIVE]):
        if not announcement.notices.undecided(now).filter(objection_ends_at__lte=now + LAST_WEEK).exists():
            continue
        reminder = broadcast_of(announcement, "subprocessors_reminder", now)
        values = {
            "announcement": announcement.pk,
            "starts": announcement.starts_date,
            "now": now,
            "soon": now + LAST_WEEK,
            "limit": fanning.CHUNK,
        }
        while sent := fanning.deliver(reminder, named(RECIPIENTS + UNDECIDED), values):
            count += sent
    return count


# --- withdrawing, and mails that went out late ---------------------------------------------------------------------------


def tell_withdrawal(announcement_id: int, now: datetime.datetime) -> None:
    """Tell everybody who has a notice, and the subscribers, that the change does not come."""
    announcement = Announcement.objects.select_related("broadcast").get(pk=announcement_id)
    told = broadcast_of(announcement, "subprocessors_withdrawn", now)
    values = {"announcement": announcement.pk, "starts": announcement.starts_date, "limit": fanning.CHUNK}
    while fanning.deliver(told, named(RECIPIENTS + NOT_TOLD), values):
        pass
    public = broadcast_of(announcement, "subprocessors_withdrawn_public", now)
    while fanning.tell_subscribers(public, topic=Topic.SUBPROCESSORS, told_by=told):
        pass


def move_deadlines() -> int:
    """Let a period begin on the day on which the mail went out, when that was later than planned; nobody loses a day by our delay."""
    moved = 0
    for announcement in Announcement.objects.running().exclude(broadcast=None):
        values = {"announcement": announcement.pk, "broadcast": announcement.broadcast_id, "zone": settings.TIME_ZONE}
        with connection.cursor() as cursor:
            cursor.execute(fanning.tables_named(named(RECEIVED + DAYS)), values)
            days = [day for (day,) in cursor.fetchall()]
            for day in days:
                rows = json.dumps(list(period_rows(day, announcement.is_urgent)))
                cursor.execute(fanning.tables_named(named(RECEIVED + MOVE)), values | {"day": day, "periods": rows})
                moved += cursor.rowcount
    return moved
