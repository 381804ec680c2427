"""Kinds of jobs for the tests, the messages that really lie in Valkey, and time that passes by changing rows."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone

from evidence import services as ledger
from evidence.models import Event
from jobs import services
from jobs.models import Job
from jobs.registry import KINDS, Kind, Work

APPEND = "tests.append"


def append(subject: str) -> None:
    """Work whose effect can be counted: one event in the ledger."""
    ledger.record(kind=APPEND, facts={}, subject=subject, happened_at=timezone.now())


def effects(subject: str | None = None) -> int:
    """Return how often the work of a job, or of all jobs, took effect."""
    subjects = [event.content["subject"] for event in Event.objects.all()]
    return len(subjects) if subject is None else subjects.count(subject)


def register(monkeypatch: pytest.MonkeyPatch, work: Work = append, *, name: str = APPEND, **limits: Any) -> Kind:
    """Let the work stand for the kind until the test ends."""
    settings_of_kind: dict[str, Any] = {"transactional": True, "at_most": None, "time_limit": 30} | limits
    kind = Kind(name, work, **settings_of_kind)
    monkeypatch.setitem(KINDS, name, kind)
    return kind


def put(subject: str = "thing:1", *, key: str = "", kind: str = APPEND, **more: Any) -> Job:
    return services.put(kind=kind, key=key or f"{kind}:{subject}", subject=subject, **more)


def messages(queue: str = "celery") -> list[Any]:
    """Return the arguments of the messages in the queue, oldest first."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        stored = [json.loads(each) for each in reversed(client.lrange(queue, 0, -1))]  # type: ignore[arg-type]
    return [json.loads(base64.b64decode(message["body"]))[:2] for message in stored]


def raw_messages(queue: str = "celery") -> list[dict[str, Any]]:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        return [json.loads(each) for each in client.lrange(queue, 0, -1)]  # type: ignore[union-attr]


def due_now(job: Job) -> None:
    """Let the time until the next attempt pass."""
    Job.objects.filter(pk=job.pk).update(run_after=Now() - timedelta(seconds=1))


def lose_lease(job: Job) -> None:
    """Let the lease of a worker that was killed run out."""
    Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))


def failing(error: Callable[[], Exception]) -> Work:
    def work(_subject: str) -> None:
        raise error()

    return work
