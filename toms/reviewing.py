"""Which measures are to be looked at again (Art. 32(1)(d) GDPR), and mails that say so, once for each measure and day."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from customers.models import User
from notifications.links import absolute
from notifications.services import tell
from toms.models import Measure, MeasureSet, Review

AHEAD = datetime.timedelta(days=30)  # how early the desk names a review


@dataclass(frozen=True)
class Due:
    """A measure in force and the day of its next review."""

    measure: Measure
    day: datetime.date


def due_until(day: datetime.date) -> list[Due]:
    """Return the measures in force whose review falls on this day or before, the most urgent first; two queries at any length."""
    current = MeasureSet.objects.current()
    if current is None:
        return []
    measures = list(current.measures.filter(status=Measure.Status.IMPLEMENTED).select_related("control"))
    latest = next_dates([measure.key for measure in measures])
    dated = [Due(each, found) for each in measures if (found := latest.get(each.key) or each.next_review_date)]
    return sorted((due for due in dated if due.day <= day), key=lambda due: (due.day, due.measure.key))


def next_dates(keys: list[str]) -> dict[str, datetime.date]:
    """Return for each measure that was reviewed when it is to be reviewed again."""
    reviews = Review.objects.filter(measure_key__in=keys).order_by("reviewed_at", "pk")
    return {review.measure_key: review.next_review_date for review in reviews}


@transaction.atomic
def remind(at: datetime.datetime) -> int:
    """Tell those who may change the register of each review that is due; run every hour, it writes once per measure, day and person."""
    due = due_until(timezone.localdate(at))
    people = list(User.objects.staff_who_may("toms.change_measureset")) if due else []
    for each in due:
        for person in people:
            key = f"measure_review:{each.measure.key}:{each.day:%Y%m%d}:{person.pk}"
            tell(to=person.email, kind="measure_review", language=person.language, context=mail_of(each, person.language), key=key)
    return len(due)


def mail_of(due: Due, language: str) -> dict[str, str | int | list[str]]:
    with override(language):
        return {
            "measure": due.measure.key,
            "text": due.measure.text(language),
            "owner": due.measure.owner,
            "due_on": due.day.isoformat(),
            "action_url": absolute(reverse("manage_toms_upkeep", args=[due.measure.key])),
            "action_label": _("Record the review"),
        }
