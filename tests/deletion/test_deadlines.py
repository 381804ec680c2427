"""Deadlines by Regulation (EEC, Euratom) No 1182/71, worked out by hand from the calendar."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import pytest

from deletion.deadlines import due_date, end_of_grace, end_of_grace_before, extended_due_date
from publishing.periods import easter_sunday, holidays

BERLIN = ZoneInfo("Europe/Berlin")


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("received", "due", "why"),
    [
        ("2026-11-24", "2026-12-24", "the same day of the next month"),
        ("2023-01-31", "2023-02-28", "February has no 31st: its last day"),
        ("2024-01-31", "2024-02-29", "the last day of February in a leap year"),
        ("2024-01-30", "2024-02-29", "nor a 30th"),
        ("2026-01-31", "2026-03-02", "28 February 2026 is a Saturday: the next Monday"),
        ("2026-03-31", "2026-04-30", "April has 30 days"),
        ("2026-12-01", "2027-01-04", "1 January is a holiday, then a weekend"),
        ("2024-12-01", "2025-01-02", "1 January 2025 is a Wednesday and a holiday"),
        ("2026-11-25", "2026-12-28", "Christmas on Friday and Saturday, then Sunday"),
        ("2026-11-30", "2026-12-30", "into the same year"),
        ("2026-12-15", "2027-01-15", "into the next year"),
        ("2026-03-03", "2026-04-07", "Good Friday, a weekend, Easter Monday"),
        ("2026-04-14", "2026-05-15", "Ascension Day is a Thursday"),
        ("2026-04-25", "2026-05-26", "Whit Monday"),
        ("2026-09-03", "2026-10-05", "3 October is a holiday on a Saturday"),
        ("2026-04-01", "2026-05-04", "1 May is a Friday"),
    ],
)
def test_a_month_from_receipt_ends_on_the_day_that_the_regulation_says(received: str, due: str, why: str) -> None:
    at = datetime.datetime.combine(day(received), datetime.time(12), BERLIN)
    assert due_date(received_at=at, country="DE") == day(due), why


def test_the_day_of_receipt_is_the_day_in_the_portals_time_zone() -> None:
    late = datetime.datetime(2026, 11, 23, 23, 30, tzinfo=datetime.UTC)  # 24 November, 0:30 in Berlin
    assert due_date(received_at=late, country="DE") == day("2026-12-24")


def test_where_the_holidays_are_not_known_the_deadline_is_the_earlier_day() -> None:
    at = datetime.datetime(2024, 12, 1, 12, tzinfo=BERLIN)
    assert due_date(received_at=at, country="AT") == day("2025-01-01")
    assert holidays(2026, "AT") == frozenset()


@pytest.mark.parametrize(
    "text", ["2000-04-23", "2008-03-23", "2011-04-24", "2019-04-21", "2024-03-31", "2025-04-20", "2026-04-05", "2038-04-25"]
)
def test_easter_is_found(text: str) -> None:
    assert easter_sunday(day(text).year) == day(text)


def test_germany_has_nine_holidays_that_the_whole_country_shares() -> None:
    assert len(holidays(2026, "DE")) == 9
    assert {day("2026-04-03"), day("2026-04-06"), day("2026-05-14"), day("2026-05-25")} <= holidays(2026, "DE")


def test_the_time_to_withdraw_ends_at_midnight_after_the_fourteenth_day() -> None:
    at = datetime.datetime(2026, 11, 24, 9, 15, tzinfo=BERLIN)
    assert end_of_grace(at) == datetime.datetime(2026, 12, 9, tzinfo=BERLIN)


def test_the_change_of_the_clocks_moves_no_deadline() -> None:
    at = datetime.datetime(2026, 10, 20, 9, 15, tzinfo=BERLIN)  # summer time ends on 25 October
    assert end_of_grace(at) == datetime.datetime(2026, 11, 4, tzinfo=BERLIN)


def test_the_time_to_withdraw_is_over_before_the_deletion_is_due() -> None:
    for number in range(366 * 4):
        at = datetime.datetime(2026, 1, 1, 12, tzinfo=BERLIN) + datetime.timedelta(days=number)
        assert end_of_grace(at).date() < due_date(received_at=at, country="DE")


@pytest.mark.parametrize(
    ("received", "due", "why"),
    [
        ("2026-01-31", "2026-04-30", "April has no 31st day; three months are counted from receipt, not month by month"),
        ("2023-11-30", "2024-02-29", "a leap year"),
        ("2025-11-30", "2026-03-02", "28 February is a Saturday"),
        ("2026-11-24", "2027-02-24", "an ordinary day, over the end of the year"),
        ("2026-01-03", "2026-04-07", "Good Friday, the weekend and Easter Monday"),
        ("2026-07-03", "2026-10-05", "3 October is a holiday on a Saturday"),
        ("2026-09-25", "2026-12-28", "Christmas and the weekend after it"),
        ("2026-02-01", "2026-05-04", "1 May is a Friday"),
    ],
)
def test_with_the_extension_the_answer_is_due_three_months_from_receipt(received: str, due: str, why: str) -> None:
    at = datetime.datetime.combine(day(received), datetime.time(12), BERLIN)
    assert extended_due_date(received_at=at, country="DE") == day(due), why
    assert extended_due_date(received_at=at, country="DE") > due_date(received_at=at, country="DE")


@pytest.mark.parametrize(
    ("approved", "last_day", "why"),
    [
        ("2026-11-24", "2026-12-08", "fourteen days"),
        ("2026-12-10", "2026-12-17", "seven days are kept for the deletion"),
        ("2026-12-23", "2026-12-24", "one day at least, however late"),
    ],
)
def test_a_late_approval_shortens_the_time_to_withdraw(approved: str, last_day: str, why: str) -> None:
    at = datetime.datetime.combine(day(approved), datetime.time(12), BERLIN)
    end = end_of_grace_before(day("2026-12-24"), approved_at=at)
    assert end == datetime.datetime.combine(day(last_day) + datetime.timedelta(days=1), datetime.time(), BERLIN), why
