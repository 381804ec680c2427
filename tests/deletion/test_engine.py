"""An erasure from the due request to the certificate, and everything that may come between."""

from __future__ import annotations

import datetime
import json
import time
from typing import Any

import pytest
from django.db import OperationalError, connection, connections
from django.utils import timezone
from django.utils.translation import override

from customers.models import Customer, User
from deletion import attempts, datasets, execution, ledger, queue, services, stepping, sweeping, tasks, watching
from deletion.datasets import NoAccountNamed
from deletion.models import ErasureCertificate, ErasureEvent, ErasureFence, ErasureRequest, ErasureStep, LedgerEntry, Tombstone
from jobs import execution as running
from jobs.models import Job
from notifications.messages import compose
from notifications.models import Delivery
from subscriptions.models import Subscription
from tests.factories import customers as people
from tests.factories import erasure
from tests.factories.erasure import CANARY

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.usefixtures("verifier", "not_drawn")]


@pytest.fixture
def company() -> Customer:
    people.provider()
    return erasure.account()[0]


@pytest.fixture
def owner(company: Customer) -> User:
    person = company.people_with("owner").first()
    assert person is not None
    return person


def digest_of(customer: Customer) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT md5(string_agg(s::text, '|' ORDER BY id)) FROM subscriptions_subscription s WHERE customer_id = %s", [customer.pk]
        )
        subscriptions = cursor.fetchone()
        cursor.execute("SELECT md5(string_agg(u::text, '|' ORDER BY id)) FROM customers_user u WHERE customer_id = %s", [customer.pk])
        return [subscriptions, cursor.fetchone()]


def test_a_due_request_goes_all_the_way_to_its_certificate(company: Customer, owner: User) -> None:
    stranger = people.stranger()
    assert stranger.customer is not None
    erasure.subscribers(stranger.customer, 7)
    before, number, address = digest_of(stranger.customer), company.pk, owner.email
    request = erasure.run(erasure.due(company, owner))
    assert request.state == ErasureRequest.State.WAITING, list(request.events.values_list("code", "dataset", "number"))
    assert not Customer.objects.filter(pk=number).exists()
    assert not Subscription.objects.filter(customer_id=number).exists()
    assert Tombstone.objects.get().customer_number == number
    assert LedgerEntry.objects.using("ledger").get().customer_number == number
    assert not ErasureCertificate.objects.exists()

    request = erasure.complete(request)
    certificate = ErasureCertificate.objects.get()
    content = json.loads(bytes(certificate.canonical))
    counts = {row["dataset"]: row["deleted"] for row in content["datasets"]}
    assert (counts["subscriptions.subscription"], counts["customers.user"], counts["customers.customer"]) == (25, 2, 1)
    assert {row["left"] for row in content["datasets"]} == {0}
    assert request.state == ErasureRequest.State.COMPLETED
    assert request.plan is None
    mail = Delivery.objects.get(kind="deletion_completed")
    assert mail.recipient == address
    assert certificate.reference in compose(mail).body
    assert digest_of(stranger.customer) == before
    assert ErasureFence.objects.get().customer_number == number
    assert set(ErasureStep.objects.values_list("state", "residual")) == {("verified", 0)}
    assert CANARY not in bytes(certificate.canonical).decode()
    assert ErasureEvent.objects.filter(code="canary.found").count() == 1


# --- held, paused, failed -------------------------------------------------------------------------------------------


def test_nothing_begins_before_the_time_to_withdraw_is_over(company: Customer, owner: User) -> None:
    request = services.request_erasure(customer=company, by=owner, at=timezone.now())
    assert execution.advance(request, at=timezone.now()) == request.not_before
    request.refresh_from_db()
    assert request.state == ErasureRequest.State.REQUESTED
    assert not ErasureFence.objects.exists()


def test_a_request_that_has_begun_cannot_be_withdrawn(company: Customer, owner: User) -> None:
    request = erasure.planned(company, owner)
    with pytest.raises(services.TooLateToWithdraw):
        services.withdraw_erasure(request=request, by=owner, at=request.not_before - datetime.timedelta(days=1))


def test_a_hold_placed_while_it_runs_stops_before_the_next_chunk_and_its_release_lets_it_go_on(
    company: Customer, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stepping, "SMALLEST", 10)
    request, staff = erasure.planned(company, owner), people.staff()
    request.steps.update(chunk_size=10)
    chunk, holds = stepping.chunk, []

    def chunk_and_hold(*arguments: Any, **options: Any) -> None:
        chunk(*arguments, **options)
        if arguments[1].dataset == "subscriptions.subscription" and not holds:
            holds.append(
                services.place_hold(
                    customer_reference=company.reference,
                    ground="authority",
                    file_number="12 O 34/26",
                    review_date=datetime.date(2027, 1, 1),
                    by=staff,
                    at=timezone.now(),
                )
            )

    monkeypatch.setattr(stepping, "chunk", chunk_and_hold)
    erasure.run(request)
    assert Subscription.objects.filter(customer_id=company.pk).count() == 15
    assert request.steps.get(dataset="subscriptions.subscription").deleted == 10
    services.release_hold(hold=holds[0], by=staff, at=timezone.now())
    with pytest.raises(services.AlreadyReleased):
        services.release_hold(hold=holds[0], by=staff, at=timezone.now())
    assert erasure.complete(request).state == ErasureRequest.State.COMPLETED
    assert request.steps.get(dataset="subscriptions.subscription").deleted == 25


def test_a_hold_keeps_a_due_request_from_beginning(company: Customer, owner: User) -> None:
    request, staff = erasure.due(company, owner), people.staff()
    services.place_hold(
        customer_reference=company.reference,
        ground="claims",
        file_number="A 1",
        review_date=datetime.date(2027, 1, 1),
        by=staff,
        at=timezone.now(),
    )
    tasks.keep_going()
    assert not Job.objects.filter(kind=tasks.ADVANCE).exists()
    assert erasure.run(request).state == ErasureRequest.State.REQUESTED


def test_a_paused_request_waits_and_goes_on(company: Customer, owner: User) -> None:
    request, staff = erasure.planned(company, owner), people.staff()
    services.pause(request=request, by=staff, at=timezone.now())
    erasure.run(request)
    assert Subscription.objects.filter(customer_id=company.pk).count() == 25
    services.resume(request=request, by=staff, at=timezone.now())
    assert erasure.complete(request).state == ErasureRequest.State.COMPLETED
    assert list(request.events.filter(code__startswith="request.").values_list("code", flat=True)).count("request.paused") == 1


def test_without_the_ledgers_answer_nothing_is_deleted(company: Customer, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    request = erasure.due(company, owner)
    monkeypatch.setattr(LedgerEntry.objects, "using", lambda _alias: (_ for _ in ()).throw(OperationalError))
    with pytest.raises(OperationalError):
        erasure.run(request)
    request.refresh_from_db()
    assert request.state == ErasureRequest.State.FENCED
    assert Subscription.objects.filter(customer_id=company.pk).count() == 25
    monkeypatch.undo()
    assert erasure.complete(request).state == ErasureRequest.State.COMPLETED


def test_a_ledger_that_does_not_answer_is_asked_again_by_itself_and_the_provider_is_told(
    company: Customer, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has to let the request go on afterwards, so it does not stand still for that."""
    people.provider()
    request = erasure.due(company, owner)
    monkeypatch.setattr(ledger, "enter", lambda _request: (_ for _ in ()).throw(OperationalError))
    with pytest.raises(OperationalError):
        erasure.run(request)
    first = timezone.now()
    for minutes in (0, 20):
        watching.watch_progress(first + datetime.timedelta(minutes=minutes))
    assert [mail.context["what"] for mail in Delivery.objects.filter(kind="deletion_alarm")] == ["still"]
    for _each in range(2):  # a slice that has used up its attempts is followed by another
        tasks.keep_going()
        Job.objects.filter(kind=tasks.ADVANCE).update(state="dead", finished_at=timezone.now(), last_error="OperationalError")
    tasks.keep_going()
    assert Job.objects.filter(kind=tasks.ADVANCE, state="waiting").count() == 1
    request.refresh_from_db()
    assert (request.state, request.blocked_why) == (ErasureRequest.State.FENCED, "")
    monkeypatch.undo()
    assert erasure.run(request).state == ErasureRequest.State.WAITING


def test_a_writer_that_does_not_stop_is_named_on_the_desk_until_a_person_lets_the_request_go_on(
    company: Customer, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    request, count = erasure.planned(company, owner), sweeping.count
    monkeypatch.setattr(attempts, "FIRST_DELAY", datetime.timedelta(0))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("ALTER TABLE subscriptions_subscription DISABLE TRIGGER refuse_fenced")

    def write_and_count(dataset: datasets.Dataset, *arguments: Any, **more: Any) -> int:
        if dataset.key == "subscriptions.subscription":
            erasure.subscribers(company, 1, str(time.monotonic_ns()))
        return count(dataset, *arguments, **more)

    monkeypatch.setattr(sweeping, "count", write_and_count)
    request = erasure.run(request)
    assert (request.state, request.blocked_why) == (ErasureRequest.State.BLOCKED, "writer_active")
    step = request.steps.get(dataset="subscriptions.subscription")
    assert (step.state, step.last_error, step.passes) == ("failed", "writer", stepping.MOST_PASSES)
    with override("de"):
        assert queue.blocked_in_words(request) == "Etwas schreibt noch Daten dieses Kontos"
    monkeypatch.setattr(sweeping, "count", count)
    services.retry(request=request, by=people.staff(), at=timezone.now())
    assert erasure.complete(request).state == ErasureRequest.State.COMPLETED


def test_a_step_that_failed_otherwise_beside_a_writer_is_not_hidden_behind_it(company: Customer, owner: User) -> None:
    request = erasure.planned(company, owner)
    first, second = request.steps.all()[:2]
    request.steps.filter(pk=first.pk).update(state="failed", last_error="writer")
    assert execution.why_failed(request) == "writer_active"
    request.steps.filter(pk=second.pk).update(state="failed", last_error="permanent")
    assert execution.why_failed(request) == "step_failed"


def test_chunks_grow_and_shrink_with_the_time_they_take() -> None:
    assert stepping.next_size(1000, 0.001) == 2000
    assert stepping.next_size(1000, 0.1) == 500
    assert stepping.next_size(8000, 0.01) == stepping.LARGEST
    assert stepping.next_size(200, 10) == stepping.SMALLEST


def test_small_chunks_delete_everything_once(company: Customer, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stepping, "next_size", lambda _size, _seconds, aim: 1)
    request = erasure.planned(company, owner)
    request.steps.update(chunk_size=1)
    erasure.complete(request)
    assert request.steps.get(dataset="subscriptions.subscription").deleted == 25


def test_a_row_below_the_position_is_found_before_the_step_ends(company: Customer, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not from zero: from below every key. A late row with a negative number would else stay for ever."""
    request = erasure.planned(company, owner)
    step = request.steps.get(dataset="subscriptions.subscription")
    first = Subscription.objects.filter(customer_id=company.pk).order_by("pk").first()
    assert first is not None
    with connection.cursor() as cursor:
        cursor.execute("UPDATE subscriptions_subscription SET id = -7 WHERE id = %s", [first.pk])
    step.cursor = str(first.pk)
    step.state = ErasureStep.State.RUNNING
    step.save()
    erasure.complete(request)
    step.refresh_from_db()
    assert (step.deleted, step.passes) == (25, 1)


def test_a_statement_without_an_account_is_refused() -> None:
    with pytest.raises(NoAccountNamed):
        sweeping.guard("cancelled_at IS NULL")
    for dataset in datasets.datasets():
        assert sweeping.guard(dataset.where)


def test_two_requests_take_turns(company: Customer, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each slice puts the next one behind what waits, so that a large account keeps no small one waiting."""
    both = [erasure.due(company, owner).reference, erasure.due(*erasure.account(5)).reference]
    monkeypatch.setattr(execution, "SLICE_SECONDS", 0.02)
    for _twice in range(2):
        tasks.keep_going()
    waiting, turns = Job.objects.filter(kind=tasks.ADVANCE, state="waiting").order_by("run_after", "pk"), []
    assert list(waiting.values_list("subject", flat=True)) == [f"{reference}/1" for reference in both]
    while not ErasureRequest.objects.filter(state=ErasureRequest.State.WAITING).exists():
        assert len(turns) < 200  # each turn gets on by a chunk at least
        job = waiting[0]
        turns.append(job.subject.partition("/")[0])
        running.run(job.pk)
    assert len(turns) >= 6  # of each at least a beginning, a plan and a part of the work
    assert turns == [both[number % 2] for number in range(len(turns))]


def test_a_slice_gets_on_however_long_its_beginning_takes(company: Customer, owner: User) -> None:
    request = erasure.planned(company, owner)
    for step in request.steps.order_by("ordinal")[:2]:
        claimed = stepping.claim(request)
        assert claimed is not None
        assert claimed.pk == step.pk
        stepping.work(request, claimed, until=time.monotonic() - 1)
        claimed.refresh_from_db()
        assert claimed.state in (ErasureStep.State.SWEPT, ErasureStep.State.VERIFIED)


def test_a_lost_slice_is_queued_again(company: Customer, owner: User) -> None:
    request = erasure.due(company, owner)
    tasks.keep_going()
    Job.objects.filter(kind=tasks.ADVANCE).update(state="dead", finished_at=timezone.now(), last_error="lost")
    tasks.keep_going()
    assert Job.objects.filter(kind=tasks.ADVANCE, state="waiting").get().subject == f"{request.reference}/2"


def test_jobs_events_and_ledger_hold_no_personal_data(company: Customer, owner: User) -> None:
    request = erasure.due(company, owner)
    tasks.keep_going()
    erasure.complete(request)
    with connection.cursor() as cursor:
        for table in ("jobs_job", "deletion_erasureevent", "deletion_erasurestep", "deletion_erasurerequest", "deletion_tombstone"):
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text ILIKE %s", [f"%{CANARY}%"])
            assert cursor.fetchone() == (0,), table
        cursor.execute("SELECT count(*) FROM evidence_event WHERE position(%s IN convert_from(canonical, 'UTF8')) > 0", [CANARY])
        assert cursor.fetchone() == (0,)
    with connections["ledger"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM deletion_ledger_entry t WHERE t::text ILIKE %s", [f"%{CANARY}%"])
        assert cursor.fetchone() == (0,)


def test_nothing_that_named_the_account_is_left_but_the_kept_and_the_contact(company: Customer, owner: User) -> None:
    erasure.complete(erasure.due(company, owner))
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text ILIKE %s", [f"%{CANARY}%"])
            found += [table] if cursor.fetchone()[0] else []
    assert set(found) == {"deletion_erasurecontact", "notifications_delivery"}
    assert set(Delivery.objects.filter(recipient__contains=CANARY).values_list("kind", flat=True)) == {
        "deletion_started",
        "deletion_completed",
    }
