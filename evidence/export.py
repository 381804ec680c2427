"""Read the ledger from the database for its verification, in the order of the places and without loading it whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection

from evidence.verification import Ledger, StoredEvent, StoredPersonal, StoredPlace, StoredSeal

ROWS_AT_ONCE = 2000
PLACES = """
SELECT place.sequence, place.event_id, event.id, event.canonical, event.leaf_hash, event.commitment
FROM evidence_place place LEFT JOIN evidence_event event ON event.id = place.event_id ORDER BY place.sequence, place.event_id
"""
SEALS = "SELECT size, root, frontier FROM evidence_seal ORDER BY size"
UNPLACED = """
SELECT id, canonical, leaf_hash, commitment FROM evidence_event event
WHERE NOT EXISTS (SELECT FROM evidence_place place WHERE place.event_id = event.id) ORDER BY id
"""
PERSONAL = "SELECT commitment, salt, content FROM evidence_personal ORDER BY commitment"


def stored_ledger() -> Ledger:
    """Return the ledger; read it in one REPEATABLE READ transaction while others write."""
    return Ledger(
        places=(place(row) for row in rows(PLACES)),
        seals=(StoredSeal(*row) for row in rows(SEALS)),
        unplaced=(StoredEvent(*row) for row in rows(UNPLACED)),
        personal=(StoredPersonal(*row) for row in rows(PERSONAL)),
    )


def rows(query: str) -> Iterator[tuple[Any, ...]]:
    """Yield the rows through a cursor of the server, with bytes where the driver gives views of its buffer."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(query)
        while batch := cursor.fetchmany(ROWS_AT_ONCE):
            for row in batch:
                yield tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)


def place(row: tuple[Any, ...]) -> StoredPlace:
    sequence, event_id, found, *rest = row
    return StoredPlace(sequence, event_id, None if found is None else StoredEvent(found, *rest))
