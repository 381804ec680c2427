"""Periods of the law in days and months (Regulation (EEC, Euratom) No 1182/71) and the days of a deletion request.

A deadline is a whole day that ends at midnight in the portal's time zone.
"""

from __future__ import annotations

import calendar
import datetime

from django.utils import timezone

GRACE = datetime.timedelta(days=14)
SATURDAY = 5


def due_date(*, received_at: datetime.datetime, country: str) -> datetime.date:
    """Return the last day of one month from receipt (Art. 12(3) GDPR), as holidays of the provider's country move it."""
    return next_working_day(a_month_after(timezone.localdate(received_at)), country)


def a_month_after(day: datetime.date) -> datetime.date:
    """Return the same day of the next month, or its last day where it has no such day (Regulation 1182/71, Art. 3(2)(c))."""
    year, month = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)
    return datetime.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def next_working_day(day: datetime.date, country: str) -> datetime.date:
    """Return the day, or the first one after it that is no Saturday, Sunday or public holiday (Art. 3(4))."""
    while day.weekday() >= SATURDAY or day in holidays(day.year, country):
        day += datetime.timedelta(days=1)
    return day


def holidays(year: int, country: str) -> frozenset[datetime.date]:
    """Return the holidays of the whole country.

    Those of single regions, and of countries that are not known here, are left out: the deadline is then the earlier day.
    """
    if country != "DE":
        return frozenset()
    fixed = {datetime.date(year, month, day) for month, day in ((1, 1), (5, 1), (10, 3), (12, 25), (12, 26))}
    moving = {easter_sunday(year) + datetime.timedelta(days=days) for days in (-2, 1, 39, 50)}  # Good Friday to Whit Monday
    return frozenset(fixed | moving)


def easter_sunday(year: int) -> datetime.date:
    """Return Easter Sunday of the Gregorian calendar, by the method that Butcher published in 1876."""
    century, year_of_century = divmod(year, 100)
    golden = year % 19
    correction = century - century // 4 - (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + correction + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (year_of_century // 4) - epact - year_of_century % 4) % 7
    shift = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * shift + 114, 31)
    return datetime.date(year, month, day + 1)


def end_of_grace(requested_at: datetime.datetime) -> datetime.datetime:
    """Return the midnight at which the fourteenth day after the request ends; until then it can be withdrawn."""
    last_day = timezone.localdate(requested_at) + GRACE
    return timezone.make_aware(datetime.datetime.combine(last_day + datetime.timedelta(days=1), datetime.time.min))
