"""A service that calls back has its step looked at at once, not when the next slice would have come by itself."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from deletion import services, tasks
from deletion.models import ErasureRequest, ErasureStep
from jobs.models import Job
from tests.factories import customers as people
from tests.factories import erasure

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.usefixtures("verifier")]
HOUR = datetime.timedelta(hours=1)


def waiting_for(store: str) -> ErasureRequest:
    """Return a request whose only step of the store, and whose next slice, wait for an hour."""
    request = erasure.planned(*erasure.account(1))
    later = timezone.now() + HOUR
    step = request.steps.filter(store="files").get()
    ErasureStep.objects.filter(pk=step.pk).update(store=store, dataset=f"store:{store}", next_attempt_at=later)
    tasks.put_slice(request, run_after=later)
    request.refresh_from_db()
    return request


def test_the_slice_of_the_waiting_step_comes_forward_and_no_other() -> None:
    people.provider()
    request, other = waiting_for("service"), waiting_for("another")
    before = {job.key: job.run_after for job in Job.objects.filter(kind=tasks.ADVANCE)}
    assert services.wake(store="service") == 1
    woken, untouched = Job.objects.get(key=request.slice_key), Job.objects.get(key=other.slice_key)
    assert woken.run_after <= timezone.now()
    assert untouched.run_after == before[other.slice_key] > timezone.now()
    assert request.steps.get(store="service").next_attempt_at is None
    assert other.steps.get(store="another").next_attempt_at is not None


def test_a_call_twice_finds_nothing_to_bring_forward() -> None:
    people.provider()
    request = waiting_for("service")
    assert services.wake(store="service") == 1
    first = Job.objects.get(key=request.slice_key).run_after
    assert services.wake(store="service") == 0
    assert Job.objects.get(key=request.slice_key).run_after == first
