"""What an announcement holds and leaves behind, and what it asks before its changes may begin (Art. 28(2) GDPR)."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

import evidence.services
import jobs.services
from customers.models import User
from publishing.references import new_reference
from subprocessors import changes, telling
from subprocessors.models import AgreedTerms, AnnouncedChange, Announcement, SubprocessorList


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
    key = f"{telling.TELL}:{announcement.pk}:{at:%Y%m%d%H%M%S%f}"
    jobs.services.put(kind=telling.TELL, key=key, subject=str(announcement.pk), run_after=announcement.quiet_until)


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


def record(kind: str, announcement: Announcement, at: datetime.datetime, facts: Mapping[str, Any]) -> None:
    evidence.services.record(kind=kind, facts=facts, subject=f"announcement:{announcement.reference}", happened_at=at)
