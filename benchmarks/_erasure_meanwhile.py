"""What happens while an account is erased: how long each transaction takes, and what other customers notice of it."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg2
from django.db import connection

from benchmarks._erasure_world import TABLE, plain_parameters, timed


class EveryTransaction:
    """Measures each transaction of this process on the portal's database, from its begin to the end of its commit or rollback.

    A statement outside of any is one by itself. What the process computes between the statements counts as well: locks are held
    meanwhile, so it is never less than what the server sees.
    """

    def __init__(self) -> None:
        self.seconds: list[tuple[float, str]] = [(0.0, "")]
        self.began, self.statement = 0.0, ""
        self.wrapper, self.set_autocommit = connection.execute_wrapper(self.execute), connection.set_autocommit

    def __enter__(self) -> EveryTransaction:
        connection.ensure_connection()
        self.wrapper.__enter__()
        connection.set_autocommit = self.switch
        return self

    def __exit__(self, *_error: object) -> None:
        del connection.set_autocommit
        self.wrapper.__exit__(None, None, None)

    def switch(self, autocommit: Any, **options: Any) -> None:
        """Stand in for what begins a transaction and what follows its commit or rollback."""
        if not autocommit:
            self.began = time.perf_counter()
        self.set_autocommit(autocommit, **options)
        if autocommit:
            self.seconds.append((time.perf_counter() - self.began, self.statement))

    def execute(self, run: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        began, self.statement = time.perf_counter(), " ".join(sql.split())[:90]
        try:
            return run(sql, *arguments)
        finally:
            if connection.get_autocommit():
                self.seconds.append((time.perf_counter() - began, self.statement))

    def longest(self) -> list[tuple[float, str]]:
        """Return the longest ones in milliseconds, each with the beginning of its last statement."""
        return [(round(1000 * seconds, 1), statement) for seconds, statement in sorted(self.seconds, reverse=True)[:3]]


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
