from __future__ import annotations

import threading
from collections.abc import Callable

import psycopg2
import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from evidence import sealing, services
from evidence.models import Event, Place, Seal
from tests.evidence.ledgers import NOON, verify_stored, write_event
from tests.own_database import address_of


def places() -> list[tuple[int, int]]:
    return list(Place.objects.order_by("sequence").values_list("sequence", "event_id"))


@pytest.mark.django_db
def test_events_get_their_places_in_the_order_of_their_ids_without_gaps() -> None:
    first = [write_event(number).pk for number in range(5)]
    assert services.seal(at=NOON) == 5
    second = [write_event(number).pk for number in range(3)]
    assert services.seal(at=NOON) == 3
    assert places() == list(enumerate([*first, *second]))
    assert list(Seal.objects.order_by("size").values_list("size", flat=True)) == [5, 8]


@pytest.mark.django_db
def test_nothing_new_makes_no_seal() -> None:
    assert services.seal(at=NOON) == 0
    write_event()
    services.seal(at=NOON)
    assert services.seal(at=NOON) == 0
    assert Seal.objects.count() == 1


@pytest.mark.django_db
def test_a_batch_that_is_cut_short_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 4)
    written = [write_event(number).pk for number in range(10)]
    assert [services.seal(at=NOON) for _ in range(4)] == [4, 4, 2, 0]
    assert [event for _, event in places()] == written
    assert verify_stored().exit_code == 0


@pytest.mark.django_db
def test_two_events_cannot_have_one_place_nor_one_event_two_places() -> None:
    event = write_event()
    services.seal(at=NOON)
    for sequence, event_id in ((0, event.pk + 1), (1, event.pk)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Place.objects.create(sequence=sequence, event_id=event_id)


@pytest.mark.django_db
def test_the_event_keeps_the_ledgers_bytes_to_their_length() -> None:
    for change in ({"leaf_hash": b"short"}, {"commitment": b"short"}):
        with pytest.raises(IntegrityError, match="has 32 bytes"), transaction.atomic():
            Event.objects.create(**({"canonical": b"{}", "leaf_hash": bytes(32)} | change))


def test_a_transaction_that_commits_long_after_later_ones_were_sealed_is_not_missed(own_database: str) -> None:
    """The event with the lowest number becomes visible last: seals by number alone would pass over it for ever."""
    slow = psycopg2.connect(address_of(own_database))
    with slow.cursor() as cursor:
        cursor.execute("INSERT INTO evidence_event (canonical, leaf_hash) VALUES ('', sha256('\\x00')) RETURNING id")
        (late,) = cursor.fetchone()
    early = [write_event(number).pk for number in range(3)]
    assert services.seal(at=NOON) == 3
    early.append(write_event(3).pk)
    assert services.seal(at=NOON) == 1
    slow.commit()
    slow.close()
    assert services.seal(at=NOON) == 1
    assert [event for _, event in places()] == [*early, late]
    assert late < early[0]


def test_a_subtransaction_that_was_rolled_back_takes_nothing_else_with_it(own_database: str) -> None:
    with transaction.atomic():
        kept = write_event(1).pk
        savepoint = transaction.savepoint()
        write_event(2)
        transaction.savepoint_rollback(savepoint)
        last = write_event(3).pk
    assert services.seal(at=NOON) == 2
    assert [event for _, event in places()] == [kept, last]
    assert verify_stored().exit_code == 0


def test_events_are_sealed_in_the_transaction_that_wrote_them_when_it_wants_that(own_database: str) -> None:
    write_event(0)
    services.seal(at=NOON)
    with transaction.atomic():
        write_event(1)
        assert services.seal(at=NOON) == 1
    assert verify_stored().exit_code == 0


def test_a_second_sealer_waits_and_then_sees_what_the_first_has_placed(own_database: str) -> None:
    for number in range(20):
        write_event(number)
    sealed: list[int] = []
    with transaction.atomic():
        services.seal(at=NOON)
        second = threading.Thread(target=in_thread(lambda: sealed.append(services.seal(at=NOON))))
        second.start()
        wait_for_lock()
        write_event(20)
    second.join(10)
    assert sealed == [1]
    assert [sequence for sequence, _ in places()] == list(range(21))
    assert verify_stored().exit_code == 0


def test_a_snapshot_older_than_the_lock_is_refused(own_database: str) -> None:
    write_event()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        with pytest.raises(sealing.WrongIsolation):
            services.seal(at=NOON)
    assert not Seal.objects.exists()


def test_a_restore_into_a_cluster_that_has_counted_less_seals_everything_and_goes_on(own_database: str) -> None:
    """After a dump is restored elsewhere, transaction numbers start low again while the ledger remembers high ones."""
    written = [write_event(number).pk for number in range(6)]
    services.seal(at=NOON)
    written += [write_event(number).pk for number in range(6, 9)]  # committed, not yet sealed when the dump was taken
    pretend_restored_from_an_older_cluster(10**12)
    written += [write_event(number).pk for number in range(9, 12)]
    assert services.seal(at=NOON) == 6
    written += [write_event(12).pk]
    assert services.seal(at=NOON) == 1
    assert [event for _, event in places()] == written
    assert verify_stored().exit_code == 0
    newest = Seal.objects.latest("size").visible_below
    assert newest < 10**12


def pretend_restored_from_an_older_cluster(offset: int) -> None:
    """Raise all stored transaction numbers, as if the rows came from a cluster that had counted further."""
    with connection.cursor() as cursor:
        for table, column in (("evidence_event", "writing_transaction"), ("evidence_seal", "visible_below")):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(f"UPDATE {table} SET {column} = ({column}::text::bigint + %s)::text::xid8", [offset])
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_rows, ENABLE ALWAYS TRIGGER {table}_truncate")


def in_thread(work: Callable[[], None]) -> Callable[[], None]:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    return run


def wait_for_lock() -> None:
    """Wait until the other sealer waits for this one."""
    with connection.cursor() as cursor:
        for _ in range(500):
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_sleep(0.01)")
    raise AssertionError("the second sealer did not wait")
