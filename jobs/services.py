"""What the rest of the portal does with jobs: put one, replay a dead one, see whether the workers work."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models.functions import Now

from jobs import dispatch
from jobs.canary import canary_age
from jobs.models import Job
from jobs.registry import find

__all__ = ["KeyTaken", "NotDead", "canary_age", "hurry", "put", "replay"]


class KeyTaken(ValueError):
    """The key belongs to another job: same key, other kind or subject."""


class NotDead(ValueError):
    """Only a dead job can be replayed."""


def put(*, kind: str, key: str, subject: str, run_after: datetime | None = None) -> Job:
    """Write the job in the caller's transaction, once per key; a worker is told after the commit.

    Raises registry.UnknownKind before anything is written, KeyTaken when the key stands for other work.
    """
    find(kind)
    when = {"run_after": run_after} if run_after else {"dispatched_at": Now()}
    Job.objects.bulk_create([Job(kind=kind, key=key, subject=subject, **when)], ignore_conflicts=True)
    job = Job.objects.get(key=key)
    if (job.kind, job.subject) != (kind, subject):
        raise KeyTaken(f"{key} stands for {job.kind} of {job.subject}")
    if not run_after and job.state == Job.State.WAITING:
        transaction.on_commit(partial(dispatch.nudge, job))
    return job


@transaction.atomic
def hurry(*, key: str) -> bool:
    """Have a job that waits for its time done now; False when it does not wait any more."""
    waiting = Job.objects.filter(key=key, state=Job.State.WAITING, run_after__gt=Now())
    if not waiting.update(run_after=Now(), dispatched_at=Now()):
        return False
    transaction.on_commit(partial(dispatch.nudge, Job.objects.get(key=key)))
    return True


@transaction.atomic
def replay(*, job: Job) -> Job:
    """Give a dead job all its attempts again. Raises NotDead."""
    changed = Job.objects.filter(pk=job.pk, state=Job.State.DEAD).update(
        state=Job.State.WAITING, attempts=0, run_after=Now(), dispatched_at=Now(), finished_at=None
    )
    if not changed:
        raise NotDead(job.key)
    job.refresh_from_db()
    transaction.on_commit(partial(dispatch.nudge, job))
    return job
