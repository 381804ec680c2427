"""A worker that dies with a step in its hands: the step is taken again, and what ends its worker each time ends as well."""

from __future__ import annotations

import datetime

import pytest
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from customers.models import Customer
from deletion import attempts, datasets, execution, proving, stepping
from deletion.models import ErasureRequest, ErasureStep
from tests.factories import customers as people
from tests.factories import erasure

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.usefixtures("verifier", "not_drawn")]


@pytest.fixture
def request_of_account() -> ErasureRequest:
    people.provider()
    return erasure.planned(*erasure.account(10))


def lose(step: ErasureStep) -> None:
    """End the lease as the clock does when its holder is gone."""
    ErasureStep.objects.filter(pk=step.pk).update(lease_until=timezone.now() - datetime.timedelta(seconds=1))


def claimed(request: ErasureRequest) -> ErasureStep:
    step = stepping.claim(request)
    assert step is not None
    return step


def test_a_lost_holder_is_a_failed_attempt_and_is_noted(request_of_account: ErasureRequest) -> None:
    step = claimed(request_of_account)
    assert step.attempts == 0
    lose(step)
    again = claimed(request_of_account)
    assert (again.pk, again.attempts, again.last_error) == (step.pk, 1, "crash")
    assert list(request_of_account.events.filter(code="step.lost").values_list("number", flat=True)) == [1]


def test_a_step_that_was_let_go_counts_no_attempt(request_of_account: ErasureRequest) -> None:
    first = claimed(request_of_account)
    ErasureStep.objects.filter(pk=first.pk).update(lease_until=None)
    assert claimed(request_of_account).attempts == 0


def test_a_step_that_ends_its_worker_each_time_ends_for_a_person(request_of_account: ErasureRequest) -> None:
    for _crash in range(attempts.MOST_ATTEMPTS):
        lose(claimed(request_of_account))
    assert stepping.claim(request_of_account) is None
    step = request_of_account.steps.get(last_error="crash")
    assert (step.state, step.attempts) == (ErasureStep.State.FAILED, attempts.MOST_ATTEMPTS)
    request = erasure.run(request_of_account)
    assert (request.state, request.blocked_why) == ("blocked", "step_failed")


def test_progress_between_losses_counts_anew(request_of_account: ErasureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long deletion outlives more restarts than a step has attempts."""
    monkeypatch.setattr(stepping, "SMALLEST", 1)
    request_of_account.steps.update(chunk_size=1)
    dataset = datasets.find("subscriptions.subscription")
    request_of_account.steps.filter(store="database", ordinal__lt=request_of_account.steps.get(dataset=dataset.key).ordinal).update(
        state=ErasureStep.State.VERIFIED, residual=0, verified_at=timezone.now()
    )
    request_of_account.steps.exclude(store="database").update(state=ErasureStep.State.VERIFIED, residual=0, verified_at=timezone.now())
    for number in range(attempts.MOST_ATTEMPTS + 1):
        step = claimed(request_of_account)
        assert (step.dataset, step.attempts) == (dataset.key, min(number, 1))
        stepping.chunk(request_of_account, step, dataset, {"account": request_of_account.number}, behind="")
        assert step.attempts == 0
        lose(step)
    assert step.deleted == attempts.MOST_ATTEMPTS + 1


def test_rows_are_counted_in_pieces_and_none_is_left_out_or_counted_twice(
    request_of_account: ErasureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset, values = datasets.find("subscriptions.subscription"), {"account": request_of_account.number}
    for piece in (1, 3, 5, 10, 11):
        monkeypatch.setattr(proving, "PIECE", piece)
        assert proving.estimate(dataset, values) == 10, piece


def test_a_session_that_waits_for_a_second_factor_ends_with_the_others() -> None:
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session

    people.provider()
    company, owner = erasure.account(1)
    waiting, stranger = SessionStore(), SessionStore()
    waiting["account_authentication_methods_user"] = str(owner.pk)
    waiting.create()
    stranger["_auth_user_id"] = str(people.stranger().pk)
    stranger.create()
    execution.advance(erasure.due(company, owner), at=timezone.now())
    assert not Customer.objects.filter(pk=company.pk, closed_at=None).exists()
    assert list(Session.objects.values_list("pk", flat=True)) == [stranger.session_key]


def test_steps_that_failed_together_do_not_come_back_together(request_of_account: ErasureRequest) -> None:
    """A store that was away is not met by all requests in the same second (each delay is spread by a quarter)."""
    step, due = claimed(request_of_account), set()
    for _request in range(20):
        attempts.put_off(request_of_account, step, ErasureStep.Error.TRANSIENT)
        moment = ErasureStep.objects.annotate(wait=F("next_attempt_at") - Now()).get(pk=step.pk).wait
        assert 0.75 * attempts.FIRST_DELAY <= moment <= 1.25 * attempts.FIRST_DELAY
        due.add(moment)
    assert len(due) > 10
