"""A backup older than an erasure is restored: the account is back, nobody gets in, the ledger erases it again, and a supplement says so."""

from __future__ import annotations

import datetime
import itertools
import json
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from compliance_portal import celery as workers
from compliance_portal import health
from customers.models import Customer
from deletion import execution, proving, replaying, steering, stepping, tasks
from deletion.models import ErasureCertificate, ErasureRequest, LedgerCertificate, LedgerEntry, Tombstone
from subscriptions.models import Subscription
from tests.deletion.backups import Backup
from tests.factories import customers as people
from tests.factories import erasure

pytestmark = pytest.mark.usefixtures("not_drawn")
ROWS = 25


@pytest.fixture
def company() -> Customer:
    return erasure.account(ROWS)[0]


def digest(customer: Customer) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT md5(string_agg(s::text, '|' ORDER BY id)), (SELECT c::text FROM customers_customer c WHERE id = %(id)s) "
            "FROM subscriptions_subscription s WHERE customer_id = %(id)s",
            {"id": customer.pk},
        )
        return cursor.fetchone()


def erased(company: Customer) -> tuple[ErasureRequest, ErasureCertificate]:
    owner = company.people_with("owner").first()
    assert owner is not None
    request = erasure.complete(erasure.due(company, owner))
    return request, request.certificates.get()


def rows_of(number: int) -> int:
    return Subscription.objects.filter(customer_id=number).count()


def replay(backup: Backup) -> None:
    call_command("erasure_replay", since=backup.taken.isoformat())


def test_the_drill(backup: Backup, company: Customer, client: Client, capsys: Any) -> None:
    stranger = people.stranger().customer
    assert stranger is not None
    erasure.subscribers(stranger, 7)
    number, before = company.pk, digest(stranger)
    backup.take()
    request, certificate = erased(company)
    assert rows_of(number) == 0
    assert LedgerCertificate.objects.using("ledger").get().reference == certificate.reference

    backup.restore()
    assert rows_of(number) == ROWS  # resurrected
    assert not ErasureRequest.objects.exists()

    assert replaying.missing() == [request.reference]
    assert health.has_failed("erasures", health.require_ledger_in_step)
    with pytest.raises(SystemExit, match="erasure_replay"):
        workers.refuse_restored_backup()
    for path in ("/", "/en/account/", "/admin/", "/api/v1/gate/"):
        answer = client.get(path)
        assert (answer.status_code, answer["Retry-After"]) == (503, "60"), path
    assert client.get("/livez").status_code == 200

    replay(backup)
    said = capsys.readouterr().out
    assert "rows deleted again" in said
    assert int(said.split(" rows had come back")[0].split(": ")[-1]) >= ROWS
    assert rows_of(number) == 0
    assert not Customer.objects.filter(pk=number).exists()
    assert Tombstone.objects.get().customer_number == number
    assert digest(stranger) == before
    assert replaying.DOOR.look()
    assert not health.has_failed("erasures", health.require_ledger_in_step)
    workers.refuse_restored_backup()
    assert client.get(f"/v/{certificate.reference}/").status_code == 200  # its holder checks it as before

    request = ErasureRequest.objects.get()
    assert request.reference == certificate.request.reference
    erasure.run(request, at=timezone.now() + datetime.timedelta(days=2))
    supplement = ErasureCertificate.objects.get(kind="supplement")
    assert supplement.supplements is not None
    assert supplement.supplements.reference == certificate.reference
    content = json.loads(bytes(supplement.canonical))
    assert content["reason"] == "repeated_after_restore"
    assert {row["dataset"]: row["deleted"] for row in content["datasets"]}["subscriptions.subscription"] == ROWS
    assert {row["left"] for row in content["datasets"]} == {0}
    assert content["supplements"]["sha256"] == certificate.sha256

    replay(backup)  # repeating it changes nothing
    assert ErasureCertificate.objects.count() == 2


def test_a_backup_from_before_the_start_of_a_request_begins_it_again(backup: Backup, company: Customer) -> None:
    owner, number = company.people_with("owner").first(), company.pk
    assert owner is not None
    request = erasure.due(company, owner)
    backup.take()
    erasure.complete(request)
    backup.restore()
    assert rows_of(number) == ROWS
    assert replaying.missing() == [request.reference]
    replay(backup)
    assert (rows_of(number), replaying.missing()) == (0, [])


def test_a_backup_from_the_middle_of_an_erasure_is_taken_to_its_end(
    backup: Backup, company: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, number = company.people_with("owner").first(), company.pk
    assert owner is not None
    request = erasure.due(company, owner)
    now = timezone.now()
    execution.begin(request, now, 0)
    request.refresh_from_db()
    execution.enter_ledger_and_plan(request, now, 0)
    backup.take()
    erasure.complete(request)
    backup.restore()
    assert rows_of(number) == ROWS
    assert replaying.missing() == []  # the account is closed in it, and the workers would go on by themselves
    call_command("erasure_replay", since=(backup.taken - datetime.timedelta(minutes=5)).isoformat())
    assert rows_of(number) == 0


def test_numbers_of_accounts_younger_than_the_backup_are_not_given_again(backup: Backup) -> None:
    backup.take()
    company = erasure.account(3)[0]
    erased(company)
    backup.restore()
    replay(backup)
    assert Tombstone.objects.get().customer_number == company.pk
    assert people.customer().pk > company.pk


def test_a_number_that_is_somebody_elses_is_never_erased(backup: Backup, company: Customer) -> None:
    LedgerEntry.objects.using("ledger").create(
        request_reference="LA-2026-AAAA-AAAA",
        customer_number=company.pk,
        customer_reference=uuid4(),
        requested_at=timezone.now(),
        due_date=timezone.localdate(),
    )
    with pytest.raises(replaying.WrongAccount):
        replay(backup)
    assert rows_of(company.pk) == ROWS


def test_while_something_is_left_the_command_fails_and_the_portal_stays_closed(
    backup: Backup, company: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup.take()
    erased(company)
    backup.restore()
    monkeypatch.setattr(execution, "advance", lambda *_arguments, **_options: None)
    with pytest.raises(CommandError, match="stays closed"):
        replay(backup)
    assert ErasureRequest.objects.get().started_at is not None  # begun, and nothing more
    assert not replaying.DOOR.look()
    assert health.has_failed("erasures", health.require_ledger_in_step)


def test_an_interrupted_repetition_keeps_the_portal_closed_and_the_next_one_opens_it(
    backup: Backup, company: Customer, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, number = erasure.account(3)[0], company.pk
    backup.take()
    for each in (company, other):
        erased(each)
    backup.restore()
    claims, claim = itertools.count(), stepping.claim

    def claimed(request: ErasureRequest) -> Any:
        if next(claims) == 3:
            raise KeyboardInterrupt
        return claim(request)

    with monkeypatch.context() as patched:
        patched.setattr(stepping, "claim", claimed)
        with pytest.raises(KeyboardInterrupt):
            replay(backup)
    assert [request.state for request in ErasureRequest.objects.order_by("pk")] == ["erasing", "fenced"]
    assert len(replaying.missing()) == 2
    assert not replaying.DOOR.look()
    assert client.get("/").status_code == 503
    with pytest.raises(SystemExit, match="erasure_replay"):
        workers.refuse_restored_backup()
    replay(backup)
    assert (rows_of(number), rows_of(other.pk), replaying.missing()) == (0, 0, [])
    assert replaying.DOOR.look()


@pytest.mark.parametrize("is_begun", [False, True])
def test_a_blocked_repetition_keeps_the_portal_closed_and_is_tried_again_by_the_next_one(
    backup: Backup, company: Customer, monkeypatch: pytest.MonkeyPatch, is_begun: bool
) -> None:
    owner, number = company.people_with("owner").first(), company.pk
    assert owner is not None
    request = erasure.planned(company, owner) if is_begun else erasure.due(company, owner)
    backup.take()
    erasure.complete(request)
    backup.restore()
    since = (backup.taken - datetime.timedelta(minutes=5)).isoformat()
    with monkeypatch.context() as patched:
        patched.setattr(proving, "verify_account", lambda _request: [proving.Finding("subscriptions.subscription", None)])
        patched.setattr(execution, "PAUSE", datetime.timedelta(0))  # between the tries of a verification that cannot count
        with pytest.raises(CommandError, match="stays closed"):
            call_command("erasure_replay", since=since)
    assert ErasureRequest.objects.get().state == "blocked"
    assert not replaying.DOOR.look()
    call_command("erasure_replay", since=since)
    assert ErasureRequest.objects.get().state == "waiting"
    assert replaying.DOOR.look()
    assert rows_of(number) == 0


def test_an_erasure_that_no_restore_repeats_never_closes_the_portal(backup: Backup, company: Customer) -> None:
    owner = company.people_with("owner").first()
    assert owner is not None
    request, now = erasure.due(company, owner), timezone.now()
    assert replaying.DOOR.look()
    for stage in (execution.begin, execution.enter_ledger_and_plan):
        stage(request, now, 0)
        request.refresh_from_db()
        assert replaying.DOOR.look()
    execution.block(request, "not_counted", now)
    assert replaying.DOOR.look()
    steering.try_again(request, at=now)
    assert erasure.run(request).state == "waiting"
    assert replaying.DOOR.look()
    assert erasure.complete(request).state == "completed"
    assert replaying.DOOR.look()


def test_a_ledger_that_does_not_answer_keeps_the_door_closed(backup: Backup, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    def away() -> list[str]:
        raise OperationalError

    monkeypatch.setattr(replaying, "missing", away)
    assert not replaying.DOOR.look()


def test_a_certificate_that_the_ledger_did_not_get_is_copied_later(backup: Backup, company: Customer) -> None:
    from django.db import connections

    _request, certificate = erased(company)
    with connections["ledger"].cursor() as cursor:
        cursor.execute("ALTER TABLE deletion_ledger_certificate DISABLE TRIGGER never_changed")
        cursor.execute("DELETE FROM deletion_ledger_certificate")
    tasks.keep_periods()
    assert LedgerCertificate.objects.using("ledger").get().reference == certificate.reference


def test_the_moment_of_the_backup_has_to_be_one(backup: Backup) -> None:
    with pytest.raises(CommandError, match="date and time"):
        call_command("erasure_replay", since="yesterday")
