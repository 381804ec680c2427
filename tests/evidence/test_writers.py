"""Many writers at once beside a running sealer: no fork, no gap, no event twice, and the whole verifies."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from evidence import services
from evidence.models import Event, Place, Seal
from tests.evidence.ledgers import NOON, verify_stored, write_event


@pytest.mark.parametrize(
    ("writers", "appends"), [pytest.param(16, 25, id="16 x 25"), pytest.param(16, 500, id="16 x 500", marks=pytest.mark.long)]
)
def test_what_many_writers_append_is_sealed_once_each_in_one_order(own_database: str, writers: int, appends: int) -> None:
    seals = write_at_once(writers, appends)
    kept = writers * appends - writers * (appends // 10)  # each writer takes every tenth back
    assert Event.objects.count() == kept
    assert list(Place.objects.order_by("sequence").values_list("sequence", flat=True)) == list(range(kept))
    assert set(Place.objects.values_list("event_id", flat=True)) == set(Event.objects.values_list("pk", flat=True))
    assert Seal.objects.count() == seals
    assert seals > 1, "the sealer never worked while others wrote: nothing was tried"
    report = verify_stored()
    assert (report.exit_code, report.sealed, report.unsealed) == (0, kept, 0)


def write_at_once(writers: int, appends: int) -> int:
    """Run the writers, each in its thread and its connection, with a sealer beside them; return how many seals it made."""
    begin, done, failures = threading.Barrier(writers + 1), threading.Event(), []
    made: list[int] = []

    def in_thread(work: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            try:
                begin.wait()
                work()
            except BaseException as failure:
                failures.append(failure)
            finally:
                connection.close()

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    sealer = in_thread(lambda: seal_until(done, made))
    threads = [in_thread(lambda first=writer * appends: append(first, appends)) for writer in range(writers)]
    for thread in threads:
        thread.join()
    done.set()
    sealer.join()
    assert not failures, failures
    return len([count for count in made if count])


def append(first: int, appends: int) -> None:
    """Append events one by one, each in its own transaction, and take every tenth back."""
    for number in range(appends):
        with transaction.atomic():
            write_event(first + number)
            if number % 10 == 9:
                transaction.set_rollback(True)


def seal_until(done: threading.Event, made: list[int]) -> None:
    """Seal again and again, and once more when all is written."""
    while not done.wait(0.01):
        made.append(services.seal(at=NOON))
    made.append(services.seal(at=NOON))
