"""The verification finds every change: a byte, a row, an order, a tail; and says where."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from evidence import services
from evidence.models import Event, Seal
from evidence.verification import HeldRoot, Ledger, StoredPlace, verify
from tests.evidence.ledgers import NOON, read_ledger, verify_stored, write_event, write_ledger

EVENTS = 200
Edit = Callable[[bytes, int], bytes]


def flipped(content: bytes, position: int, bit: int = 1) -> bytes:
    return content[:position] + bytes([content[position] ^ bit]) + content[position + 1 :]


def fields_with_bytes(ledger: Ledger) -> Iterator[tuple[str, int, str, bytes]]:
    """Yield every stored byte string of the ledger: its table, its row, its column, its bytes."""
    for row, place in enumerate(ledger.places):
        assert place.event
        for column in ("canonical", "leaf_hash", "commitment"):
            content = getattr(place.event, column)
            if content is not None:
                yield "event", row, column, content
    for row, seal in enumerate(ledger.seals):
        yield "seal", row, "root", seal.root
        yield "seal", row, "frontier", seal.frontier
    for row, personal in enumerate(ledger.personal):
        for column in ("commitment", "salt", "content"):
            yield "personal", row, column, getattr(personal, column)


def with_bytes(ledger: Ledger, table: str, row: int, column: str, content: bytes) -> Ledger:
    """Return the ledger with one byte string replaced."""
    if table == "event":
        places: list[StoredPlace] = list(ledger.places)
        event = places[row].event
        assert event
        places[row] = places[row]._replace(event=event._replace(**{column: content}))
        return ledger._replace(places=places)
    rows: list[Any] = list(getattr(ledger, "seals" if table == "seal" else "personal"))
    rows[row] = rows[row]._replace(**{column: content})
    return ledger._replace(**{"seals" if table == "seal" else "personal": rows})


@pytest.fixture
def ledger(db: None) -> Ledger:
    write_ledger(EVENTS)
    stored = read_ledger()
    assert not verify(stored).faults
    return stored


def undetected(ledger: Ledger, positions: Callable[[bytes], list[int]]) -> list[tuple[str, int, str, int]]:
    return [
        (table, row, column, position)
        for table, row, column, content in fields_with_bytes(ledger)
        for position in positions(content)
        if not verify(with_bytes(ledger, table, row, column, flipped(content, position))).faults
    ]


def test_a_changed_byte_in_every_row_and_column_is_found(ledger: Ledger) -> None:
    chosen = random.Random(6962)  # the same bytes in every run
    assert undetected(ledger, lambda content: [chosen.randrange(len(content))]) == []


@pytest.mark.long
def test_every_single_changed_byte_of_the_whole_ledger_is_found(ledger: Ledger) -> None:
    assert undetected(ledger, lambda content: list(range(len(content)))) == []


def test_a_changed_number_of_a_place_or_of_a_seal_is_found(ledger: Ledger) -> None:
    places, seals = list(ledger.places), list(ledger.seals)
    for row, place in list(enumerate(places))[::7]:
        for change in ({"sequence": place.sequence + 1}, {"event_id": place.event_id + 1}):
            forged = [*places[:row], place._replace(**change), *places[row + 1 :]]
            assert verify(ledger._replace(places=forged)).faults, (row, change)
    for row, seal in enumerate(seals):
        for size in (seal.size - 1, seal.size + 1):
            forged_seals = [*seals[:row], seal._replace(size=size), *seals[row + 1 :]]
            assert verify(ledger._replace(seals=forged_seals)).faults, (row, size)


def test_a_removed_an_exchanged_and_a_doubled_event_are_found(ledger: Ledger) -> None:
    places = list(ledger.places)
    for row in (0, 57, EVENTS - 1):
        gone = [place for place in places if place.sequence != row]
        assert verify(ledger._replace(places=gone)).faults
        hollow = [*places[:row], places[row]._replace(event=None), *places[row + 1 :]]
        assert f"place {row}" in str(verify(ledger._replace(places=hollow)).faults[0])
    for first, second in ((0, 1), (20, 120)):
        swapped = list(places)
        swapped[first], swapped[second] = (
            places[first]._replace(event=places[second].event, event_id=places[second].event_id),
            places[second]._replace(event=places[first].event, event_id=places[first].event_id),
        )
        assert verify(ledger._replace(places=swapped)).faults
    event = places[40].event
    assert event
    assert "stored twice" in str(verify(ledger._replace(unplaced=[event])).faults[0])


def test_a_removed_seal_leaves_its_events_without_one_and_the_last_one_is_missed(ledger: Ledger) -> None:
    seals = list(ledger.seals)
    assert "no seal covers it" in str(verify(ledger._replace(seals=seals[:-1])).faults[0])


def test_a_tail_that_went_with_its_seals_is_found_by_whoever_holds_a_root(ledger: Ledger) -> None:
    """The ledger alone cannot know what stood behind its end: that is why roots are given to others."""
    held = HeldRoot(list(ledger.seals)[-1].size, list(ledger.seals)[-1].root)
    shorter = ledger._replace(
        seals=list(ledger.seals)[:-1],
        places=[place for place in ledger.places if place.sequence < list(ledger.seals)[-2].size],
        personal=[],
    )
    kept = verify(shorter, held=held)
    assert kept.diverges
    assert verify(ledger, held=held).diverges is False


def test_personal_data_that_vanished_unsaid_are_missed(ledger: Ledger) -> None:
    personal = list(ledger.personal)
    assert "gone without a 'redacted' event" in str(verify(ledger._replace(personal=personal[1:])).faults[0])


# --- the command, on the database ------------------------------------------------------------------------------------


def status_of_command(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    status = 0
    try:
        call_command("verify_evidence", *arguments)
    except SystemExit as end:
        status = int(str(end.code))
    captured = capsys.readouterr()
    return status, captured.out + captured.err


def test_the_command_ends_with_nothing_for_a_sealed_ledger_and_with_10_for_an_unsealed_tail(
    own_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_event(1)
    assert status_of_command(capsys)[0] == 10
    services.seal(at=NOON)
    status, said = status_of_command(capsys)
    assert status == 0
    assert said.startswith("valid: 1 sealed, 0 unsealed, 0 redacted, root ")


def test_the_command_names_the_place_of_a_byte_that_the_owner_changed(own_database: str, capsys: pytest.CaptureFixture[str]) -> None:
    written = [write_event(number).pk for number in range(12)]
    services.seal(at=NOON)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE evidence_event DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE evidence_event SET canonical = set_byte(canonical, 20, get_byte(canonical, 20) # 1) WHERE id = %s", [written[7]]
        )
    status, said = status_of_command(capsys)
    assert status == 40
    assert f"place 7, event {written[7]}, the leaf hash is not that of the stored bytes" in said
    assert "BROKEN" in said


def test_the_command_tells_a_ledger_that_was_written_anew_from_the_one_whose_root_is_held(
    own_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_event(1)
    services.seal(at=NOON)
    seal = Seal.objects.get()
    held = f"{seal.size}:{bytes(seal.root).hex()}"
    assert status_of_command(capsys, "--held", held)[0] == 0
    rewrite_with_other_facts()
    assert verify_stored().exit_code == 0
    status, said = status_of_command(capsys, "--held", held)
    assert status == 30
    assert "diverges" in said


def rewrite_with_other_facts() -> None:
    """Do what an owner without scruples could: empty all and record something else, sealed anew."""
    with connection.cursor() as cursor:
        for table in ("evidence_event", "evidence_place", "evidence_seal"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(f"DELETE FROM {table}")
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_rows, ENABLE ALWAYS TRIGGER {table}_truncate")
    write_event(2)
    services.seal(at=NOON)
    assert Event.objects.count() == 1
