"""J2 and J4: a job is leased, done once, tried again later, and in the end either done or dead for a reason."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from jobs import execution, services
from jobs.dispatch import relay
from jobs.models import Job
from jobs.registry import PermanentFailure
from tests.jobs.helpers import append, due_now, effects, failing, lose_lease, messages, put, register

ATTEMPTS = execution.MOST_ATTEMPTS


@pytest.mark.django_db
def test_a_job_is_done_once_however_often_its_message_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    register(monkeypatch)
    job = put()
    for _ in range(5):
        execution.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.lease_until, effects()) == (Job.State.DONE, 1, None, 1)
    assert job.finished_at is not None


@pytest.mark.django_db
def test_a_message_about_a_job_that_does_not_exist_is_nothing() -> None:
    execution.run(10**9)
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_transactional_work_that_fails_leaves_nothing_but_the_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    def half(subject: str) -> None:
        append(subject)
        raise RuntimeError

    register(monkeypatch, half)
    job = put()
    execution.run(job.pk)
    job.refresh_from_db()
    assert (effects(), job.state, job.attempts) == (0, Job.State.WAITING, 1)


@pytest.mark.django_db
def test_a_failed_job_waits_longer_each_time_and_up_to_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    register(monkeypatch, failing(RuntimeError))
    job, waits = put(), []
    for _ in range(ATTEMPTS - 1):
        execution.run(job.pk)
        job.refresh_from_db()
        waits.append((job.run_after - timezone.now()).total_seconds())
        assert job.state == Job.State.WAITING
        execution.run(job.pk)  # its time has not come
        due_now(job)
    job.refresh_from_db()
    assert job.attempts == ATTEMPTS - 1
    for wait, middle in zip(waits, [5, 20, 80, 320, 1280, 3600, 3600], strict=True):
        assert 0.7 * middle - 2 < wait <= 1.25 * middle


@pytest.mark.django_db
def test_after_the_last_attempt_the_job_is_dead_and_one_click_gives_it_all_attempts_again(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    register(monkeypatch, failing(RuntimeError))
    job = put()
    for _ in range(ATTEMPTS + 3):
        execution.run(job.pk)
        due_now(job)
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.DEAD, ATTEMPTS)
    assert job.last_error.startswith("RuntimeError")
    register(monkeypatch)
    with django_capture_on_commit_callbacks(execute=True):
        services.replay(job=job)
    assert messages()[-1] == [[job.pk], {}]
    execution.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.last_error, effects()) == (Job.State.DONE, 1, "", 1)


@pytest.mark.django_db
def test_a_failure_that_trying_again_cannot_mend_is_dead_at_once_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    register(monkeypatch, failing(lambda: PermanentFailure("the version does not exist")))
    job = put()
    execution.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.last_error) == (Job.State.DEAD, 1, "the version does not exist")


@pytest.mark.django_db
def test_what_is_stored_of_an_error_is_its_class_and_place_and_never_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    register(monkeypatch, failing(lambda: ValueError("erika@example.com is not reachable")))
    job = put()
    execution.run(job.pk)
    job.refresh_from_db()
    assert job.last_error.startswith("ValueError in tests/jobs/helpers.py:")
    assert "erika" not in job.last_error


@pytest.mark.django_db
def test_a_worker_that_is_killed_has_used_up_an_attempt_and_after_eight_the_job_is_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that takes its worker along with it, for example by filling the memory, must come to an end."""

    class Killed(BaseException):
        pass

    def die(_subject: str) -> None:
        raise Killed

    register(monkeypatch, die)
    job = put()
    for _ in range(ATTEMPTS):
        with pytest.raises(Killed):
            execution.run(job.pk)
        lose_lease(job)
    execution.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.last_error) == (Job.State.DEAD, ATTEMPTS, f"the worker was lost in attempt {ATTEMPTS}")


@pytest.mark.django_db
def test_a_job_is_left_alone_while_its_lease_lasts_and_taken_over_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = register(monkeypatch)
    job = put()
    assert execution.claim(job.pk) is not None
    execution.run(job.pk)
    assert effects() == 0
    lease = Job.objects.get().lease_until
    assert lease is not None
    assert (lease - timezone.now()).total_seconds() > kind.time_limit
    lose_lease(job)
    execution.run(job.pk)
    assert effects() == 1
    assert Job.objects.get().attempts == 2


@pytest.mark.django_db
def test_a_worker_that_comes_back_after_its_lease_cannot_finish_and_its_effects_are_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = register(monkeypatch)
    job = put()
    late = execution.claim(job.pk)
    assert late is not None
    lose_lease(job)
    execution.run(job.pk)
    with pytest.raises(execution.LeaseLost):
        execution.perform(late[0], kind)
    execution.try_later(late[0], RuntimeError())
    execution.bury(late[0], reason="too late")
    job.refresh_from_db()
    assert (job.state, job.fence, job.last_error, effects()) == (Job.State.DONE, 2, "", 1)


@pytest.mark.django_db
def test_no_more_jobs_of_a_limited_kind_run_at_once_and_the_next_is_sent_when_one_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = register(monkeypatch, at_most=1)
    first, second = put("thing:1"), put("thing:2")
    claimed = execution.claim(first.pk)
    assert claimed is not None
    assert execution.claim(second.pk) is None
    execution.perform(claimed[0], kind)
    execution.run(second.pk)
    assert effects() == 2


@pytest.mark.django_db
def test_a_job_whose_code_is_gone_is_dead_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    register(monkeypatch)
    job = put()
    Job.objects.update(kind="tests.removed")
    execution.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.last_error) == (Job.State.DEAD, "no code for jobs of the kind tests.removed")


@pytest.mark.django_db
def test_the_relay_sends_what_is_due_once_and_again_when_nobody_came(monkeypatch: pytest.MonkeyPatch) -> None:
    register(monkeypatch)
    job = put()
    Job.objects.update(dispatched_at=None)
    assert (relay(), relay()) == (1, 0)
    Job.objects.update(dispatched_at=Now() - timedelta(seconds=6))
    assert relay() == 1
    assert messages() == [[[job.pk], {}]] * 2


@pytest.mark.django_db
def test_jobs_that_have_failed_wait_in_a_queue_of_their_own_and_delay_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    register(monkeypatch, failing(RuntimeError))
    poison = put("thing:poison")
    execution.run(poison.pk)
    due_now(poison)
    assert relay() == 1
    assert (messages("celery"), messages("retries")) == ([], [[[poison.pk], {}]])


def test_eight_workers_that_get_the_same_jobs_do_each_of_them_once(own_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    register(monkeypatch)
    jobs = [put(f"thing:{number}").pk for number in range(20)]
    start, failures = threading.Barrier(8), list[BaseException]()

    def work() -> None:
        try:
            start.wait(30)
            for number in jobs:
                execution.run(number)
        except BaseException as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in jobs:  # those that another worker held just then
        execution.run(number)
    assert failures == []
    assert set(Job.objects.values_list("state", "attempts")) == {(Job.State.DONE, 1)}
    assert [effects(f"thing:{number}") for number in range(20)] == [1] * 20


def test_relays_at_the_same_time_send_no_job_twice(own_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    register(monkeypatch)
    put_quietly = [put(f"thing:{number}").pk for number in range(50)]
    cache.clear()
    Job.objects.update(dispatched_at=None)
    counts: list[int] = []

    def work() -> None:
        try:
            counts.append(relay())
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 50
    assert sorted(arguments[0] for arguments, _ in messages()) == sorted(put_quietly)
