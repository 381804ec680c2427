"""A job that does nothing, each minute, through the whole path: relay, broker, worker, database."""

from __future__ import annotations

from datetime import datetime, timedelta

from jobs.models import Job

KIND = "jobs.canary"
KEPT = timedelta(days=1)


def plant(now: datetime) -> None:
    """Write the canary of this minute, which the relay will send, and forget those of the day before."""
    minute = now.strftime("%Y-%m-%dT%H:%MZ")
    Job.objects.bulk_create([Job(kind=KIND, key=f"canary:{minute}", subject=minute)], ignore_conflicts=True)
    Job.objects.filter(kind=KIND, created_at__lt=now - KEPT).delete()


def canary_age(now: datetime) -> timedelta | None:
    """Return how long ago the youngest canary was planted that got through; None when none ever did."""
    planted_at = Job.objects.filter(kind=KIND, state=Job.State.DONE).order_by("-created_at").values_list("created_at", flat=True).first()
    return None if planted_at is None else now - planted_at
