"""The erasure through Celery as in production: a worker with its clock, and what happens when it is killed."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection, connections

from benchmarks.measuring import address_of
from compliance_portal import demo
from customers.models import Customer
from deletion.models import ErasureRequest, ErasureStep
from tests.factories import erasure

PATIENCE = 600  # seconds


def environment(folder: Path) -> dict[str, str]:
    return demo.demo_environment(folder, port=0) | {
        "DATABASE_URL": address_of(str(connection.settings_dict["NAME"])),
        "ERASURE_LEDGER_URL": address_of(str(connections["ledger"].settings_dict["NAME"])),
        "C_FORCE_ROOT": "1",
        "LOG_LEVEL": "ERROR",
    }


@contextlib.contextmanager
def worker(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start a worker with two processes and its clock; kill what is left of it at the end."""
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "compliance_portal", "worker", "-B", "-s", str(folder / "beat")]
    command += ["--concurrency", "2", "--queues", "clock,celery,retries", "--loglevel", "ERROR"]
    process = subprocess.Popen(command, env=environment(folder), cwd=settings.BASE_DIR, start_new_session=True)
    try:
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def due(company: Customer) -> ErasureRequest:
    owner = company.people_with("owner").first()
    assert owner is not None
    return erasure.due(company, owner)


def seconds_through_celery(company: Customer) -> float:
    """Return the seconds from the closing of the account until everything is deleted and twice verified, by the database's clock."""
    request = due(company)
    with tempfile.TemporaryDirectory() as folder, worker(Path(folder)):
        deadline = time.monotonic() + PATIENCE
        while ErasureRequest.objects.get(pk=request.pk).state != ErasureRequest.State.WAITING:
            assert time.monotonic() < deadline, list(request.events.values_list("code", "dataset"))
            time.sleep(0.2)
    began, ended = (request.events.get(code=code).at for code in ("request.fenced", "request.waiting"))
    return float((ended - began).total_seconds())


def seconds_until_recovery(company: Customer) -> float:
    """Kill a worker with all its processes in the middle, start another one, and return when the deletion went on."""
    request = due(company)
    steps = ErasureStep.objects.filter(request=request, dataset="subscriptions.subscription")
    with tempfile.TemporaryDirectory() as folder:
        with worker(Path(folder)) as process:
            wait_until(lambda: steps.filter(deleted__gt=0).exclude(state="verified").exists())
            kill(process)
        deleted, killed_at = steps.get().deleted, time.monotonic()
        with worker(Path(folder)):
            wait_until(lambda: steps.filter(deleted__gt=deleted).exists() or steps.filter(state="verified").exists())
            return time.monotonic() - killed_at


def wait_until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.01)
