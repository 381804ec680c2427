"""A backup is restored under processes that were left running: they notice it by themselves, and an outage is not mistaken for it."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.test import Client

from deletion import replaying, tasks
from jobs.models import Job
from tests.deletion.backups import Backup
from tests.factories import erasure

pytestmark = pytest.mark.usefixtures("not_drawn")


def test_a_process_that_runs_while_a_backup_is_restored_closes_by_itself_and_leaves_its_work_alone(
    backup: Backup, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = erasure.account(3)
    backup.take()
    erasure.complete(erasure.due(*account))
    assert replaying.DOOR.look()
    backup.restore()
    assert client.get("/livez").status_code == 200
    assert replaying.DOOR.is_open()  # it has just looked
    monkeypatch.setattr(replaying, "LOOK_WHILE_OPEN_SECONDS", 0.0)
    assert client.get("/de/").status_code == 503
    request = erasure.due(*erasure.account(1))
    tasks.keep_going()
    assert not Job.objects.filter(subject__startswith=request.reference).exists()
    call_command("erasure_replay", since=backup.taken.isoformat())
    monkeypatch.setattr(replaying, "LOOK_AGAIN_SECONDS", 0.0)
    assert client.get("/de/").status_code == 200
    tasks.keep_going()
    assert Job.objects.filter(subject__startswith=request.reference).exists()


def test_an_outage_of_the_ledger_closes_no_portal_that_is_open(backup: Backup, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []

    def away() -> list[str]:
        looks.append(1)
        raise OperationalError

    assert replaying.DOOR.look()
    monkeypatch.setattr(replaying, "missing", away)
    monkeypatch.setattr(replaying, "LOOK_WHILE_OPEN_SECONDS", 0.0)
    assert (replaying.DOOR.is_open(), len(looks)) == (True, 1)
