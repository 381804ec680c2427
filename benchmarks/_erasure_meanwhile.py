"""What happens while an account is erased: how long each transaction takes, and what other customers notice of it."""

from __future__ import annotations

import contextlib
import threading
from typing import Any

import psycopg2

from benchmarks._erasure_world import TABLE, plain_parameters, timed
from deletion import stepping


class LongestChunk:
    """Measures each transaction of the engine while it stands in for the real function."""

    def __init__(self) -> None:
        self.seconds, self.chunk = [0.0], stepping.chunk

    def __enter__(self) -> LongestChunk:
        stepping.chunk = self  # type: ignore[assignment]
        return self

    def __call__(self, *arguments: Any, **options: Any) -> None:
        self.seconds.append(timed(lambda: self.chunk(*arguments, **options)))

    def __exit__(self, *_error: object) -> None:
        stepping.chunk = self.chunk


class OtherCustomers:
    """Registers subscriptions with another company every ten milliseconds and remembers how long each took."""

    def __init__(self, company: int) -> None:
        self.company, self.latencies, self.errors, self.ended = company, list[float](), 0, threading.Event()
        self.thread = threading.Thread(target=self.register)

    def __enter__(self) -> OtherCustomers:
        self.thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.ended.set()
        self.thread.join()

    def register(self) -> None:
        statement = f"""
        INSERT INTO {TABLE} (customer_id, channel_type_id, identifier, identifier_sha256, registered_at,
            topic, opt_in_label, opt_in_sha256, cancelled_through, cancelled_why)
        SELECT %s, min(id), 'x', encode(sha256(convert_to(random()::text || clock_timestamp()::text, 'UTF8')), 'hex'), now(), '', '', '', '', ''
        FROM privacy_text_channeltype"""
        with contextlib.closing(psycopg2.connect(**plain_parameters())) as other:
            other.autocommit = True
            with other.cursor() as cursor:
                while not self.ended.wait(0.01):
                    try:
                        self.latencies.append(timed(lambda: cursor.execute(statement, [self.company])))
                    except psycopg2.Error:
                        self.errors += 1

    def p95(self) -> float:
        return self.at(0.95)

    def at(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]

    def milliseconds(self) -> dict[str, float]:
        return {name: round(1000 * self.at(share), 2) for name, share in [("median", 0.5), ("p95", 0.95), ("longest", 1.0)]}
