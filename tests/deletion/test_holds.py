"""A legal hold stops whatever would erase data of its company: a person's request, a period that ends, a replay after a restored backup."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connections, transaction
from django.utils import timezone

from customers.models import Customer, User
from deletion import ledger, replaying, services, tasks, watching
from deletion.models import ErasureCertificate, ErasureRequest, LedgerHold, LegalHold
from notifications.models import Delivery
from subscriptions.models import Subscription
from tests.deletion.backups import Backup
from tests.factories import customers as people
from tests.factories import erasure, requests

ROWS = 5
BOTH = pytest.mark.django_db(databases=["default", "ledger"])


def hold_on(company: Customer, by: User, **more: Any) -> LegalHold:
    day = timezone.localdate() + datetime.timedelta(days=30)
    facts = {"ground": "claims", "file_number": "7 O 12/26", "review_date": day, "by": by, "at": timezone.now(), **more}
    return services.place_hold(customer_reference=company.reference, **facts)


@pytest.mark.usefixtures("not_drawn")
def test_a_replay_stops_at_an_account_that_is_held_since_the_backup_and_goes_on_after_the_release(backup: Backup, capsys: Any) -> None:
    (held, owner), (other, others_owner), staff = erasure.account(ROWS), erasure.account(ROWS), people.staff()
    backup.take()
    hold = hold_on(held, staff)
    request, done = erasure.due(held, owner), erasure.complete(erasure.due(other, others_owner))
    ErasureRequest.objects.filter(pk=request.pk).update(state="fenced", started_at=timezone.now())
    ledger.enter(request)
    assert LedgerHold.objects.using("ledger").get().customer_reference == held.reference  # written with the commit
    backup.restore()
    assert not LegalHold.objects.exists()

    call_command("erasure_replay", since=backup.taken.isoformat())
    said = capsys.readouterr().out
    assert f"{request.reference}: 0 rows had come back, left: held, goes on after the release" in said
    assert "1 erasures repeated and verified, 1 held" in said
    assert Subscription.objects.filter(customer=held).count() == ROWS
    assert not Customer.objects.filter(pk=done.number).exists()
    assert replaying.DOOR.look()
    back = LegalHold.objects.get()
    assert (back.reference, back.ground, back.review_date) == (hold.reference, "claims", hold.review_date)
    held.refresh_from_db()
    assert held.closed_at is not None

    services.release_hold(hold=back, by=people.staff(), at=timezone.now())
    assert erasure.run(ErasureRequest.objects.get(reference=request.reference)).state == "waiting"
    assert not Subscription.objects.filter(customer_id=held.pk).exists()
    assert replaying.DOOR.look()


@pytest.mark.usefixtures("not_drawn")
def test_a_replay_knows_that_a_hold_was_released_and_a_pause_was_over_since_the_backup(backup: Backup) -> None:
    (company, owner), staff = erasure.account(ROWS), people.staff()
    request, hold = erasure.due(company, owner), hold_on(company, staff)
    services.pause(request=request, by=staff, at=timezone.now())
    backup.take()
    services.release_hold(hold=hold, by=staff, at=timezone.now())
    services.resume(request=request, by=staff, at=timezone.now())
    assert erasure.complete(request).state == "completed"
    backup.restore()
    call_command("erasure_replay", since=backup.taken.isoformat())
    assert LegalHold.objects.get().released_at is not None
    assert not Subscription.objects.filter(customer_id=company.pk).exists()
    assert replaying.DOOR.look()
    assert ErasureCertificate.objects.count() == 1


@BOTH
def test_the_ledger_gets_holds_that_it_lacks_once_and_never_forgets_them() -> None:
    staff = people.staff()
    hold = hold_on(people.customer(), staff)
    tasks.keep_periods()
    services.release_hold(hold=hold, by=staff, at=timezone.now())
    tasks.keep_periods()
    tasks.keep_periods()
    rows = LedgerHold.objects.using("ledger").order_by("pk")
    assert [(row.hold_reference, row.is_release) for row in rows] == [(hold.reference, False), (hold.reference, True)]
    assert "7 O" not in str(list(rows.values()))
    for statement in (
        "UPDATE deletion_ledger_hold SET is_release = true",
        "DELETE FROM deletion_ledger_hold",
        "TRUNCATE deletion_ledger_hold",
    ):
        with pytest.raises(DatabaseError, match="is refused"), transaction.atomic(using="ledger"), connections["ledger"].cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.usefixtures("not_drawn")
def test_a_restored_backup_gets_the_review_of_a_hold_as_it_was_moved_since(backup: Backup) -> None:
    (company, owner), staff, today = erasure.account(ROWS), people.staff(), timezone.localdate()
    erasure.due(company, owner)
    hold = hold_on(company, staff, review_date=today + datetime.timedelta(days=5))
    backup.take()
    later = [today + datetime.timedelta(days=days) for days in (90, 30)]
    for day in later:  # the second move is to an earlier day than the first
        services.move_review(hold=hold, review_date=day, by=staff, at=timezone.now())
    assert LedgerHold.objects.using("ledger").count() == 3
    backup.restore()
    assert LegalHold.objects.get().review_date == today + datetime.timedelta(days=5)
    ledger.bring_back_holds()
    assert LegalHold.objects.get().review_date == later[-1]
    assert ledger.holds_lacking() == []
    LegalHold.objects.all().delete()  # as if the backup were older than the hold
    ledger.bring_back_holds()
    brought = LegalHold.objects.get()
    assert (brought.review_date, brought.placed_at) == (later[-1], hold.placed_at)
    assert ledger.holds_lacking() == []


@BOTH
@pytest.mark.parametrize(
    ("is_release", "constraint"), [(False, "deletion_ledger_hold_said_once"), (True, "deletion_ledger_hold_released_once")]
)
def test_the_ledger_takes_the_same_act_on_a_hold_once(is_release: bool, constraint: str) -> None:
    now = timezone.now()
    facts: dict[str, Any] = {"hold_reference": uuid.uuid4(), "customer_reference": uuid.uuid4(), "ground": "claims"}
    facts |= {"review_date": timezone.localdate(now), "is_release": is_release}
    LedgerHold.objects.using("ledger").create(**facts, happened_at=now)
    again = now + datetime.timedelta(minutes=1) if is_release else now
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(using="ledger"):
        LedgerHold.objects.using("ledger").create(**facts, happened_at=again)


@BOTH
def test_a_hold_that_the_ledger_did_not_get_within_two_hours_sounds_an_alarm() -> None:
    people.provider()
    hold_on(people.customer(), people.staff(), at=timezone.now() - datetime.timedelta(hours=3))
    assert watching.watch_ledger(timezone.now()) == 1
    ledger.keep_holds()
    assert watching.watch_ledger(timezone.now()) == 0


@BOTH
def test_on_the_day_of_its_review_a_hold_sounds_one_alarm_and_none_before_or_after_its_release() -> None:
    people.provider()
    company, staff, today = people.customer(), people.staff(), timezone.now()
    case = requests.recorded(company, by=staff)
    hold = hold_on(company, staff, review_date=timezone.localdate(today) + datetime.timedelta(days=1))
    mails = Delivery.objects.filter(kind="deletion_alarm")
    assert (watching.watch_holds(today), mails.count()) == (0, 0)
    for days in (1, 1, 2):
        assert watching.watch_holds(today + datetime.timedelta(days=days)) == 1
    assert mails.get().context["what"] == "review"
    assert mails.get().context["reference"] == case.reference
    services.release_hold(hold=hold, by=staff, at=today)
    assert watching.watch_holds(today + datetime.timedelta(days=2)) == 0


@BOTH
@pytest.mark.usefixtures("verifier")
@pytest.mark.parametrize("kind", ["subscriber_erasure", "person_erasure"])
def test_what_a_person_asks_for_is_not_erased_from_a_held_company(kind: str) -> None:
    people.provider()
    company, staff, now = erasure.account(1)[0], people.staff("support"), timezone.now()
    second = people.owner(company)
    subscription = Subscription.objects.get(customer=company)
    asked = {"kind": kind, "identifier": subscription.identifier} if kind == "subscriber_erasure" else {"kind": kind, "email": second.email}
    case, _code = requests.asked(**{"identifier": "", **asked})
    services.confirm_mailbox(case=case, at=now)
    case = services.approve(case=case, by=staff, at=now)
    hold = hold_on(company, staff)
    with pytest.raises(services.OnHold):
        services.run(case=case, by=staff, at=now)
    assert Subscription.objects.filter(pk=subscription.pk).exists()
    assert User.objects.filter(pk=second.pk).exists()
    services.release_hold(hold=hold, by=staff, at=now)
    assert services.run(case=case, by=staff, at=now).state == "completed"
