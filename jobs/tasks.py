"""What Celery calls. Their names are part of the messages and of the schedule: they stay."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from jobs import canary, dispatch, execution
from jobs.registry import job


@shared_task(name="jobs.run")
def run(job_id: int) -> None:
    execution.run(job_id)


@shared_task(name="jobs.relay")
def relay() -> None:
    dispatch.relay()


@shared_task(name="jobs.plant_canary")
def plant_canary() -> None:
    canary.plant(timezone.now())


@job(canary.KIND)
def sing(_minute: str) -> None:
    """Do nothing: that it was done is the message."""
