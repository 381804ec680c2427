"""Workers that are killed and a broker that forgets everything: no job is lost, and none takes effect twice."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db import connection

from compliance_portal import demo, embedded
from jobs import dispatch, services
from jobs.models import Job
from tests.faults import work
from tests.own_database import address_of

JOBS = 200
PATIENCE = 90  # seconds


@pytest.fixture
def valkey() -> Iterator[str]:
    """A Valkey of the test's own, which it may empty; returns its address.

    Its folder is no ``tmp_path``: the servers' user cannot enter root's.
    """
    with tempfile.TemporaryDirectory(prefix="portal-") as folder:
        sockets = Path(folder)
        embedded.give_to_server_user(sockets)
        with embedded.valkey(sockets / "data", sockets, durable=False) as addresses:
            yield addresses["REDIS_URL"]


@pytest.fixture
def start_worker(own_database: str, own_ledger: str, valkey: str, tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Return a function that starts a worker with its clock; all that still run are killed at the end."""
    environment = demo.demo_environment(tmp_path, port=0) | {
        "DATABASE_URL": address_of(own_database),
        "ERASURE_LEDGER_URL": address_of(own_ledger),
        "REDIS_URL": valkey,
        "FAULTS_LOG": str(tmp_path / "begun"),
        "C_FORCE_ROOT": "1",
    }
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "compliance_portal", "worker", "-B", "-s", str(tmp_path / "beat")]
    command += ["--include", "tests.faults.work", "--concurrency", "2", "--queues", "clock,celery,retries", "--loglevel", "ERROR"]
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR, start_new_session=True)
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


def effects() -> Counter[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT subject FROM faults_effect")
        return Counter(subject for (subject,) in cursor.fetchall())


def wait_until(worker: subprocess.Popen[bytes], reached: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert worker.poll() is None, "the worker ended by itself"
        assert time.monotonic() < deadline, f"{what}: {Counter(Job.objects.filter(kind=work.KIND).values_list('state', flat=True))}"
        time.sleep(0.05)


def put_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the jobs, and lose every message about them: the relay has to find the rows."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE faults_effect (subject text NOT NULL)")
    with monkeypatch.context() as broken:
        broken.setattr(dispatch, "send", lambda job: None)
        for number in range(JOBS):
            services.put(kind=work.KIND, key=f"faults:{number}", subject=str(number))


def test_200_jobs_survive_killed_workers_and_a_wiped_broker(
    start_worker: Callable[[], subprocess.Popen[bytes]], valkey: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_jobs(monkeypatch)
    broker: Any = redis.Redis.from_url(valkey)
    for done_before_the_kill in (30, 80, 130):
        worker = start_worker()
        wait_until(worker, lambda many=done_before_the_kill: sum(effects().values()) >= many, "the worker did not get so far")
        kill(worker)
        broker.flushall()
    begun_before_the_last = len((tmp_path / "begun").read_text().splitlines())
    assert begun_before_the_last > 130, "some jobs were killed in the middle"
    worker = start_worker()
    wait_until(worker, lambda: not Job.objects.filter(kind=work.KIND).exclude(state=Job.State.DONE).exists(), "not all jobs were done")
    broker.close()
    assert effects() == Counter({str(number): 1 for number in range(JOBS)})


def test_a_broker_that_is_wiped_under_a_working_worker_costs_no_job(
    start_worker: Callable[[], subprocess.Popen[bytes]], valkey: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_jobs(monkeypatch)
    worker = start_worker()
    broker: Any = redis.Redis.from_url(valkey)
    for done in (20, 60, 100, 140):
        wait_until(worker, lambda many=done: sum(effects().values()) >= many, "the worker stopped after the broker was emptied")
        broker.flushall()
    wait_until(worker, lambda: not Job.objects.filter(kind=work.KIND).exclude(state=Job.State.DONE).exists(), "not all jobs were done")
    broker.close()
    assert effects() == Counter({str(number): 1 for number in range(JOBS)})
