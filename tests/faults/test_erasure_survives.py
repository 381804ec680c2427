"""An erasure is killed between any two statements, run twice at once, and resumed by a worker that was thought dead.

Whatever happens: no row is left, the counters are exact, and no row of another account has changed.
"""

from __future__ import annotations

import datetime
import os
import random
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections
from django.utils import timezone

from customers.models import Customer
from deletion import certifying, execution, stepping
from deletion.models import ErasureCertificate, ErasureRequest, ErasureStep, LedgerEntry, Tombstone
from pdf import Rendered
from subscriptions.models import Subscription
from tests.factories import customers as people
from tests.factories import erasure

SUBSCRIBERS = 12
ROWS_OF_THE_STRANGER = """
SELECT md5(string_agg(line, '|' ORDER BY line)) FROM (
    SELECT s::text AS line FROM subscriptions_subscription s WHERE customer_id = %(id)s
    UNION ALL SELECT u::text FROM customers_user u WHERE customer_id = %(id)s
    UNION ALL SELECT m::text FROM customers_membership m WHERE customer_id = %(id)s
    UNION ALL SELECT c::text FROM customers_customer c WHERE id = %(id)s
) rows
"""


class World:
    """A stranger whose rows must not change, and erasures that are counted against what was there."""

    def __init__(self) -> None:
        people.provider()
        self.stranger = people.stranger().customer
        assert self.stranger is not None
        erasure.subscribers(self.stranger, 9, "stranger")
        self.before = self.digest()

    def digest(self) -> str:
        with connection.cursor() as cursor:
            assert self.stranger is not None
            cursor.execute(ROWS_OF_THE_STRANGER, {"id": self.stranger.pk})
            return str(cursor.fetchone()[0])

    def request(self) -> ErasureRequest:
        company, owner = erasure.account(SUBSCRIBERS)
        request = erasure.due(company, owner)
        ErasureRequest.objects.filter(pk=request.pk).update(language="en")
        return request

    def check(self, request: ErasureRequest) -> None:
        """Assert all that an erasure promises."""
        request.refresh_from_db()
        number = request.customer_number
        assert request.state == ErasureRequest.State.COMPLETED, list(request.events.values_list("code", "dataset"))
        assert not Customer.objects.filter(pk=number).exists()
        assert not Subscription.objects.filter(customer_id=number).exists()
        deleted = dict(ErasureStep.objects.filter(request=request).values_list("dataset", "deleted"))
        wanted = {"subscriptions.subscription": SUBSCRIBERS, "customers.user": 2, "customers.invitation": 1, "customers.customer": 1}
        assert {key: deleted[key] for key in wanted} == wanted
        assert deleted["customers.membership"] == 4
        assert Tombstone.objects.filter(customer_number=number).count() == 1
        assert ErasureCertificate.objects.filter(request=request).count() == 1
        assert LedgerEntry.objects.using("ledger").filter(request_reference=request.reference).count() == 1
        assert self.digest() == self.before


@pytest.fixture
def world(own_database: str, own_ledger: str, monkeypatch: pytest.MonkeyPatch) -> World:
    """Commit in databases of our own; the certificate is not drawn, which takes a second and is tested elsewhere."""
    monkeypatch.setattr(certifying, "render", lambda *_arguments: Rendered(content=b"%PDF stand-in", pages=1, sha256="0" * 64))
    monkeypatch.setattr(execution, "SLICE_SECONDS", 60.0)
    monkeypatch.setattr(stepping, "FIRST_DELAY", stepping.FIRST_DELAY / 1000)
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {settings.DATABASE_VERIFIER_ROLE}")
        cursor.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {settings.DATABASE_VERIFIER_ROLE}")
    return World()


class Boundary:
    """Counts the borders before and after every statement and commit, and kills the process at one of them."""

    def __init__(self, at: int) -> None:
        self.at, self.passed = at, 0

    def cross(self) -> None:
        self.passed += 1
        if self.passed == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        self.cross()
        result = execute(sql, params, many, context)
        self.cross()
        return result

    def install(self) -> None:
        for each in connections.all():
            each.execute_wrappers.append(self)
            commit = each.commit

            def counted(commit: Callable[[], None] = commit) -> None:
                self.cross()
                commit()
                self.cross()

            each.commit = counted  # type: ignore[method-assign]


def go_on(request: ErasureRequest) -> None:
    """Run to the certificate, as workers do after the leases of the dead one have run out."""
    ErasureStep.objects.filter(request=request).update(lease_until=None, next_attempt_at=None)
    erasure.complete(request)


def in_child(work: Callable[[], None]) -> int:
    """Run the work in a process of its own with connections of its own; return its exit status, negative for a signal."""
    connections.close_all()
    number = os.fork()
    if number == 0:
        status = 1
        try:
            work()
            status = 0
        except BaseException:
            traceback.print_exc(file=sys.__stderr__)
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])


def borders(world: World) -> int:
    """Return how many borders an undisturbed erasure crosses."""
    request, boundary = world.request(), Boundary(0)
    reading, writing = os.pipe()

    def work() -> None:
        boundary.install()
        go_on(request)
        os.write(writing, str(boundary.passed).encode())

    assert in_child(work) == 0
    number = int(os.read(reading, 20))
    os.close(reading)
    os.close(writing)
    world.check(request)
    return number


def killed_at(world: World, points: Iterator[int]) -> int:
    """Kill an erasure at each of the points, go on, and check; return how many were killed."""
    killed = 0
    for point in points:
        request = world.request()

        def work(request: ErasureRequest = request, point: int = point) -> None:
            Boundary(point).install()
            go_on(request)

        killed += in_child(work) == -signal.SIGKILL
        go_on(request)
        world.check(request)
    return killed


@pytest.mark.django_db(databases=["default", "ledger"])
def test_the_ledger_and_the_portal_are_two_databases() -> None:
    assert connections["ledger"].settings_dict["NAME"] != connection.settings_dict["NAME"]
    assert "deletion_ledger_entry" in connections["ledger"].introspection.table_names()
    assert "deletion_ledger_entry" not in connection.introspection.table_names()


def test_an_erasure_that_is_killed_at_any_border_ends_all_the_same(world: World) -> None:
    number = borders(world)
    assert number > 300
    points = {
        round(1 + index * number * 0.95 / 59) for index in range(60)
    }  # a later run has fewer borders: what is cached is not asked again
    assert killed_at(world, iter(sorted(points))) == len(points) == 60


@pytest.mark.long
def test_a_thousand_kills_lose_nothing(world: World) -> None:
    number = borders(world)
    chosen = random.Random(20261124)
    assert killed_at(world, (chosen.randint(1, round(number * 0.95)) for _seed in range(1000))) == 1000


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
    stepping.release(successor)
    go_on(request)
    world.check(request)


def test_an_erasure_that_is_done_is_not_done_again(world: World) -> None:
    request = world.request()
    go_on(request)
    world.check(request)
    events = request.events.count()
    assert execution.advance(request, at=timezone.now()) is None
    world.check(request)
    assert request.events.count() == events
