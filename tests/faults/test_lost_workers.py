"""Workers that are killed and a broker that forgets everything: no job is lost, and none takes effect twice."""

from __future__ import annotations

import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis
from django.db import connection

from jobs import dispatch, services
from jobs.models import Job
from tests.faults import work
from tests.faults.workers import kill

JOBS = 200
PATIENCE = 90  # seconds


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
    start_worker: Callable[[str], subprocess.Popen[bytes]], valkey: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_jobs(monkeypatch)
    broker: Any = redis.Redis.from_url(valkey)
    for done_before_the_kill in (30, 80, 130):
        worker = start_worker("tests.faults.work")
        wait_until(worker, lambda many=done_before_the_kill: sum(effects().values()) >= many, "the worker did not get so far")
        kill(worker)
        broker.flushall()
    begun_before_the_last = len((tmp_path / "begun").read_text().splitlines())
    assert begun_before_the_last > 130, "some jobs were killed in the middle"
    worker = start_worker("tests.faults.work")
    wait_until(worker, lambda: not Job.objects.filter(kind=work.KIND).exclude(state=Job.State.DONE).exists(), "not all jobs were done")
    broker.close()
    assert effects() == Counter({str(number): 1 for number in range(JOBS)})


def test_a_broker_that_is_wiped_under_a_working_worker_costs_no_job(
    start_worker: Callable[[str], subprocess.Popen[bytes]], valkey: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_jobs(monkeypatch)
    worker = start_worker("tests.faults.work")
    broker: Any = redis.Redis.from_url(valkey)
    for done in (20, 60, 100, 140):
        wait_until(worker, lambda many=done: sum(effects().values()) >= many, "the worker stopped after the broker was emptied")
        broker.flushall()
    wait_until(worker, lambda: not Job.objects.filter(kind=work.KIND).exclude(state=Job.State.DONE).exists(), "not all jobs were done")
    broker.close()
    assert effects() == Counter({str(number): 1 for number in range(JOBS)})
