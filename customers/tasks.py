"""Work of this app that runs outside a request."""

from __future__ import annotations

import uuid

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone

from customers import letters
from jobs.registry import job


@job("customers.send_invitation", transactional=False)
def send_invitation(subject: str) -> None:
    """Send the invitation with this number."""
    letters.send_invitation(int(subject))


@job("customers.send_letter", transactional=False)
def send_letter(subject: str) -> None:
    """Send the sealed letter with this number."""
    letters.send_sealed(uuid.UUID(subject))


@shared_task(name="customers.forget_letters")
def forget_letters() -> None:
    """Forget letters that could not be sent; run every hour."""
    letters.forget_unsent(timezone.now())


@shared_task(name="customers.forget_sessions")
def forget_sessions() -> None:
    """Delete sessions that have ended: a deletion has to read every session that is there, since each is one sealed text."""
    call_command("clearsessions")
