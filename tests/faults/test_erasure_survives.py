"""An erasure is killed between any two statements, run several times at once, written to in the middle, and resumed.

Whatever happens: no row is left, the counters are exact, and no row of another account has changed.
"""

from __future__ import annotations

import datetime
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, connections
from django.utils import timezone

from deletion import attempts, certifying, execution, holding, stepping
from deletion.connectors.files import folder_of
from deletion.models import ErasureRequest, ErasureStep
from pdf import Rendered
from subscriptions.models import Subscription
from tests.factories import erasure
from tests.faults import borders, servers
from tests.faults.borders import ACCEPTED, BUSY, FAILED, GONE, REFUSED, Boundary, LateWriter, end_of, in_child
from tests.faults.world import FILES, World, files_of, go_on, let_verifier_read

KILLED = -signal.SIGKILL


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not draw the certificate, which takes a second and is tested elsewhere, and wait for nothing."""
    monkeypatch.setattr(certifying, "render", lambda *_arguments: Rendered(content=b"%PDF stand-in", pages=1, sha256="0" * 64))
    monkeypatch.setattr(execution, "SLICE_SECONDS", 60.0)
    monkeypatch.setattr(attempts, "FIRST_DELAY", attempts.FIRST_DELAY / 1000)
    monkeypatch.setattr(execution, "PAUSE", execution.PAUSE / 1000)


@pytest.fixture
def world(own_database: str, own_ledger: str, undrawn: None) -> World:
    let_verifier_read()
    return World()


def count_borders(world: World) -> int:
    """Return how many borders an undisturbed erasure crosses."""
    request, boundary = world.request(), Boundary(0)
    reading, writing = os.pipe()

    def work() -> None:
        boundary.install()
        go_on(request)
        os.write(writing, str(boundary.passed).encode())

    assert end_of(in_child(work)) == 0
    number = int(os.read(reading, 20))
    os.close(reading)
    os.close(writing)
    world.check(request)
    return number


def disturbed(request: ErasureRequest, boundary: Boundary, work: Callable[[ErasureRequest], None], *, quiet: bool = True) -> int:
    """Start the work in a process of its own in which something happens at the border."""

    def run() -> int | None:
        boundary.install()
        try:
            work(request)
        finally:
            if isinstance(boundary.act, LateWriter):
                os._exit(boundary.act.outcome)
        return None

    return in_child(run, quiet=quiet)


# --- the faults; each returns what it saw, and leaves the end of the erasure to go_on ---------------------------------


def killed(request: ErasureRequest, point: int, _chosen: random.Random) -> int:
    return end_of(disturbed(request, Boundary(point), go_on))


def killed_twice(request: ErasureRequest, point: int, chosen: random.Random) -> int:
    end_of(disturbed(request, Boundary(point), go_on))
    end_of(disturbed(request, Boundary(chosen.randint(1, 150)), go_on))
    return KILLED


def killed_while_the_broker_is_away(request: ErasureRequest, point: int, _chosen: random.Random) -> int:
    return end_of(disturbed(request, Boundary(point), borders.by_jobs))


def sessions_cut(request: ErasureRequest, point: int, _chosen: random.Random) -> int:
    return end_of(disturbed(request, Boundary(point, borders.cut_sessions), go_on))


def delivered_four_times(request: ErasureRequest, point: int, _chosen: random.Random) -> int:
    """Four workers at once, one of which is killed."""
    workers = [disturbed(request, Boundary(point // 2 if first else 0), borders.contend) for first in (True, False, False, False)]
    return max(end_of(worker) for worker in workers)


def came_back_from_the_dead(request: ErasureRequest, point: int, _chosen: random.Random) -> int:
    """A worker stands still, another one finishes, and the first one goes on where it stood."""

    def work(request: ErasureRequest) -> None:
        execution.IDLE_MILLISECONDS = 200  # the server ends the transaction that it stands in
        go_on(request)

    zombie = disturbed(request, Boundary(point, borders.stand_still), work)
    _number, status = os.waitpid(zombie, os.WUNTRACED)
    if not os.WIFSTOPPED(status):
        return os.waitstatus_to_exitcode(status)
    time.sleep(0.3)
    go_on(request)
    os.kill(zombie, signal.SIGCONT)
    return end_of(zombie)


def written_to(request: ErasureRequest, point: int, _chosen: random.Random) -> int:
    number = request.customer_number
    assert number is not None
    return end_of(disturbed(request, Boundary(point, LateWriter(number)), go_on))


def shown_to(request: ErasureRequest, point: int, _chosen: random.Random) -> int:
    """Activity is written while its subscriptions go, for which nobody looks for activity any more."""
    number = request.customer_number
    assert number is not None
    return end_of(disturbed(request, Boundary(point, LateWriter(number, LateWriter.SHOWN)), go_on))


Fault = Callable[[ErasureRequest, int, random.Random], int]
FAULTS: dict[str, tuple[Fault, set[int]]] = {
    "killed": (killed, {KILLED}),
    "killed twice": (killed_twice, {KILLED}),
    "killed, no broker": (killed_while_the_broker_is_away, {KILLED}),
    "sessions cut": (sessions_cut, {0, FAILED}),
    "delivered four times": (delivered_four_times, {0}),
    "zombie": (came_back_from_the_dead, {0, FAILED}),
    "late writer": (written_to, {ACCEPTED, REFUSED, BUSY}),
    "late activity": (shown_to, {ACCEPTED, REFUSED, BUSY, GONE}),
}
LATE = {"late writer": "subscriptions.subscription", "late activity": "subscriptions.activity"}
"""Each fault, and the exit statuses that show that it happened (of several workers: the best one's)."""
SHARES = ["killed"] * 8 + [
    "killed twice",
    "killed, no broker",
    "sessions cut",
    "delivered four times",
    "zombie",
    "late writer",
    "late activity",
]


def campaign(world: World, seeds: range, faults: dict[str, tuple[Fault, set[int]]], shares: list[str]) -> Counter[tuple[str, int]]:
    """Let one thing go wrong per seed, go on, and check; return what was seen."""
    number = count_borders(world)
    assert number > 300
    seen: Counter[tuple[str, int]] = Counter()
    for seed in seeds:
        chosen = random.Random(seed)
        name = shares[seed % len(shares)]
        fault, expected = faults[name]
        request, point = world.request(), borders.somewhere(chosen, number)
        status = fault(request, point, chosen)
        while status == 0 and 0 not in expected:  # ended before the border, since its way has fewer: nothing happened, so again, earlier
            world.check(request)
            request, point = world.request(), point * 3 // 4
            status = fault(request, point, chosen)
        assert status in expected, (seed, name, status)
        go_on(request)
        world.check(request, late=LATE.get(name, "") if status == ACCEPTED else "")
        seen[name, status] += 1
    return seen


# --- the tests --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(databases=["default", "ledger"])
def test_the_ledger_and_the_portal_are_two_databases() -> None:
    assert connections["ledger"].settings_dict["NAME"] != connection.settings_dict["NAME"]
    assert "deletion_ledger_entry" in connections["ledger"].introspection.table_names()
    assert "deletion_ledger_entry" not in connection.introspection.table_names()


def test_an_erasure_survives_sixty_faults(world: World) -> None:
    seen = campaign(world, range(60), FAULTS, SHARES)
    assert seen.total() == 60
    assert {name for name, _status in seen} == set(FAULTS)
    assert seen["late writer", REFUSED] > 0
    assert seen["late activity", REFUSED] > 0


@pytest.fixture
def crashing_world(undrawn: None, django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[World, servers.Server]]:
    """A world on a PostgreSQL of its own, which may be crashed."""
    with django_db_blocker.unblock(), servers.own_server() as server:
        let_verifier_read()
        yield World(), server


@pytest.mark.long
@pytest.mark.parametrize("part", range(4))
def test_an_erasure_survives_a_thousand_faults(crashing_world: tuple[World, servers.Server], part: int) -> None:
    """A thousand in four parts of 250 seeds, so that each core takes some."""
    world, server = crashing_world

    def server_crashed(request: ErasureRequest, point: int, _chosen: random.Random) -> int:
        status = end_of(disturbed(request, Boundary(point, server.crash), go_on))
        server.start_again()
        return status

    faults = FAULTS | {"server crashed": (server_crashed, {0, FAILED})}
    seen = campaign(world, range(250 * part, 250 * (part + 1)), faults, [*SHARES, "server crashed"])
    print(part, sorted(seen.items()))  # noqa: T201  # the figures of the campaign
    assert seen.total() == 250
    assert server.crashes > 10


@pytest.mark.long
def test_a_kill_at_every_border_loses_nothing(world: World) -> None:
    number, chosen = count_borders(world), random.Random(0)
    for point in range(1, round(number * 0.95)):
        request = world.request()
        assert killed(request, point, chosen) == KILLED, point
        go_on(request)
        world.check(request)


def test_workers_at_the_same_time_delete_each_row_once(world: World) -> None:
    request = world.request()
    failures: list[BaseException] = []

    def work() -> None:
        try:
            erasure.run(ErasureRequest.objects.get(pk=request.pk))
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _worker in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert failures == []
    go_on(request)
    world.check(request)


def test_a_worker_that_was_thought_dead_changes_nothing_any_more(world: World) -> None:
    request = world.request()
    execution.begin(request, timezone.now(), 0)
    request.refresh_from_db()
    execution.enter_ledger_and_plan(request, timezone.now(), 0)
    request.refresh_from_db()
    while (zombie := stepping.claim(request)) is not None and zombie.dataset != "subscriptions.subscription":
        stepping.work(request, zombie, until=1e12)
    assert zombie is not None
    ErasureStep.objects.filter(pk=zombie.pk).update(lease_until=timezone.now() - datetime.timedelta(seconds=1))
    successor = stepping.claim(request)
    assert successor is not None
    assert successor.pk == zombie.pk
    before = Subscription.objects.count()
    stepping.work(request, zombie, until=1e12)
    assert Subscription.objects.count() == before
    holding.release(successor)
    go_on(request)
    world.check(request)


class Killed(BaseException):
    """Ends a worker where nothing of its own can react, as a kill does."""


def test_a_late_file_is_counted_even_if_its_worker_dies_before_it_wrote_that_down(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The count before the first file went knows nothing of it: each pass counts anew."""
    request = world.request()
    assert erasure.run(request).state == ErasureRequest.State.WAITING
    default_storage.save(f"{folder_of(str(request.customer_reference))}/late.txt", ContentFile(b"late"))

    def killed(*_arguments: Any) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(stepping, "remember", killed)
        with pytest.raises(Killed):
            erasure.run(request, at=timezone.now() + datetime.timedelta(days=2))
    assert files_of(request.customer_reference) == []
    assert request.steps.get(dataset="store:files").deleted == FILES
    go_on(request)
    world.check(request, late="store:files")


def test_an_erasure_that_is_done_is_not_done_again(world: World) -> None:
    request = world.request()
    go_on(request)
    world.check(request)
    events = request.events.count()
    assert execution.advance(request, at=timezone.now()) is None
    world.check(request)
    assert request.events.count() == events
