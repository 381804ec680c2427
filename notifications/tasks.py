"""Sending, one job per delivery, so that one refused address holds up nobody else."""

from __future__ import annotations

import uuid

from django.utils import timezone

from jobs.registry import job
from notifications import fanning, sending
from notifications.fanning import SEND
from notifications.models import Broadcast

PUBLISHED = "notifications.published"

__all__ = ["PUBLISHED", "SEND", "published", "send"]


@job(SEND, transactional=False)
def send(subject: str) -> None:
    """Send the mail of the delivery; run twice it sends it once."""
    sending.send(uuid.UUID(subject), timezone.now())


@job(PUBLISHED, transactional=False, time_limit=600)
def published(subject: str) -> None:
    """Tell the subscribers of the topic of a publication, in chunks; run twice it tells each once."""
    broadcast = Broadcast.objects.get(pk=int(subject))
    while fanning.tell_subscribers(broadcast, topic=str(broadcast.content["topic"])):
        pass
