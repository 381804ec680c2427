"""Whoever changes, removes, adds or moves anything in a ledger of 200 events is found out, and the place is named."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection

from evidence import merkle
from evidence.models import Event, Personal, Place, Seal
from evidence.verification import HeldRoot
from tests.evidence.forgeries import Forgery, Tables, every_byte, joined, judge, remember_parsed_events, stored_tables
from tests.evidence.ledgers import read_ledger, write_ledger

VALID, REDACTED, DIVERGES, BROKEN = 0, 20, 30, 40
EVENTS = 200
BYTES_OF_A_COLUMN = 4
# What the verification does not vouch for: it steers the sealer and says when, and no proof rests on it.
BOOKKEEPING = {"writing_transaction", "visible_below", "sealed_at"}


@pytest.fixture
def ledger(db: None, monkeypatch: pytest.MonkeyPatch) -> Tables:
    """Return a ledger of 200 events, one in ten with personal data, some of them redacted."""
    redactions = 2  # each is an event of its own
    write_ledger(EVENTS - redactions)
    remember_parsed_events(monkeypatch)
    tables = stored_tables()
    assert len(tables.events) == len(tables.places) == EVENTS
    assert len(tables.seals) > 5
    return tables


def undetected(tables: Tables, forgeries: Iterator[Forgery]) -> tuple[int, list[Forgery]]:
    """Return how many forgeries were tried and which of them the verification let pass."""
    chance, tried, passed = random.Random(200), 0, []
    for forgery in forgeries:
        tried += 1
        if judge(forgery.apply(tables, mask=chance.randrange(1, 256))).exit_code != BROKEN:
            passed.append(forgery)
    return tried, passed


def some_bytes(tables: Tables) -> Iterator[Forgery]:
    """Yield a few bytes of every column of every row, the first and the last among them."""
    chance, column = random.Random(7), list[Forgery]()
    for forgery in [*every_byte(tables), None]:
        if column and (forgery is None or forgery[:3] != column[0][:3]):
            yield from {column[0], column[-1], *chance.sample(column, min(BYTES_OF_A_COLUMN - 2, len(column)))}
            column = []
        if forgery is not None:
            column.append(forgery)


def test_the_untouched_ledger_is_valid_and_read_as_the_database_gives_it(ledger: Tables) -> None:
    assert judge(ledger).exit_code == REDACTED
    assert joined(ledger) == read_ledger()


def test_the_verification_vouches_for_every_column_but_the_bookkeeping(ledger: Tables) -> None:
    covered = {column for rows in ledger for column in rows[0]._fields} | {"id"}  # an event's id is its event_id
    stored = {field.column for model in (Event, Place, Seal, Personal) for field in model._meta.fields}
    assert stored - covered == BOOKKEEPING


def test_a_changed_byte_in_any_column_of_any_row_is_detected(ledger: Tables) -> None:
    tried, passed = undetected(ledger, some_bytes(ledger))
    assert tried > 3000
    assert passed == []


@pytest.mark.long
def test_every_single_byte_of_the_ledger_is_guarded(ledger: Tables) -> None:
    tried, passed = undetected(ledger, every_byte(ledger))
    assert tried > 50_000
    assert passed == []


@pytest.mark.parametrize("table", ["events", "places", "personal"])
def test_a_row_that_is_gone_is_missed(ledger: Tables, table: str) -> None:
    passed = [index for index, _ in enumerate(getattr(ledger, table)) if judge(ledger.with_row(table, index)).exit_code != BROKEN]
    assert passed == []


def test_without_the_last_seal_its_events_have_a_place_that_no_seal_covers(ledger: Tables) -> None:
    assert judge(ledger._replace(seals=ledger.seals[:-1])).exit_code == BROKEN


def test_without_an_inner_seal_the_others_still_prove_all_events_and_with_a_held_root_none_can_go(ledger: Tables) -> None:
    for index, seal in enumerate(ledger.seals):
        held = HeldRoot(seal.size, seal.root)
        assert judge(ledger, held).exit_code == REDACTED
        shorter = Tables(ledger.events[: seal.size - 1], ledger.places[: seal.size - 1], ledger.seals[:index], ledger.personal)
        assert judge(shorter, held).exit_code in (DIVERGES, BROKEN)
        assert judge(shorter, held).diverges


def test_two_events_that_change_places_are_noticed(ledger: Tables) -> None:
    for index in range(EVENTS - 1):
        first, second = ledger.places[index : index + 2]
        swapped = ledger.with_row("places", index, first._replace(event_id=second.event_id))
        swapped = swapped.with_row("places", index + 1, second._replace(event_id=first.event_id))
        assert judge(swapped).exit_code == BROKEN


def test_an_event_that_is_rewritten_with_a_matching_hash_contradicts_the_seals(ledger: Tables) -> None:
    """The forger knows the format: the bytes are canonical, the leaf hash is right, and the root is not."""
    for index, event in enumerate(ledger.events):
        content = event.canonical.replace(b'"happened_at":"2026', b'"happened_at":"2025')
        assert content != event.canonical
        forged = event._replace(canonical=content, leaf_hash=merkle.leaf(content))
        report = judge(ledger.with_row("events", index, forged))
        assert report.exit_code == BROKEN
        assert any("the root is not that of the events" in str(fault) for fault in report.faults)


def test_an_event_that_is_slipped_in_or_doubled_is_noticed(ledger: Tables) -> None:
    for index, event in enumerate(ledger.events):
        double = ledger.with_row("events", index, event, event._replace(event_id=10**6))
        assert judge(double).exit_code == BROKEN
        placed = double._replace(places=[*ledger.places, ledger.places[0]._replace(sequence=EVENTS, event_id=10**6)])
        assert judge(placed).exit_code == BROKEN


def test_a_ledger_written_anew_is_valid_in_itself_and_diverges_from_every_root_that_was_held(ledger: Tables) -> None:
    anew = rewritten(ledger)
    assert judge(anew).exit_code == REDACTED
    for seal in ledger.seals:
        assert judge(anew, HeldRoot(seal.size, seal.root)).exit_code == DIVERGES


def rewritten(tables: Tables) -> Tables:
    """Return a forger's second history: the first event says something else, and every hash after it is computed again."""
    content = tables.events[0].canonical.replace(b'"happened_at":"2026', b'"happened_at":"2025')
    events = [tables.events[0]._replace(canonical=content, leaf_hash=merkle.leaf(content)), *tables.events[1:]]
    by_id, seals, frontier, size = {event.event_id: event.leaf_hash for event in events}, [], list[bytes](), 0
    leaves = [by_id[place.event_id] for place in tables.places]
    for seal in tables.seals:
        frontier, size = merkle.extend(frontier, size, leaves[size : seal.size]), seal.size
        seals.append(seal._replace(root=merkle.root(frontier), frontier=b"".join(frontier)))
    return tables._replace(events=events, seals=seals)


def test_the_command_names_the_place_of_a_change_in_the_database_and_ends_with_status_40(own_database: str) -> None:
    """Somebody with the owner's password lifts the guard, changes one byte and puts the guard back."""
    write_ledger(30)
    victim = Place.objects.get(sequence=17).event_id
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE evidence_event DISABLE TRIGGER USER")
        cursor.execute("UPDATE evidence_event SET canonical = set_byte(canonical, 60, get_byte(canonical, 60) # 1) WHERE id = %s", [victim])
        cursor.execute("ALTER TABLE evidence_event ENABLE ALWAYS TRIGGER evidence_event_rows")
    told, complaints = io.StringIO(), io.StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("verify_evidence", stdout=told, stderr=complaints)
    assert end.value.code == BROKEN
    assert f"place 17, event {victim}, the leaf hash is not that of the stored bytes" in complaints.getvalue()
    assert told.getvalue().startswith("BROKEN")
