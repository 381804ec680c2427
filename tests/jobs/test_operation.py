"""J5 and J6: the settings that keep messages from being lost, and the canary that shows a silent stall."""

from __future__ import annotations

from datetime import timedelta

import pytest
from celery import current_app
from django.conf import settings
from django.utils import timezone

from jobs import canary, dispatch, execution, services
from jobs.models import Job
from jobs.registry import KINDS, find

LONGEST_ETA = 300


def test_a_message_is_acknowledged_after_the_work_and_given_back_when_the_worker_is_lost() -> None:
    conf = current_app.conf
    assert (conf.task_acks_late, conf.task_reject_on_worker_lost) == (True, True)
    assert conf.worker_prefetch_multiplier == 1
    assert (conf.task_serializer, list(conf.accept_content)) == ("json", ["json"])
    assert conf.task_ignore_result is True


def test_no_message_comes_back_while_a_worker_may_still_be_at_it() -> None:
    find("jobs.canary")
    visibility = settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]
    assert visibility > settings.CELERY_TASK_TIME_LIMIT > settings.CELERY_TASK_SOFT_TIME_LIMIT
    for kind in KINDS.values():
        assert visibility > kind.time_limit
        assert kind.lease > timedelta(seconds=kind.time_limit)
        assert kind.time_limit > dispatch.GRACE


def test_the_clocks_messages_die_before_the_next_is_sent() -> None:
    """A worker that was away must not find a thousand relays waiting for it."""
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        schedule = entry["schedule"]
        if isinstance(schedule, (int, float)):
            assert entry["options"]["expires"] <= max(schedule, LONGEST_ETA)


@pytest.mark.django_db
def test_a_canary_is_planted_once_a_minute_and_its_age_counts_from_then() -> None:
    now = timezone.now()
    assert services.canary_age(now) is None
    canary.plant(now)
    canary.plant(now)
    planted = Job.objects.get()
    assert services.canary_age(now) is None
    assert dispatch.relay() == 1
    execution.run(planted.pk)
    age = services.canary_age(now + timedelta(minutes=5))
    assert age is not None
    assert timedelta(minutes=4) < age < timedelta(minutes=6)


@pytest.mark.django_db
def test_a_canary_that_does_not_get_through_makes_the_last_one_look_older() -> None:
    """A worker that stalls silently looks alive from outside; the canary does not."""
    from compliance_portal.health import CheckFailed, require_living_jobs

    now = timezone.now()
    canary.plant(now)
    execution.run(Job.objects.get().pk)
    require_living_jobs(now + timedelta(minutes=2))
    canary.plant(now + timedelta(minutes=3))
    with pytest.raises(CheckFailed):
        require_living_jobs(now + timedelta(minutes=4))


@pytest.mark.django_db
def test_canaries_of_the_day_before_are_forgotten_and_other_jobs_are_not() -> None:
    yesterday, now = timezone.now() - timedelta(days=2), timezone.now()
    canary.plant(yesterday)
    other = Job.objects.create(kind="tests.other", key="other", subject="thing:1")
    Job.objects.update(created_at=yesterday)
    canary.plant(now)
    assert [job.subject for job in Job.objects.filter(kind=canary.KIND)] == [now.strftime("%Y-%m-%dT%H:%MZ")]
    assert Job.objects.filter(pk=other.pk).exists()
