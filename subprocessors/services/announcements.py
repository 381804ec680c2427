"""Announce changes, withdraw and activate them, decide against an obstacle (Art. 28(2) GDPR)."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

import evidence.services
import jobs.services
import publishing.services
from customers.models import Customer, User
from publishing.models import State
from publishing.references import new_reference
from subprocessors import changes, tasks, telling
from subprocessors.models import AgreedTerms, AnnouncedChange, Announcement, Notice, Override, SubprocessorList


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


class NotAnnounced(Exception):
    """Changes that customers were never told of cannot begin; ``names`` are the companies."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = list(names)
        super().__init__(", ".join(names))


class StillBlocked(Exception):
    """Periods run, objections are open or consents are missing; ``count`` is the number of customers."""

    def __init__(self, announcement: Announcement, count: int) -> None:
        self.announcement, self.count = announcement, count
        super().__init__(f"{announcement.reference}: {count}")


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


def fill(
    announcement: Announcement,
    subprocessor_list: SubprocessorList,
    starts_date: datetime.date,
    urgency: Mapping[str, str] | None,
    by: User,
    at: datetime.datetime,
) -> None:
    announcement.subprocessor_list, announcement.starts_date = subprocessor_list, starts_date
    announcement.announced_by, announcement.announced_at = by, at
    announcement.quiet_until = at + settings.QUIET_WINDOW
    announcement.is_urgent = urgency is not None
    announcement.urgency_de, announcement.urgency_en = (urgency["de"], urgency["en"]) if urgency else ("", "")
    announcement.save()


def put_job(announcement: Announcement, at: datetime.datetime) -> None:
    """Have it told when the quiet window ends; each plan has a job of its own, and one that comes too early does nothing."""
    key = f"{tasks.TELL}:{announcement.pk}:{at:%Y%m%d%H%M%S%f}"
    jobs.services.put(kind=tasks.TELL, key=key, subject=str(announcement.pk), run_after=announcement.quiet_until)


def add_changes(announcement: Announcement, found: Sequence[changes.Change], details: Mapping[str, Mapping[str, str]]) -> None:
    for change in found:
        texts = default_details(change) | dict(details.get(change.slug, {}))
        AnnouncedChange.objects.create(
            announcement=announcement,
            kind=change.kind,
            slug=change.slug,
            legal_name=change.entry["legal_name"],
            entry=dict(change.entry),
            digest=change.digest,
            **texts,
        )


def default_details(change: changes.Change) -> dict[str, str]:
    """Return what recipients are told of features and retention unless somebody says it more precisely."""
    texts: dict[str, str] = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            texts[f"features_{language}"] = _("All features of the channel types named, as far as they need this task.")
            texts[f"retention_{language}"] = (
                _("The data held there are erased.")
                if change.kind == AnnouncedChange.Kind.REMOVAL
                else _(
                    "Not longer than we ourselves may keep the data under the agreement; they are erased there when they are erased here."
                )
            )
    return texts


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
        jobs.services.put(kind=tasks.TELL_WITHDRAWAL, key=f"{tasks.TELL_WITHDRAWAL}:{announcement.pk}", subject=str(announcement.pk))
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


# --- what publication asks ------------------------------------------------------------------------------------------------


def has_to_tell(coming: SubprocessorList) -> bool:
    """Say whether customers have to be told of something in the list before it can be published."""
    if not AgreedTerms.objects.filter(customer__closed_at=None).exists():
        return False
    return bool(changes.untold(changes.differences(SubprocessorList.objects.current(), coming)))


def require_told(coming: SubprocessorList, today: datetime.date) -> list[Announcement]:
    """Return the announcements that the publication of the list puts into force.

    Raises NotAnnounced for a change that nobody was told of, StillBlocked while one customer's notice stands against it.
    Without customers there is nobody to tell. Removals are told afterwards, for information.
    """
    if not AgreedTerms.objects.filter(customer__closed_at=None).exists():
        return []
    found = changes.differences(SubprocessorList.objects.current(), coming)
    decided = [change for change in found if change.kind != AnnouncedChange.Kind.REMOVAL]
    missing = changes.untold(decided)
    if missing:
        raise NotAnnounced([str(change.entry["legal_name"]) for change in missing])
    announcements = changes.announcements_of(decided)
    for announcement in announcements:
        require_clear(announcement, today)
    return announcements


def removals_to_tell(coming: SubprocessorList) -> list[changes.Change]:
    """Return the removals of which nobody has been told; without customers there is nobody to tell."""
    if not AgreedTerms.objects.filter(customer__closed_at=None).exists():
        return []
    found = changes.differences(SubprocessorList.objects.current(), coming)
    return changes.untold(change for change in found if change.kind == AnnouncedChange.Kind.REMOVAL)


def tell_of_removals(found: Sequence[changes.Change], published: SubprocessorList, by: User, at: datetime.datetime) -> None:
    """Tell all customers, for their information, of companies that a published list no longer names; a plan under way takes them in."""
    if not found:
        return
    planned = Announcement.objects.quiet().select_for_update(of=("self",)).first()
    if planned is not None:
        known = set(planned.changes.values_list("slug", flat=True))
        add_changes(planned, [change for change in found if change.slug not in known], {})
        return
    announcement = Announcement(reference=new_reference("UA", at.year))
    fill(announcement, published, published.effective_date or timezone.localdate(at), None, by, at)
    add_changes(announcement, found, {})
    put_job(announcement, at)
    record("subprocessors.announced", announcement, at, {"changes": [f"{each.kind}:{each.slug}" for each in found], "is_urgent": False})


def require_clear(announcement: Announcement, today: datetime.date) -> None:
    count = announcement.notices.blocking(today).count()
    if count or today < announcement.starts_date or announcement.told_completely_at is None:
        raise StillBlocked(announcement, count)


def note_in_force(announcements: Sequence[Announcement], published: SubprocessorList, at: datetime.datetime) -> None:
    """Mark the announcements that a publication put into force, and retire those whose companies it no longer names."""
    begun = [each for each in announcements if changes.are_in(each, published)]
    for announcement in begun:
        announcement.state, announcement.activated_at = Announcement.State.ACTIVE, at
        announcement.save(update_fields=["state", "activated_at"])
        record("subprocessors.activated", announcement, at, {"number": published.number})
    remaining = set(published.entries.values_list("slug", flat=True))
    for announcement in Announcement.objects.filter(state=Announcement.State.ACTIVE).prefetch_related("changes"):
        named = {change.slug for change in announcement.changes.all() if change.kind != AnnouncedChange.Kind.REMOVAL}
        if named and not named & remaining:
            announcement.state, announcement.retired_at = Announcement.State.RETIRED, at
            announcement.save(update_fields=["state", "retired_at"])
            record("subprocessors.retired", announcement, at, {"number": published.number})


def welcome(*, customer: Customer, at: datetime.datetime) -> None:
    """Tell a customer, who has just concluded an agreement, of what was announced before."""
    telling.tell_latecomer(customer, at)


def locked(announcement: Announcement) -> Announcement:
    return Announcement.objects.select_for_update(of=("self",)).get(pk=announcement.pk)


def record(kind: str, announcement: Announcement, at: datetime.datetime, facts: Mapping[str, Any]) -> None:
    evidence.services.record(kind=kind, facts=facts, subject=f"announcement:{announcement.reference}", happened_at=at)
