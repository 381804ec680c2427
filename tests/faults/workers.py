"""Real workers on a broker of a test's own: the first may be killed, the second may forget everything."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from compliance_portal import demo, embedded, processes
from tests.own_database import address_of


class Broker:
    """A Valkey that keeps nothing on disk: started again, it knows of no message.

    Its folder is no ``tmp_path``: the servers' user cannot enter root's.
    """

    def __init__(self, folder: Path) -> None:
        processes.give_to_server_user(folder)
        self.folder, self.running = folder, contextlib.ExitStack()
        self.address = self.start()

    def start(self) -> str:
        return str(self.running.enter_context(embedded.valkey(self.folder / "data", self.folder, durable=False))["REDIS_URL"])

    def start_again(self) -> None:
        self.running.close()
        assert self.start() == self.address


@pytest.fixture
def broker() -> Iterator[Broker]:
    with tempfile.TemporaryDirectory(prefix="portal-") as folder:
        made = Broker(Path(folder))
        with made.running:
            yield made


@pytest.fixture
def valkey(broker: Broker) -> str:
    """The address of the broker, which the test may empty."""
    return broker.address


@pytest.fixture
def start_worker(own_database: str, own_ledger: str, valkey: str, tmp_path: Path) -> Iterator[Callable[[str], subprocess.Popen[bytes]]]:
    """Return a function that starts a worker with its clock and a module of the tests; all that still run are killed at the end."""
    environment = demo.demo_environment(tmp_path, port=0) | {
        "DATABASE_URL": address_of(own_database),
        "ERASURE_LEDGER_URL": address_of(own_ledger),
        "ERASURE_LAST_CHECK_HOURS": "0",
        "REDIS_URL": valkey,
        "FAULTS_LOG": str(tmp_path / "begun"),
        "C_FORCE_ROOT": "1",
    }
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "compliance_portal", "worker", "-B", "-s", str(tmp_path / "beat")]
    command += ["--concurrency", "2", "--queues", "clock,celery,retries", "--loglevel", "ERROR", "--include"]
    started: list[subprocess.Popen[bytes]] = []

    def start(module: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([*command, module], env=environment, cwd=settings.BASE_DIR, start_new_session=True)
        started.append(process)
        return process

    yield start
    for process in started:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """End the worker and its children at once, as the kernel does when memory runs out."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
