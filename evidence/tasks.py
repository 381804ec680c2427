"""What the clock starts."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from evidence import sealing


@shared_task(name="evidence.seal")
def seal() -> None:
    sealing.seal(at=timezone.now())
