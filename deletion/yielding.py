"""Give way: while others write, an erasure works in short chunks with long pauses between them.

What slows other customers down is the log of the database: their commits wait until what a chunk has just written is on the disk.
A chunk that nobody meets costs nobody anything, so chunks fill a small share of the time when others write, and all of it when
nobody does.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.db import connection

AIM, AIM_BESIDE_OTHERS = 0.05, 0.015
"""Seconds that a chunk should take; no transaction may reach 0.1."""
SHARE_BESIDE_OTHERS = 0.03
LONGEST_PAUSE = 1.0  # second; a chunk that was slow by accident does not stop the work
OWN = 1  # each chunk takes one number


def next_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


@dataclass
class Traffic:
    """Tells whether others wrote since the last chunk: every transaction that writes takes the next number, in all databases of a server."""

    number: int | None = None
    is_busy: bool = False

    def look(self) -> None:
        """Compare the number of the next transaction with the one after the last chunk."""
        number = next_number()
        self.is_busy = self.number is not None and number - self.number > OWN
        self.number = number

    @property
    def aim(self) -> float:
        return AIM_BESIDE_OTHERS if self.is_busy else AIM

    def give_way(self, worked: float, *, until: float) -> None:
        """Pause after a chunk of so many seconds when others are at work, until the end of the slice at most."""
        self.look()
        if self.is_busy:
            pause = min(worked / SHARE_BESIDE_OTHERS, LONGEST_PAUSE, until - time.monotonic())
            time.sleep(max(pause, 0))
