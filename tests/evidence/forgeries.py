"""The ledger's four tables as rows that can be forged, and every way to change one byte of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import pytest

from evidence import canonical
from evidence.models import Event, Personal, Place, Seal
from evidence.verification import HeldRoot, Ledger, Report, StoredEvent, StoredPersonal, StoredPlace, StoredSeal, verify

INTEGER_LENGTH = 8


class PlaceRow(NamedTuple):
    sequence: int
    event_id: int


class Tables(NamedTuple):
    """What is stored, row by row, as the columns that the verification vouches for."""

    events: list[Any]
    places: list[Any]
    seals: list[Any]
    personal: list[Any]

    def with_row(self, table: str, index: int, *rows: Any) -> Tables:
        """Return the tables with the row replaced by the given rows; by none, it is deleted."""
        old = getattr(self, table)
        return self._replace(**{table: [*old[:index], *rows, *old[index + 1 :]]})


class Forgery(NamedTuple):
    """One byte of one column of one row."""

    table: str
    index: int
    column: str
    byte: int

    def apply(self, tables: Tables, mask: int) -> Tables:
        row = getattr(tables, self.table)[self.index]
        changed = row._replace(**{self.column: flipped(getattr(row, self.column), self.byte, mask)})
        return tables.with_row(self.table, self.index, changed)


def flipped(value: bytes | int, byte: int, mask: int) -> bytes | int:
    content = bytearray(value.to_bytes(INTEGER_LENGTH, "big", signed=True) if isinstance(value, int) else value)
    content[byte] ^= mask
    return int.from_bytes(content, "big", signed=True) if isinstance(value, int) else bytes(content)


def stored_tables() -> Tables:
    return Tables(
        [StoredEvent(*row) for row in Event.objects.order_by("pk").values_list("pk", "canonical", "leaf_hash", "commitment")],
        [PlaceRow(*row) for row in Place.objects.order_by("pk").values_list("sequence", "event_id")],
        [StoredSeal(*row) for row in Seal.objects.order_by("pk").values_list("size", "root", "frontier")],
        [StoredPersonal(*row) for row in Personal.objects.order_by("pk").values_list("commitment", "salt", "content")],
    )


def joined(tables: Tables) -> Ledger:
    """Return the tables as evidence.export reads them: places with their events, and events without a place."""
    events = {event.event_id: event for event in tables.events}
    placed = {place.event_id for place in tables.places}
    return Ledger(
        places=[StoredPlace(*place, events.get(place.event_id)) for place in sorted(tables.places)],
        seals=sorted(tables.seals),
        unplaced=[event for event in tables.events if event.event_id not in placed],
        personal=sorted(tables.personal),
    )


def judge(tables: Tables, held: HeldRoot | None = None) -> Report:
    return verify(joined(tables), held=held)


def every_byte(tables: Tables) -> Iterator[Forgery]:
    """Yield every byte of every column of every row."""
    for table, rows in tables._asdict().items():
        for index, row in enumerate(rows):
            for column, value in row._asdict().items():
                length = INTEGER_LENGTH if isinstance(value, int) else len(value or b"")
                for byte in range(length):
                    yield Forgery(table, index, column, byte)


def remember_parsed_events(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parse equal bytes once: a campaign verifies the same 199 untouched events many thousand times. Failures are not kept."""
    parse: Callable[[bytes], dict[str, Any]] = lru_cache(maxsize=2000)(canonical.parse_event)
    monkeypatch.setattr(canonical, "parse_event", parse)
