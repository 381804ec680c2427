"""Work in a second connection, for tests of what happens at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection

PATIENCE = 5  # seconds
WAITING_FOR_US = "SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"


class Meanwhile(threading.Thread):
    """Does the work in a connection of its own and keeps what it raised."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__()
        self.work = work
        self.raised: Exception | None = None

    def run(self) -> None:
        try:
            self.work()
        except Exception as error:
            self.raised = error
        finally:
            connection.close()

    def start_and_wait_until_blocked(self) -> None:
        """Return when the other connection waits for a lock of ours, or fail."""
        self.start()
        for _moment in range(PATIENCE * 50):
            with connection.cursor() as cursor:
                cursor.execute(WAITING_FOR_US)
                if cursor.rowcount:
                    return
            self.join(0.02)
        pytest.fail("the other connection did not wait")

    def finish(self) -> Exception | None:
        """Wait for the end and return what the work raised."""
        self.join(PATIENCE)
        assert not self.is_alive()
        return self.raised
