"""One row per job, done once, tried again with patience, given up with a reason, and seen when all stands still."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from jobs import canary, dispatch, execution, registry, services
from jobs.models import Job

pytestmark = pytest.mark.django_db
KIND = "jobs.test"


class Work:
    """The work of a test: it notes its subjects and fails as often as it is told to."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.failure: Exception | None = None

    def __call__(self, subject: str) -> None:
        self.begun.append(subject)
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE IF NOT EXISTS effect (subject text) ON COMMIT PRESERVE ROWS")
            cursor.execute("INSERT INTO effect VALUES (%s)", [subject])
        if self.failure is not None:
            raise self.failure


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    made = Work()
    register(monkeypatch, made)
    return made


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The messages that were sent, instead of the broker."""
    ids: list[int] = []
    monkeypatch.setattr(dispatch, "send", lambda job: ids.append(job.pk))
    return ids


def register(monkeypatch: pytest.MonkeyPatch, work: Any, **limits: Any) -> None:
    kind = registry.Kind(KIND, work, limits.get("transactional", True), limits.get("at_most"), limits.get("time_limit", 10))
    monkeypatch.setitem(registry.KINDS, KIND, kind)


def put(key: str = "k", subject: str = "7", **fields: Any) -> Job:
    return services.put(kind=KIND, key=key, subject=subject, **fields)


def now_claimable(job: Job) -> Job:
    Job.objects.filter(pk=job.pk).update(run_after=Now() - timedelta(seconds=1))
    return job


def state_of(job: Job) -> tuple[str, int]:
    job.refresh_from_db()
    return job.state, job.attempts


# --- J1: a row in the business transaction ----------------------------------------------------------------------------


def test_a_job_whose_transaction_is_rolled_back_was_never_put(work: Work, sent: list[int]) -> None:
    with transaction.atomic():
        put()
        transaction.set_rollback(True)
    assert not Job.objects.filter(kind=KIND).exists()
    assert sent == []


def test_the_same_key_is_one_job_and_cannot_stand_for_other_work(work: Work) -> None:
    assert put().pk == put().pk
    with pytest.raises(services.KeyTaken):
        put(subject="8")
    assert Job.objects.filter(kind=KIND).count() == 1


def test_a_kind_without_code_is_refused_before_anything_is_written() -> None:
    with pytest.raises(registry.UnknownKind):
        services.put(kind="jobs.nobody_wrote_this", key="k", subject="7")
    assert not Job.objects.filter(key="k").exists()


def test_a_message_carries_the_id_alone(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    messages: list[tuple[str, Any]] = []
    monkeypatch.undo()
    register(monkeypatch, work)
    monkeypatch.setattr(dispatch.current_app, "send_task", lambda name, args, **options: messages.append((name, args)))
    job = Job.objects.create(kind=KIND, key="k", subject="erika@example.com")
    dispatch.nudge(job)
    assert messages == [("jobs.run", [job.pk])]


def test_a_broker_that_is_away_fails_nobody(work: Work, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any) -> None:
    def refuse(_job: Job) -> None:
        raise ConnectionError("redis://secret@host")

    monkeypatch.setattr(dispatch, "send", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        job = put()
    assert state_of(job) == ("waiting", 0)


# --- J2: relay, lease, effect and state together ----------------------------------------------------------------------


def test_the_relay_sends_what_is_due_and_leaves_what_is_on_its_way(work: Work, sent: list[int]) -> None:
    fresh = put("fresh")
    lost = put("lost")
    Job.objects.filter(pk=lost.pk).update(dispatched_at=Now() - timedelta(seconds=6))
    put("later", run_after=timezone.now() + timedelta(hours=1))
    sent.clear()
    assert dispatch.relay() == 1
    assert sent == [lost.pk]
    assert dispatch.relay() == 0, "it was just sent"
    assert fresh.pk not in sent


def test_effect_and_state_are_one_transaction(work: Work) -> None:
    job = put()
    work.failure = RuntimeError("after the effect")
    execution.run(job.pk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('effect')")
        assert cursor.fetchone()[0] is None, "the effect of the failed attempt stayed"
    assert state_of(job) == ("waiting", 1)
    work.failure = None
    execution.run(now_claimable(job).pk)
    assert state_of(job) == ("done", 2)


def test_a_job_that_is_done_is_not_done_again(work: Work) -> None:
    job = put()
    for _message in range(3):
        execution.run(job.pk)
    assert work.begun == ["7"]


def test_a_worker_that_lost_its_lease_undoes_its_work(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    job = put()

    def taken_over(subject: str) -> None:
        work(subject)
        Job.objects.filter(pk=job.pk).update(fence=99)

    register(monkeypatch, taken_over)
    execution.run(job.pk)
    assert state_of(job)[0] == "running", "what the slow worker did, the change of the fence included, is undone"
    assert job.fence == 1


def test_a_job_whose_worker_vanished_is_taken_over_after_the_lease(work: Work) -> None:
    job = put()
    claimed = execution.claim(job.pk)
    assert claimed
    execution.run(job.pk)
    assert work.begun == [], "the lease still holds"
    Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))
    execution.run(job.pk)
    assert state_of(job) == ("done", 2)
    assert job.fence == 2


# --- J4: patience, and its end ----------------------------------------------------------------------------------------


def test_delays_grow_and_end_at_an_hour() -> None:
    middles = [5, 20, 80, 320, 1280, 3600, 3600]
    for attempts, middle in enumerate(middles, start=1):
        seconds = [execution.delay(attempts).total_seconds() for _draw in range(50)]
        assert middle * 0.75 <= min(seconds) <= max(seconds) <= middle * 1.25
        assert len(set(seconds)) > 10, "no jitter"


def test_a_poison_job_is_dead_after_eight_attempts_for_a_reason_without_personal_data(work: Work) -> None:
    job = put()
    work.failure = ValueError("erika@example.com is not a number")
    for _attempt in range(8):
        execution.run(now_claimable(job).pk)
    assert state_of(job) == ("dead", 8)
    assert len(work.begun) == 8
    assert "ValueError" in job.last_error
    assert "erika" not in job.last_error
    execution.run(now_claimable(job).pk)
    assert len(work.begun) == 8


def test_a_killed_worker_uses_up_an_attempt(work: Work) -> None:
    job = put()
    for _kill in range(8):
        assert execution.claim(job.pk)
        Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))
    execution.run(job.pk)
    assert state_of(job) == ("dead", 8)
    assert "worker was lost" in job.last_error
    assert work.begun == []


def test_what_cannot_succeed_is_given_up_at_once(work: Work) -> None:
    job = put()
    work.failure = registry.PermanentFailure("the version has no text")
    execution.run(job.pk)
    assert state_of(job) == ("dead", 1)
    assert job.last_error == "the version has no text"


def test_a_dead_job_can_be_replayed_and_no_other(work: Work) -> None:
    job = put()
    with pytest.raises(services.NotDead):
        services.replay(job=job)
    work.failure = registry.PermanentFailure("no")
    execution.run(job.pk)
    work.failure = None
    services.replay(job=job)
    execution.run(job.pk)
    assert state_of(job) == ("done", 1)


def test_a_job_that_failed_travels_in_a_queue_of_its_own(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    queues: list[str] = []
    monkeypatch.undo()
    register(monkeypatch, work)
    monkeypatch.setattr(dispatch.current_app, "send_task", lambda name, queue, **options: queues.append(queue))
    dispatch.nudge(Job(pk=1, kind=KIND))
    dispatch.nudge(Job(pk=2, kind=KIND, attempts=1))
    assert queues == ["celery", "retries"]


def test_no_more_of_a_kind_run_at_the_same_time_than_may(work: Work, monkeypatch: pytest.MonkeyPatch, sent: list[int]) -> None:
    register(monkeypatch, work, at_most=1)
    first, second = put("first"), put("second")
    assert execution.claim(first.pk)
    execution.run(second.pk)
    assert state_of(second) == ("waiting", 0)
    Job.objects.filter(pk=first.pk).update(lease_until=Now() - timedelta(seconds=1))
    sent.clear()
    execution.run(first.pk)
    assert sent == [second.pk], "the next one is sent for when the first has ended"


# --- J5, J6: settings, and the canary ----------------------------------------------------------------------------------


def test_celery_is_set_so_that_it_gives_back_what_it_did_not_finish() -> None:
    assert settings.CELERY_TASK_ACKS_LATE
    assert settings.CELERY_TASK_REJECT_ON_WORKER_LOST
    assert settings.CELERY_WORKER_PREFETCH_MULTIPLIER == 1
    assert settings.CELERY_ACCEPT_CONTENT == ["json"]
    visible = settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]
    registry.find(canary.KIND)
    assert visible > max(kind.time_limit for kind in registry.KINDS.values()), "a long job would be handed out twice"
    assert settings.CELERY_TASK_SOFT_TIME_LIMIT < settings.CELERY_TASK_TIME_LIMIT


def test_the_canary_is_planted_once_a_minute_and_its_age_is_told() -> None:
    now = timezone.now()
    assert canary.canary_age(now) is None
    canary.plant(now)
    canary.plant(now)
    planted = Job.objects.get(kind=canary.KIND)
    assert canary.canary_age(now) is None, "it has not got through yet"
    execution.run(planted.pk)
    age = canary.canary_age(timezone.now() + timedelta(minutes=5))
    assert age is not None
    assert timedelta(minutes=5) <= age < timedelta(minutes=6)


def test_canaries_of_the_day_before_are_forgotten() -> None:
    now = timezone.now()
    canary.plant(now)
    Job.objects.filter(kind=canary.KIND).update(created_at=now - timedelta(days=2))
    canary.plant(now + timedelta(minutes=1))
    assert Job.objects.filter(kind=canary.KIND).count() == 1
