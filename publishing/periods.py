"""Periods of the law in days and months (Regulation (EEC, Euratom) No 1182/71); a period ends with its last whole day."""

from __future__ import annotations

import calendar
import datetime

from django.utils import timezone

SATURDAY = 5


def days_after(day: datetime.date, days: int) -> datetime.date:
    """Return the last day of a period in days; the day of the event does not count (Art. 3(1))."""
    return day + datetime.timedelta(days=days)


def a_month_after(day: datetime.date) -> datetime.date:
    """Return the same day of the next month, or its last day where it has no such day (Regulation 1182/71, Art. 3(2)(c))."""
    year, month = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)
    return datetime.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def next_working_day(day: datetime.date, country: str) -> datetime.date:
    """Return the day, or the first one after it that is no Saturday, Sunday or public holiday (Art. 3(4))."""
    while day.weekday() >= SATURDAY or day in holidays(day.year, country):
        day += datetime.timedelta(days=1)
    return day


def end_of_day(day: datetime.date) -> datetime.datetime:
    """Return the midnight at which the day ends in the portal's time zone; a moment before it is still in time."""
    return timezone.make_aware(datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time.min))


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
