"""One subscriber, one person, one withdrawn consent: in the ledger before anything goes, counted before it is said, gone after a restore."""

from __future__ import annotations

import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as configured
from django.contrib.messages import get_messages
from django.core.management import call_command
from django.db import DatabaseError, OperationalError, connection, connections, transaction
from django.test import Client
from django.utils import timezone

import customers.ledger
from customers.models import Customer, Invitation, LedgerErasure, SingleErasure, User
from deletion import persons, repeating, replaying, services
from deletion.models import CaseFile
from subscriptions import identifiers, recording
from subscriptions import services as subscribing
from subscriptions.models import Subscription, Suppression
from tests.deletion.backups import Backup
from tests.deletion.test_desk import signed_in
from tests.factories import customers as people
from tests.factories import requests, subscribers

BOTH = pytest.mark.django_db(databases=["default", "ledger"])
DEVICE = "https://push.example/device-canary"


def entries() -> Any:
    return LedgerErasure.objects.using("ledger").order_by("pk")


def approved(support: User, **fields: Any) -> CaseFile:
    case, _code = requests.asked(**fields)
    if case.identity == CaseFile.Identity.OPEN:
        case = services.confirm_mailbox(case=case, at=timezone.now())
    return services.approve(case=case, by=support, at=timezone.now())


def carried_out(case: CaseFile, support: User) -> CaseFile:
    return services.run(case=case, by=support, at=timezone.now())


def by_system(company: Customer, identifier: str) -> None:
    owner = company.people_with("owner").first()
    assert owner is not None
    now = timezone.now()
    items = [recording.Item(identifier=identifier, channel_type="web_push", registered_at=now)]
    subscribing.cancel_batch(customer=company, items=items, why="withdrawn", by=owner, at=now)


def invited(company: Customer, address: str) -> Invitation:
    now = timezone.now()
    times = {"created_at": now, "expires_at": now + datetime.timedelta(days=14), "mail_wanted_at": now}
    return Invitation.objects.create(customer=company, email=address, roles=["signatory"], language="de", **times)


# --- after a restored backup ------------------------------------------------------------------------------------------


def test_the_drill(backup: Backup, client: Client, capsys: Any) -> None:
    company, support = people.customer(), people.staff("support")
    people.owner(company)
    colleague, stays = people.colleague(company), people.colleague(company)
    number, address = colleague.pk, colleague.email
    for identifier in (DEVICE, "by desk", "by system", "stays"):
        subscribers.subscribe(company, identifier)
    of_subscriber, of_person = approved(support, identifier=DEVICE), approved(support, kind="person_erasure", email=address, identifier="")
    backup.take()
    carried_out(of_subscriber, support)
    carried_out(of_person, support)
    ended = Subscription.objects.get(identifier="by desk")
    subscribing.cancel(subscription=ended, by=support, why="objected", at=timezone.now())
    by_system(company, "by system")
    assert [entry.kind for entry in entries()] == ["subscriber", "person", "cancelled", "cancelled"]

    backup.restore()
    assert Subscription.objects.active().count() == 4  # resurrected
    assert User.objects.filter(pk=number).exists()
    assert not Suppression.objects.exists()
    assert len(replaying.missing()) == 4
    replaying.DOOR.look()
    assert client.get("/en/account/").status_code == 503

    call_command("erasure_replay", since=backup.taken.isoformat())
    said = capsys.readouterr().out
    assert "4 erasures repeated and verified" in said
    assert sum(int(line.split(" rows had come back")[0].split(": ")[-1]) for line in said.splitlines()[:4]) >= 4
    assert Subscription.objects.active().get().identifier == "stays"
    assert not Subscription.objects.of_identifier(identifiers.digests(DEVICE)).exists()
    withdrawn = Subscription.objects.exclude(cancelled_at=None).order_by("pk")
    assert [(row.identifier, row.cancelled_through, row.cancelled_why) for row in withdrawn] == [
        ("", "desk", "objected"),
        ("", "api", "withdrawn"),
    ]
    assert set(Suppression.objects.values_list("reason", flat=True)) == {"erased", "cancelled"}
    items = [
        recording.Item(identifier=text, channel_type="web_push", registered_at=timezone.now()) for text in (DEVICE, "by desk", "by system")
    ]
    owner = company.people_with("owner").get()
    again = subscribing.record_batch(customer=company, items=items, by=owner, at=timezone.now())
    assert [result.status for result in again] == ["suppressed"] * 3
    assert set(User.objects.filter(is_staff=False).values_list("pk", flat=True)) == {owner.pk, stays.pk}
    assert set(CaseFile.objects.values_list("state", flat=True)) == {"completed"}
    assert replaying.missing() == []
    assert replaying.DOOR.look()

    call_command("erasure_replay", since=backup.taken.isoformat())  # repeating it changes nothing
    assert "4 erasures repeated and verified, 0 rows deleted again" in capsys.readouterr().out
    assert Subscription.objects.count() == 3


def test_what_began_anew_after_the_erasure_is_not_taken_by_a_repetition(backup: Backup) -> None:
    company, support = people.customer(), people.staff("support")
    people.owner(company)
    colleague = people.colleague(company)
    for identifier in (DEVICE, "by system"):
        subscribers.subscribe(company, identifier)
    carried_out(approved(support, identifier=DEVICE), support)
    carried_out(approved(support, kind="person_erasure", email=colleague.email, identifier=""), support)
    by_system(company, "by system")
    later = timezone.now()
    for identifier in (DEVICE, "by system"):
        subscribers.subscribe(company, identifier, at=later, is_renewed=True)
    invitation = invited(company, colleague.email)
    again = people.colleague(company)
    User.objects.filter(pk=again.pk).update(email=colleague.email)
    call_command("erasure_replay", since=(later - datetime.timedelta(hours=1)).isoformat())
    assert Subscription.objects.active().count() == 2
    assert Invitation.objects.filter(pk=invitation.pk).exists()
    assert User.objects.filter(pk=again.pk).exists()


def test_what_is_left_keeps_the_portal_closed(backup: Backup, monkeypatch: pytest.MonkeyPatch) -> None:
    company, support = people.customer(), people.staff("support")
    people.owner(company)
    subscribers.subscribe(company, DEVICE)
    case = approved(support, identifier=DEVICE)
    backup.take()
    carried_out(case, support)
    backup.restore()
    with monkeypatch.context() as patched:
        patched.setattr(repeating, "left_of", lambda _entry: None)
        with pytest.raises(Exception, match="stays closed"):
            call_command("erasure_replay", since=backup.taken.isoformat())
    assert len(replaying.missing()) == 1
    call_command("erasure_replay", since=backup.taken.isoformat())
    assert replaying.missing() == []


# --- the ledger comes first -------------------------------------------------------------------------------------------


@BOTH
@pytest.mark.usefixtures("verifier")
def test_without_the_ledgers_answer_nothing_goes_and_the_request_stays_open(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    people.provider()
    company, support = people.customer(), people.staff("support")
    people.owner(company)
    colleague, row = people.colleague(company), subscribers.subscribe(company, DEVICE)
    cases = [approved(support, identifier=DEVICE), approved(support, kind="person_erasure", email=colleague.email, identifier="")]
    monkeypatch.setattr(LedgerErasure.objects, "using", lambda _alias: (_ for _ in ()).throw(OperationalError))
    desk = signed_in(client, support)
    for case in cases:
        answer = desk.post(f"/en/desk/requests/{case.reference}/run/")
        assert "nothing was changed" in str(next(iter(get_messages(answer.wsgi_request))))
    answer = desk.post(f"/en/desk/subscriptions/{row.pk}/cancel/", {"why": "withdrawn"})
    assert answer.status_code == 302
    assert User.objects.filter(pk=colleague.pk).exists()
    assert Subscription.objects.active().get() == row
    assert set(CaseFile.objects.values_list("state", flat=True)) == {"open"}


@BOTH
@pytest.mark.usefixtures("verifier")
def test_the_ledger_holds_keyed_hashes_and_random_references_and_no_personal_data() -> None:
    people.provider()
    company, support = people.customer(legal_name="canary Verlag"), people.staff("support")
    people.owner(company)
    colleague = people.colleague(company)
    User.objects.filter(pk=colleague.pk).update(email="canary.colleague@example.com")
    subscribers.subscribe(company, DEVICE)
    carried_out(approved(support, identifier=DEVICE), support)
    carried_out(approved(support, kind="person_erasure", email="canary.colleague@example.com", identifier=""), support)
    with connections["ledger"].cursor() as cursor:
        cursor.execute("SELECT e::text FROM customers_ledger_erasure e")
        written = "".join(text for (text,) in cursor.fetchall())
    assert str(company.reference) in written
    assert str(colleague.reference) in written
    assert "canary" not in written
    assert "@" not in written
    assert {entry.case_reference for entry in entries()} == set(CaseFile.objects.values_list("reference", flat=True))
    assert set(entries().values_list("reference", flat=True)) == set(SingleErasure.objects.values_list("reference", flat=True))


@BOTH
@pytest.mark.parametrize("statement", ["UPDATE customers_ledger_erasure SET why = 'x'", "DELETE FROM customers_ledger_erasure"])
def test_nobody_changes_an_entry_and_it_goes_when_no_backup_needs_it(statement: str, settings: Any) -> None:
    company = people.customer()
    people.owner(company)
    subscribers.subscribe(company, DEVICE)
    by_system(company, DEVICE)
    with pytest.raises(DatabaseError, match="refused"), transaction.atomic("ledger"), connections["ledger"].cursor() as cursor:
        cursor.execute(statement)
    old = timezone.now() - datetime.timedelta(days=91)
    LedgerErasure.objects.using("ledger").create(reference=uuid4(), kind="person", hashes=[], happened_at=old, written_at=old)
    settings.ERASURE_BACKUP_DAYS = 120
    assert customers.ledger.forget(at=timezone.now()) == 0
    settings.ERASURE_BACKUP_DAYS = 35
    assert customers.ledger.forget(at=timezone.now()) == 1
    assert entries().get().kind == "cancelled"
    assert SingleErasure.objects.count() == 1


# --- counted before it is said ----------------------------------------------------------------------------------------


@BOTH
@pytest.mark.usefixtures("verifier")
def test_what_the_count_still_finds_leaves_the_request_open_until_it_is_gone(client: Client) -> None:
    people.provider()
    company, support = people.customer(), people.staff("support")
    people.owner(company)
    subscribers.subscribe(company, DEVICE)
    case = approved(support, identifier=DEVICE)
    with connection.cursor() as cursor:
        cursor.execute("CREATE RULE swallowed AS ON DELETE TO subscriptions_subscription DO INSTEAD NOTHING")
    answer = signed_in(client, support).post(f"/en/desk/requests/{case.reference}/run/")
    assert "still there" in str(next(iter(get_messages(answer.wsgi_request))))
    case.refresh_from_db()
    assert case.state == CaseFile.State.OPEN
    with connection.cursor() as cursor:
        cursor.execute("DROP RULE swallowed ON subscriptions_subscription")
    assert carried_out(case, support).state == CaseFile.State.COMPLETED
    assert not Subscription.objects.exists()


@BOTH
@pytest.mark.usefixtures("verifier")
@pytest.mark.parametrize(
    ("kind", "table"), [("subscriber_erasure", "subscriptions_subscription"), ("person_erasure", "notifications_delivery")]
)
def test_uncounted_is_never_zero(kind: str, table: str) -> None:
    people.provider()
    company, support = people.customer(), people.staff("support")
    people.owner(company)
    colleague = people.colleague(company)
    subscribers.subscribe(company, DEVICE)
    about = {"identifier": DEVICE} if kind == "subscriber_erasure" else {"identifier": "", "email": colleague.email}
    case = approved(support, kind=kind, **about)
    with connection.cursor() as cursor:
        cursor.execute(f"REVOKE SELECT ON {table} FROM {configured.DATABASE_VERIFIER_ROLE}")
    with pytest.raises(services.Uncounted):
        carried_out(case, support)
    case.refresh_from_db()
    assert case.state == CaseFile.State.OPEN
    assert case.affected
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT SELECT ON {table} TO {configured.DATABASE_VERIFIER_ROLE}")
    again = carried_out(case, support)  # nothing is left to erase, and now it is counted
    assert (again.state, again.affected) == (CaseFile.State.COMPLETED, case.affected)


@BOTH
@pytest.mark.usefixtures("verifier")
def test_the_count_sees_every_place_of_a_person() -> None:
    company = people.customer()
    colleague = people.colleague(company)
    who = persons.who_is(colleague.email)
    before = persons.left_of(who)
    assert before >= 2  # login and role
    invited(company, colleague.email)
    assert persons.left_of(who) == before + 1
