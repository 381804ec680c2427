"""Sending, one job per delivery, so that one refused address holds up nobody else."""

from __future__ import annotations

import uuid

from django.utils import timezone

from jobs.registry import job
from notifications import sending
from notifications.fanning import SEND

__all__ = ["SEND", "send"]


@job(SEND, transactional=False)
def send(subject: str) -> None:
    """Send the mail of the delivery; run twice it sends it once."""
    sending.send(uuid.UUID(subject), timezone.now())
