"""Do a job: claim it under a lease, run its work, and store what became of it unless the lease was lost meanwhile."""

from __future__ import annotations

import random
import traceback
from datetime import timedelta
from zlib import crc32

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from jobs import dispatch
from jobs.models import Job
from jobs.registry import Kind, PermanentFailure, UnknownKind, find

MOST_ATTEMPTS = 8
FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(hours=1)
LIMIT_LOCK = 0x6A6F6273  # "jobs": the space of the locks that count the jobs of one kind

log = structlog.get_logger(__name__)


class LeaseLost(Exception):
    """Another worker has taken the job over; what this one did in its transaction is undone."""


def run(job_id: int) -> None:
    """Do the job if it is still to be done; safe to call at any time, any number of times."""
    claimed = claim(job_id)
    if claimed is None:
        return
    job, kind = claimed
    try:
        perform(job, kind)
    except LeaseLost:
        log.warning("job taken over", job=job.pk, kind=job.kind, attempt=job.attempts)
    except PermanentFailure as failure:
        bury(job, reason=str(failure) or type(failure).__name__)
    except Exception as error:  # noqa: BLE001  # whatever the work raises is a failed attempt
        try_later(job, error)
    finally:
        if kind.at_most:
            dispatch.send_next(kind)


@transaction.atomic(durable=True)
def claim(job_id: int) -> tuple[Job, Kind] | None:
    """Count the attempt and lease the job to this worker, committed before the work begins; None when it is not to be done.

    A worker that is killed has thus used up an attempt. A job that another transaction holds is left to it.
    """
    job = Job.objects.claimable().select_for_update(skip_locked=True).filter(pk=job_id).first()
    if job is None:
        return None
    try:
        kind = find(job.kind)
    except UnknownKind as error:
        end(job, reason=str(error))
        return None
    if job.attempts >= MOST_ATTEMPTS:
        end(job, reason=f"the worker was lost in attempt {job.attempts}")
        return None
    if kind.at_most and not has_room(kind):
        return None
    lease(job, kind)
    return job, kind


def has_room(kind: Kind) -> bool:
    """Tell whether fewer jobs of the kind run than may; the lock makes counting and claiming one step."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LIMIT_LOCK, crc32(kind.name.encode()) - 2**31])
    return kind.at_most is None or Job.objects.at_work(kind.name).count() < kind.at_most


def lease(job: Job, kind: Kind) -> None:
    job.attempts += 1
    job.fence += 1
    Job.objects.filter(pk=job.pk).update(
        state=Job.State.RUNNING, attempts=job.attempts, fence=job.fence, lease_until=Now() + kind.lease, dispatched_at=None
    )


def perform(job: Job, kind: Kind) -> None:
    """Run the work; a transactional one shares its transaction with the state, so that both happen or neither."""
    if kind.transactional:
        with transaction.atomic():
            kind.work(job.subject)
            finish(job)
    else:
        kind.work(job.subject)
        finish(job)


def finish(job: Job) -> None:
    done = Job.objects.held(job).update(state=Job.State.DONE, lease_until=None, finished_at=Now(), last_error="")
    if not done:
        raise LeaseLost


def try_later(job: Job, error: Exception) -> None:
    """Give the job back until its next attempt, or bury it when it had its last."""
    reason = describe(error)
    if job.attempts >= MOST_ATTEMPTS:
        bury(job, reason=reason)
        return
    Job.objects.held(job).update(
        state=Job.State.WAITING, lease_until=None, dispatched_at=None, last_error=reason, run_after=Now() + delay(job.attempts)
    )
    log.warning("job failed", job=job.pk, kind=job.kind, attempt=job.attempts, reason=reason)


def delay(attempts: int) -> timedelta:
    """Return the time until the next attempt: 5 s, 20 s, 80 s … up to an hour, spread by a quarter to both sides."""
    middle: timedelta = min(FIRST_DELAY * 4 ** (attempts - 1), LONGEST_DELAY)
    return middle * random.uniform(0.75, 1.25)  # noqa: S311  # spreads load, guards nothing


def bury(job: Job, *, reason: str) -> None:
    """Give the job up for a reason that a person has to look at; nothing happens when the lease was lost."""
    with transaction.atomic():
        held = Job.objects.held(job).select_for_update().first()
        if held is not None:
            end(held, reason=reason)


def end(job: Job, *, reason: str) -> None:
    Job.objects.filter(pk=job.pk).update(state=Job.State.DEAD, lease_until=None, finished_at=Now(), last_error=reason[:300])
    log.error("job dead", job=job.pk, kind=job.kind, attempt=job.attempts, reason=reason)


def describe(error: Exception) -> str:
    """Return the class of the error and the last line of our own that it passed; its text may hold personal data."""
    base = str(settings.BASE_DIR)
    ours = [
        frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(base) and ".venv" not in frame.filename
    ]
    where = f" in {ours[-1].filename.removeprefix(base).lstrip('/')}:{ours[-1].lineno}" if ours else ""
    return f"{type(error).__qualname__}{where}"
