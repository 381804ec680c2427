"""Sending, one job per delivery, so that one refused address holds up nobody else."""

from __future__ import annotations

import uuid

from celery import shared_task
from django.utils import timezone

from jobs.registry import job
from notifications import fanning, sending
from notifications.fanning import SEND
from notifications.links import CONFIRM_WITHIN
from notifications.models import Broadcast, UpdateSubscription

PUBLISHED = "notifications.published"

__all__ = ["PUBLISHED", "SEND", "forget_unconfirmed", "published", "send"]


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


@shared_task(name="notifications.forget_unconfirmed")
def forget_unconfirmed() -> None:
    """Delete addresses whose link to confirm has expired, with the mails to them (Art. 5(1)(e) GDPR); run every hour."""
    UpdateSubscription.objects.never_confirmed(timezone.now() - CONFIRM_WITHIN).delete()
