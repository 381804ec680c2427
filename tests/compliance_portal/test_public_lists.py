"""Public lists ask the database as often for three hundred rows as for one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from subprocessors.models import SubprocessorList
from tests.factories import customers, registers

pytestmark = pytest.mark.django_db
MANY = 300


def older_versions(number: int) -> None:
    """Write lists that were in force before; a version that is over is only ever read."""
    author, second = registers.editor(), registers.editor()
    at = [registers.AT - timedelta(days=each + 1) for each in range(number)]
    people = {"created_by": author, "approved_by": second, "published_by": second}
    SubprocessorList.objects.bulk_create(
        SubprocessorList(
            number=str(1000 * number + position),
            state="superseded",
            change_note_de="Älter",
            change_note_en="Older",
            created_at=day,
            approved_at=day,
            published_at=day,
            superseded_at=registers.AT,
            effective_date=day.date(),
            sha256="0" * 64,
            **people,
        )
        for position, day in enumerate(at)
    )


def measures(number: int) -> None:
    letters = [registers.control(letter.upper(), letter) for letter in "abcd"]
    registers.published_measures(registers.measures_content(*letters, *[registers.control(f"C{each}") for each in range(number)]))


def queries_of(path: str) -> int:
    client = Client()
    assert client.get(path).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    return len(captured)


LISTS: list[tuple[str, Callable[[int], Any]]] = [
    ("/en/updates/", older_versions),
    ("/en/updates/feed.atom", older_versions),
    ("/en/subprocessors/versions/", older_versions),
    ("/en/documents/", older_versions),
    ("/en/tom/", measures),
]


@pytest.mark.parametrize(("path", "fill"), LISTS, ids=[path for path, _fill in LISTS])
def test_three_hundred_rows_take_as_many_queries_as_one(path: str, fill: Callable[[int], Any]) -> None:
    """What there was for the first count stays: published versions are never taken away, only followed by others."""
    customers.provider()
    registers.published_subprocessors()
    fill(1)
    few = queries_of(path)
    fill(MANY)
    assert queries_of(path) == few
