"""A store beside the database comes back from a backup of its own that is older than the portal's: nothing of it is taken for gone uncounted."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone

from deletion import proving, replaying
from deletion.connectors import NotCounted, Progress, Transient
from deletion.connectors.files import FileConnector, folder_of
from deletion.models import ErasureCertificate, ErasureRequest
from notifications.models import Delivery
from tests.factories import customers as people
from tests.factories import erasure

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.usefixtures("verifier", "not_drawn")]


@pytest.fixture
def since() -> Iterator[str]:
    people.provider()
    yield (timezone.now() - datetime.timedelta(minutes=5)).isoformat()
    replaying.DOOR.is_closed = False


def bring_back(request: ErasureRequest, number: int) -> str:
    """Write what the older backup of the file store held of the account; return its folder."""
    folder = folder_of(str(request.customer_reference))
    for each in range(number):
        default_storage.save(f"{folder}/back-{each}.txt", ContentFile(b"x"))
    return folder


def files_in(folder: str) -> list[str]:
    return default_storage.listdir(folder)[1]


def completed() -> ErasureRequest:
    return erasure.complete(erasure.due(*erasure.account(1)))


def test_files_of_a_complete_erasure_are_deleted_again_and_a_supplement_says_so(since: str, capsys: Any) -> None:
    request = completed()
    folder = bring_back(request, 3)
    call_command("erasure_replay", since=since)
    assert f"{request.reference}: 3 rows had come back, left: 0" in capsys.readouterr().out
    assert files_in(folder) == []
    supplement = ErasureCertificate.objects.get(kind="supplement")
    content = json.loads(bytes(supplement.canonical))
    assert content["reason"] == "repeated_after_restore"
    assert [(row["store"], row["deleted"], row["left"]) for row in content["datasets"]] == [("files", 3, 0)]
    assert Delivery.objects.filter(kind="deletion_completed").count() == 2  # the certificate, and now the supplement
    assert replaying.DOOR.look()
    call_command("erasure_replay", since=since)
    assert "0 rows had come back, left: 0" in capsys.readouterr().out
    assert ErasureCertificate.objects.count() == 2


def test_a_store_that_does_not_count_keeps_the_portal_closed_until_it_does(since: str, monkeypatch: pytest.MonkeyPatch) -> None:
    request = completed()
    folder = bring_back(request, 2)
    with monkeypatch.context() as patched:
        patched.setattr(FileConnector, "verify", lambda _self, _scope: NotCounted("unreadable"))
        with pytest.raises(CommandError, match="stays closed"):
            call_command("erasure_replay", since=since)
    assert replaying.missing() == [request.reference]
    assert not replaying.DOOR.look()
    call_command("erasure_replay", since=since)
    assert (files_in(folder), replaying.missing()) == ([], [])
    assert replaying.DOOR.look()


def test_a_repetition_that_was_cut_short_says_in_the_end_how_much_had_come_back(since: str, monkeypatch: pytest.MonkeyPatch) -> None:
    request = completed()
    folder = bring_back(request, 5)

    def breaks(_self: FileConnector, _scope: Any, _cursor: str, _limit: int) -> Progress:
        default_storage.delete(f"{folder}/back-0.txt")
        raise Transient

    with monkeypatch.context() as patched:
        patched.setattr(FileConnector, "erase", breaks)
        with pytest.raises(CommandError, match="stays closed"):
            call_command("erasure_replay", since=since)
    assert not ErasureCertificate.objects.filter(kind="supplement").exists()
    call_command("erasure_replay", since=since)
    content = json.loads(bytes(ErasureCertificate.objects.get(kind="supplement").canonical))
    assert [row["deleted"] for row in content["datasets"]] == [5]
    assert replaying.DOOR.look()


def test_files_of_an_erasure_that_waits_for_its_last_verification_are_deleted_again(since: str) -> None:
    request = erasure.run(erasure.due(*erasure.account(1)))
    assert request.state == "waiting"
    folder = bring_back(request, 2)
    call_command("erasure_replay", since=since)
    request.refresh_from_db()
    assert (request.state, files_in(folder), request.steps.get(store="files").deleted) == ("waiting", [], 2)
    assert replaying.DOOR.look()


def test_a_verification_that_cannot_count_yet_is_waited_for(since: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stores that are still starting are normal after a restore: no try is burnt before its time."""
    request, verify, counts = erasure.planned(*erasure.account(1)), proving.verify_account, []

    def starting(request: ErasureRequest) -> list[proving.Finding]:
        counts.append(timezone.now())
        return [proving.Finding("store:files", None)] if len(counts) < 3 else verify(request)

    monkeypatch.setattr(proving, "verify_account", starting)
    monkeypatch.setattr("deletion.execution.PAUSE", datetime.timedelta(seconds=0.3))
    assert replaying.replay(since=timezone.now() - datetime.timedelta(minutes=5), at=timezone.now())[0].left == 0
    request.refresh_from_db()
    assert (request.state, request.events.filter(code="verification.put_off").count()) == ("waiting", 2)
    assert counts[1] - counts[0] >= datetime.timedelta(seconds=0.3)
    assert counts[2] - counts[1] >= datetime.timedelta(seconds=0.6)
