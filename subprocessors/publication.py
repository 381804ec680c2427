"""Put an approved list into force: with its PDFs, its evidence and its news, once its day has come and nothing stands against it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

import evidence.services
import publishing.services
from customers.models import User
from notifications.models import Topic
from notifications.services import tell_of_publication
from publishing import printing
from publishing.models import ChangeKind
from subprocessors import announcing
from subprocessors.announcing import NotAnnounced, StillBlocked
from subprocessors.documents import RENDER
from subprocessors.models import Announcement, SubprocessorList


class EntryUnfit(Exception):
    """An entry cannot be published; names the company and says why."""

    def __init__(self, legal_name: str, reasons: list[str]) -> None:
        self.legal_name, self.reasons = legal_name, reasons
        super().__init__(f"{legal_name}: {' '.join(reasons)}")


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


def require_free(subprocessor_list: SubprocessorList, today: datetime.date) -> list[Announcement]:
    """Return the announcements that the publication of the list puts into force.

    Raises EntryUnfit, and NotAnnounced and StillBlocked while customers have to be told of a change or can still object to it.
    """
    require_fit_entries(subprocessor_list)
    return announcing.require_told(subprocessor_list, today)


@transaction.atomic
def put_into_force(subprocessor_list: SubprocessorList, *, by: User, at: datetime.datetime) -> SubprocessorList:
    """Publish the approved list from the day that its PDFs name. Raises what require_free raises, and publishing.services.PdfMissing."""
    subprocessor_list = publishing.services.locked(subprocessor_list)
    begun = require_free(subprocessor_list, timezone.localdate(at))
    removals = announcing.removals_to_tell(subprocessor_list)
    day = subprocessor_list.effective_date or timezone.localdate(at)
    published = publishing.services.publish(version=subprocessor_list, by=by, at=at, effective_date=day)
    evidence.services.record(
        kind="subprocessors.published",
        facts={
            "number": published.number,
            "sha256": published.sha256,
            "change_kind": published.change_kind,
            "effective_date": day.isoformat(),
        },
        subject=f"subprocessor-list:{published.pk}",
        happened_at=at,
    )
    announcing.note_in_force(begun, published, at)
    announcing.tell_of_removals(removals, published, by, at)
    if published.change_kind == ChangeKind.MATERIAL:
        notes = {"de": published.change_note_de, "en": published.change_note_en}
        tell_of_publication(topic=Topic.SUBPROCESSORS, view="subprocessors_version", number=published.number, notes=notes, at=at)
    return published


@transaction.atomic
def put_into_force_if_due(at: datetime.datetime) -> SubprocessorList | None:
    """Publish the approved list, in the name of who approved it, once its PDFs are made and its day has come; else do nothing.

    What somebody's notice stands against waits until it does no more, and then applies from that day: a list never applies from
    a day on which it was not in force. Its PDFs are made anew for that day, and their job publishes.
    """
    approved, today = publishing.services.due(SubprocessorList, at), timezone.localdate(at)
    if approved is None:
        return None
    try:
        require_free(approved, today)
    except (EntryUnfit, NotAnnounced, StillBlocked):
        return None
    if approved.effective_date != today:
        begin_on(approved, today)
        return None
    assert approved.approved_by is not None  # held by a constraint
    return put_into_force(approved, by=approved.approved_by, at=at)


def begin_on(approved: SubprocessorList, day: datetime.date) -> SubprocessorList:
    """Have an approved list apply from the day, and its PDFs made for it where none are."""
    dated = publishing.services.apply_from(version=approved, effective_date=day)
    if not dated.has_documents():
        printing.order(RENDER, dated)
    return dated
