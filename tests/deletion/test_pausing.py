"""An erasure waits: because operators stopped it or a store, or because a replica is behind."""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from django.db import connection
from django.utils import timezone
from psycopg2.extras import REPLICATION_PHYSICAL, PhysicalReplicationConnection

from customers.models import Customer
from deletion import execution, replicas, tasks, watching
from deletion.models import CaseFile, ErasureRequest, ErasureStep, RetentionRule
from subscriptions.models import Subscription
from tests.factories import agreement, erasure, requests
from tests.factories import customers as people

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.usefixtures("verifier", "not_drawn")]


@pytest.fixture
def request_of_account() -> ErasureRequest:
    people.provider()
    company, owner = erasure.account(4)
    agreement.accept(company, owner, agreement.published())
    return erasure.due(company, owner)


def begun(request: ErasureRequest) -> ErasureRequest:
    execution.begin(request, timezone.now(), 0)
    request.refresh_from_db()
    execution.enter_ledger_and_plan(request, timezone.now(), 0)
    request.refresh_from_db()
    return request


# --- pauses of operators ------------------------------------------------------------------------------------------------


def test_operators_stop_every_erasure_and_it_goes_on_afterwards(request_of_account: ErasureRequest, settings: Any) -> None:
    settings.ERASURE_PAUSED = ["all"]
    now = timezone.now()
    assert execution.advance(request_of_account, at=now) == now + execution.PAUSE
    assert request_of_account.state == ErasureRequest.State.REQUESTED
    watching.watch(at=now)
    assert watching.watch(at=now + datetime.timedelta(hours=1)) == 0
    RetentionRule.objects.update(months=0, days=0, to_year_end=False)
    long_ago = now - datetime.timedelta(days=90)
    case, _code = requests.asked()
    CaseFile.objects.filter(pk=case.pk).update(state="withdrawn", ended_at=long_ago)
    tasks.expire("today")
    assert CaseFile.objects.filter(pk=case.pk).exists()
    settings.ERASURE_PAUSED = []
    tasks.expire("today")
    assert not CaseFile.objects.filter(pk=case.pk).exists()
    assert erasure.run(request_of_account).state == ErasureRequest.State.WAITING


def test_operators_stop_one_store_and_the_others_go_on(request_of_account: ErasureRequest, settings: Any) -> None:
    settings.ERASURE_PAUSED = ["files"]
    request = erasure.run(request_of_account, most=5)
    assert request.state == ErasureRequest.State.ERASING
    assert request.steps.get(store="files").state == ErasureStep.State.PENDING
    assert not Subscription.objects.filter(customer_id=request.number).exists()
    assert Customer.objects.filter(pk=request.number).exists()  # the company's own row waits for every store
    settings.ERASURE_PAUSED = []
    assert erasure.run(request).state == ErasureRequest.State.WAITING


@pytest.mark.parametrize(
    ("paused", "is_silent"), [(["files"], False), (["keys", "elsewhere"], False), (["all"], True), (["database", "files"], True)]
)
def test_a_paused_store_silences_the_alarm_only_for_requests_that_wait_for_it_alone(
    request_of_account: ErasureRequest, settings: Any, paused: list[str], is_silent: bool
) -> None:
    begun(request_of_account)
    settings.ERASURE_PAUSED, now = paused, timezone.now()
    sounded = [watching.watch_progress(now + datetime.timedelta(minutes=minutes)) for minutes in (0, 20)]
    assert sounded == [0, 0 if is_silent else 1]


def test_a_request_that_has_done_all_but_a_paused_store_rests(request_of_account: ErasureRequest, settings: Any) -> None:
    settings.ERASURE_PAUSED, now = ["files"], timezone.now()
    erasure.run(request_of_account, most=5)
    assert [watching.watch_progress(now + datetime.timedelta(minutes=minutes)) for minutes in (0, 20)] == [0, 0]
    settings.ERASURE_PAUSED = []
    assert watching.watch_progress(now + datetime.timedelta(minutes=40)) == 1


# --- replicas -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def replica() -> Iterator[Any]:
    """Stand as a replica at the server's own door: it sees a receiver of its write-ahead log that says how far it is."""
    parameters = connection.get_connection_params()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_lsn()")
        (position,) = cursor.fetchone()
    receiver = psycopg2.connect(
        host=parameters["host"], user="postgres", dbname="postgres", connection_factory=PhysicalReplicationConnection
    )
    with receiver.cursor() as stream:
        stream.start_replication(slot_type=REPLICATION_PHYSICAL, start_lsn=position)
        yield stream
    receiver.close()


def acknowledge(stream: Any, position: int) -> None:
    stream.send_feedback(write_lsn=position, flush_lsn=position, apply_lsn=position, force=True)
    time.sleep(0.3)


def wal_position() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT (pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint")
        return int(cursor.fetchone()[0])


def see_replication(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the tests' role see positions, as operators let the portal's."""
    parameters = connection.get_connection_params()
    administrator = psycopg2.connect(host=parameters["host"], user="postgres", dbname="postgres")
    administrator.autocommit = True
    with administrator.cursor() as cursor:
        cursor.execute(f"GRANT pg_read_all_stats TO {parameters['user']}")
    administrator.close()


def test_without_replicas_nothing_waits() -> None:
    assert replicas.lag_bytes() == 0
    assert not replicas.are_behind()


def test_an_erasure_waits_while_a_replica_is_behind_and_goes_on_then(
    request_of_account: ErasureRequest, replica: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    see_replication(monkeypatch)
    settings.ERASURE_MOST_REPLICA_LAG = 1
    for _patience in range(100):  # others write on the same server
        acknowledge(replica, wal_position())
        if replicas.lag_bytes() < replicas.MEGABYTE:
            break
        time.sleep(0.1)
    assert replicas.lag_bytes() < replicas.MEGABYTE
    before = wal_position()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_logical_emit_message(false, 'test', repeat('x', 3000000))")
    for _patience in range(100):  # the server's own writer takes what no commit has written yet to the log within moments
        if wal_position() - before > 2 * replicas.MEGABYTE:
            break
        time.sleep(0.1)
    acknowledge(replica, before)
    assert replicas.lag_bytes() > 2 * replicas.MEGABYTE
    request, now = begun(request_of_account), timezone.now()
    assert execution.advance(request, at=now) == now + execution.PAUSE
    assert Customer.objects.filter(pk=request.customer_number).exists()
    assert not request.steps.exclude(state="pending").exists()
    acknowledge(replica, wal_position())
    assert erasure.run(request).state == ErasureRequest.State.WAITING
