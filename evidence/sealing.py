"""Give committed events their place in the order, and compute the root over all of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from evidence import merkle
from evidence.models import Seal

LOCK = 0x65766964  # "evid": the name of the sealer's advisory lock among those of the portal
BATCH = 100_000

# The argument why no committed event is ever missed.
#
# Promise of a seal: every committed event of a transaction below its visible_below has a place.
# 1. One sealer at a time: the lock is taken by a statement of its own and held until the end of the transaction. Under
#    READ COMMITTED each later statement takes a new snapshot, so it sees all that the previous sealer committed.
# 2. HORIZON is read by the statement before the scan. It is the lowest transaction still running in that snapshot: all
#    below it had ended by then, so the scan, whose snapshot is younger, sees every event they committed.
# 3. The scan takes every visible event without a place of a transaction from the previous seal's visible_below on; below
#    that the previous seal's promise holds. So after it, every committed event below HORIZON has a place, which is the
#    promise of the new seal. Events of transactions that ended between HORIZON and the scan get their place as well,
#    and the next scan passes over them.
# 4. A scan that BATCH cut short repeats the old promise instead of making a new one.
# 5. All events have numbers below the scan's own xmax, except those that this transaction wrote itself (it then seals
#    them, or, when it does not, HORIZON is not above its own number) and those restored from a cluster that had
#    counted further. The first scan after such a restore sees a promise above HORIZON and takes all events without a
#    place, whatever their number. Without the upper bound, each scan would read all restored events again.
HORIZON = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text, current_setting('transaction_isolation')"
PREVIOUS = "SELECT size, frontier, visible_below::text FROM evidence_seal ORDER BY size DESC LIMIT 1"
SINCE_PREVIOUS = """
    event.writing_transaction >= %(lowest)s::xid8
    AND (event.writing_transaction < pg_snapshot_xmax(pg_current_snapshot())
         OR event.writing_transaction = pg_current_xact_id_if_assigned())
"""
PLACE = """
WITH candidate AS MATERIALIZED (
    SELECT event.id, event.leaf_hash, row_number() OVER (ORDER BY event.id) AS number
    FROM evidence_event event
    WHERE {condition} AND NOT EXISTS (SELECT FROM evidence_place place WHERE place.event_id = event.id)
    ORDER BY event.id LIMIT %(batch)s
), placed AS (
    INSERT INTO evidence_place (sequence, event_id) SELECT %(size)s + number - 1, id FROM candidate
)
SELECT string_agg(leaf_hash, ''::bytea ORDER BY number) FROM candidate
"""


class WrongIsolation(RuntimeError):
    """The sealer must see what others commit while it waits for its lock; only READ COMMITTED shows that."""


@transaction.atomic
def seal(*, at: datetime) -> int:
    """Place all committed events that have no place, store the new root, and return how many they were."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        size, frontier, lowest = previous_seal(cursor)
        horizon = read_horizon(cursor)
        leaves = place(cursor, size=size, lowest=lowest, restored=lowest > horizon)
    if not leaves:
        return 0
    frontier = merkle.extend(frontier, size, leaves)
    Seal.objects.create(
        size=size + len(leaves),
        root=merkle.root(frontier),
        frontier=b"".join(frontier),
        visible_below=horizon if len(leaves) < BATCH else lowest,
        sealed_at=at,
    )
    return len(leaves)


def previous_seal(cursor: Any) -> tuple[int, list[bytes], int]:
    """Return size, frontier and promise of the last seal, or those of the empty tree."""
    cursor.execute(PREVIOUS)
    row = cursor.fetchone()
    return (row[0], merkle.unpack(bytes(row[1])), int(row[2])) if row else (0, [], 0)


def read_horizon(cursor: Any) -> int:
    cursor.execute(HORIZON)
    horizon, isolation = cursor.fetchone()
    if isolation != "read committed":
        raise WrongIsolation(f"seal under READ COMMITTED, not {isolation.upper()}")
    return int(horizon)


def place(cursor: Any, *, size: int, lowest: int, restored: bool) -> list[bytes]:
    """Append the events that wait for a place, in the order of their ids, and return their leaf hashes."""
    statement = PLACE.format(condition="true" if restored else SINCE_PREVIOUS)
    cursor.execute(statement, {"size": size, "lowest": str(lowest), "batch": BATCH})
    (leaves,) = cursor.fetchone()
    return merkle.unpack(bytes(leaves or b""))
