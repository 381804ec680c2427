"""The days of a deletion request; a deadline is a whole day that ends at midnight in the portal's time zone."""

from __future__ import annotations

import datetime

from django.utils import timezone

from publishing.periods import a_month_after, days_after, end_of_day, next_working_day

GRACE = datetime.timedelta(days=14)


def due_date(*, received_at: datetime.datetime, country: str) -> datetime.date:
    """Return the last day of one month from receipt (Art. 12(3) GDPR), as holidays of the provider's country move it."""
    return next_working_day(a_month_after(timezone.localdate(received_at)), country)


def end_of_grace(requested_at: datetime.datetime) -> datetime.datetime:
    """Return the midnight at which the fourteenth day after the request ends; until then it can be withdrawn."""
    return end_of_day(days_after(timezone.localdate(requested_at), GRACE.days))
