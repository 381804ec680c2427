"""When a request has to be answered, and until when it can be taken back."""

from __future__ import annotations

import calendar
import datetime

from django.conf import settings
from django.utils import timezone

from publishing.periods import a_month_after, days_after, end_of_day, next_working_day

TIME_TO_ERASE = datetime.timedelta(days=7)
"""What an erasure with its last verification may take at most; a late approval shortens the time to withdraw by it."""
MONTHS_WITH_EXTENSION = 3


def due_date(*, received_at: datetime.datetime, country: str) -> datetime.date:
    """Return the last day of one month from receipt (Art. 12(3) GDPR), as holidays of the provider's country move it."""
    return next_working_day(a_month_after(timezone.localdate(received_at)), country)


def extended_due_date(*, received_at: datetime.datetime, country: str) -> datetime.date:
    """Return the last day of three months from receipt: the one month and the two further ones of Art. 12(3) GDPR."""
    received = timezone.localdate(received_at)
    years, month = divmod(received.month - 1 + MONTHS_WITH_EXTENSION, 12)
    year, month = received.year + years, month + 1
    last = calendar.monthrange(year, month)[1]
    return next_working_day(datetime.date(year, month, min(received.day, last)), country)


def end_of_grace(requested_at: datetime.datetime) -> datetime.datetime:
    """Return the midnight at which the last day of grace after the request ends; until then it can be withdrawn."""
    return end_of_day(days_after(timezone.localdate(requested_at), settings.ERASURE_GRACE_DAYS))


def end_of_grace_before(due: datetime.date, *, approved_at: datetime.datetime) -> datetime.datetime:
    """Return until when a request that the desk approved can be withdrawn: the days of grace, fewer where it would be late, one at least."""
    latest = end_of_day(due - TIME_TO_ERASE)
    return max(min(end_of_grace(approved_at), latest), end_of_tomorrow(approved_at))


def end_of_retrieval(last_day: datetime.date, *, approved_at: datetime.datetime) -> datetime.datetime:
    """Return when the deletion after a cancelled contract begins: when the data can no longer be retrieved; owners get a day at least."""
    return max(end_of_day(last_day), end_of_tomorrow(approved_at))


def end_of_tomorrow(at: datetime.datetime) -> datetime.datetime:
    return end_of_day(days_after(timezone.localdate(at), 1))
