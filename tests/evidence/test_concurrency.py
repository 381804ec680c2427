"""Many writers and sealers at once: no event is lost, placed twice or passed over, and the order has no gap."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from evidence import services
from evidence.models import Event, Place, Seal
from tests.evidence.ledgers import NOON, verify_stored, write_event

WRITERS = 16
SEALERS = 2


class ChangedItsMind(Exception):
    pass


class Writers:
    """Threads with a connection each; one in eight transactions is rolled back, one in eight stays open for a while."""

    def __init__(self, appends: int) -> None:
        self.appends = appends
        self.kept: set[int] = set()
        self.failures: list[BaseException] = []
        self.done = threading.Event()
        self.start = threading.Barrier(WRITERS + SEALERS)

    def guarded(self, work: Callable[..., None], *arguments: Any) -> Callable[[], None]:
        def run() -> None:
            try:
                self.start.wait(30)
                work(*arguments)
            except BaseException as failure:
                self.failures.append(failure)
            finally:
                connection.close()

        return run

    def write(self, writer: int) -> None:
        chance = random.Random(writer)
        written = 0
        while written < self.appends:
            batch = min(chance.choice((1, 1, 1, 3)), self.appends - written)
            fate = chance.randrange(8)
            try:
                keys = self.append(writer, written, batch, fate)
            except ChangedItsMind:
                continue
            written += batch
            self.kept.update(keys)

    def append(self, writer: int, first: int, batch: int, fate: int) -> list[int]:
        with transaction.atomic():
            keys = [write_event(number, subject=f"writer:{writer}").pk for number in range(first, first + batch)]
            if fate == 0:
                raise ChangedItsMind
            if fate == 1:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_sleep(0.02)")
        return keys

    def seal(self) -> None:
        while not self.done.is_set():
            services.seal(at=NOON)

    def run(self) -> None:
        writers = [threading.Thread(target=self.guarded(self.write, number)) for number in range(WRITERS)]
        sealers = [threading.Thread(target=self.guarded(self.seal)) for _ in range(SEALERS)]
        for thread in (*writers, *sealers):
            thread.start()
        for thread in writers:
            thread.join()
        self.done.set()
        for thread in sealers:
            thread.join()


@pytest.mark.parametrize("appends", [60, pytest.param(500, marks=pytest.mark.long)])
def test_sixteen_writers_beside_two_sealers_leave_no_fork_no_gap_and_no_event_unsealed(own_database: str, appends: int) -> None:
    writers = Writers(appends)
    writers.run()
    services.seal(at=NOON)
    assert writers.failures == []
    assert len(writers.kept) == WRITERS * appends
    assert set(Event.objects.values_list("pk", flat=True)) == writers.kept
    places = list(Place.objects.order_by("sequence").values_list("sequence", "event_id"))
    assert [sequence for sequence, _ in places] == list(range(WRITERS * appends))
    assert {event for _, event in places} == writers.kept
    assert Seal.objects.count() > 1
    assert Seal.objects.latest("size").size == WRITERS * appends
    report = verify_stored()
    assert (report.exit_code, report.sealed, report.faults) == (0, WRITERS * appends, [])
