"""Tell the workers that there is work. A message holds the id of a job alone and may be lost: the rows are the truth."""

from __future__ import annotations

import structlog
from celery import current_app
from django.db import transaction
from django.db.models.functions import Now

from jobs.models import Job
from jobs.registry import KINDS, TIME_LIMIT, Kind

RETRIES = "retries"
AT_ONCE = 200
GRACE = 5  # seconds from the exception that a job may clean up after to its forced end

log = structlog.get_logger(__name__)


def send(job: Job) -> None:
    """Send the job's message; one that has failed before goes to a queue of its own, where it delays no other."""
    kind = KINDS.get(job.kind)
    limit = kind.time_limit if kind else TIME_LIMIT
    current_app.send_task(
        "jobs.run",
        args=[job.pk],
        queue=RETRIES if job.attempts else current_app.conf.task_default_queue,
        soft_time_limit=max(limit - GRACE, 1),
        time_limit=limit,
        retry=False,
    )


def nudge(job: Job) -> None:
    """Send the job's message, but never fail: what called this has already been committed, and the relay sends again."""
    try:
        send(job)
    except Exception as error:  # noqa: BLE001  # the broker's client raises what its socket raises
        log.warning("job not sent", job=job.pk, kind=job.kind, reason=type(error).__name__)


def relay() -> int:
    """Send all jobs that are due and have no message on its way, the longest waiting first; return how many."""
    with transaction.atomic():
        due = Job.objects.claimable().unsent().select_for_update(skip_locked=True).order_by("run_after")[:AT_ONCE]
        jobs = list(due)
        Job.objects.filter(pk__in=[job.pk for job in jobs]).update(dispatched_at=Now())
    for job in jobs:
        nudge(job)
    return len(jobs)


def send_next(kind: Kind) -> None:
    """Send the next job of a kind whose number at the same time is limited, now that one has ended."""
    job = Job.objects.filter(kind=kind.name, state=Job.State.WAITING, run_after__lte=Now()).order_by("run_after", "pk").first()
    if job is not None:
        nudge(job)
