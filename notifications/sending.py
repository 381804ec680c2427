"""Hand a delivery to the mail server and write down what became of it."""

from __future__ import annotations

import datetime
import smtplib
import uuid
from typing import NamedTuple

from django.db import DatabaseError, transaction
from django.template import TemplateDoesNotExist

from jobs.execution import MOST_ATTEMPTS
from jobs.registry import PermanentFailure
from notifications.messages import compose
from notifications.models import Delivery
from pdf.storage import DocumentAltered, DocumentMissing

OPEN = (Delivery.State.QUEUED, Delivery.State.FAILED)


class NotSent(Exception):
    """The mail did not go out this time; the reason is a code without personal data."""


class Failure(NamedTuple):
    """Why a mail did not go out, as a code, and whether trying again can help."""

    code: str
    is_permanent: bool


def send(delivery_id: uuid.UUID, at: datetime.datetime) -> None:
    """Send the mail unless it went out already; raises NotSent to be tried again, PermanentFailure when that cannot help.

    The row stays locked while the server answers, so two workers never send the same mail at once. A worker that dies
    after the server took the mail leaves it queued: it goes out again under the same Message-ID, rather than not at all.
    """
    with transaction.atomic():
        open_deliveries = Delivery.objects.filter(state__in=OPEN)
        open_deliveries = open_deliveries.select_related("broadcast").select_for_update(of=("self",), skip_locked=True)
        delivery = open_deliveries.filter(pk=delivery_id).first()
        if delivery is None:
            return
        failure = hand_over(delivery)
        settle(delivery, failure, at)
    if failure is None:
        return
    raise PermanentFailure(failure.code) if delivery.state == Delivery.State.FAILED else NotSent(failure.code)


def hand_over(delivery: Delivery) -> Failure | None:
    try:
        return None if compose(delivery).send() else Failure("not_accepted", is_permanent=False)
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001  # whatever goes wrong must be seen in the row
        return failure_of(error)


def failure_of(error: Exception) -> Failure:
    """Return what the error means: a refused recipient or content stays refused, all else may pass (RFC 5321, 4.2.1)."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            code = next(iter(error.recipients.values()))[0]
            return Failure(f"smtp_{code}", is_permanent=500 <= code < 600)
        case smtplib.SMTPDataError():
            return Failure(f"smtp_{error.smtp_code}", is_permanent=500 <= error.smtp_code < 600)
        case smtplib.SMTPResponseException():  # greeting, login, sender: ours to mend, no fault of this mail
            return Failure(f"smtp_{error.smtp_code}", is_permanent=False)
        case smtplib.SMTPException() | OSError():
            return Failure("connection", is_permanent=False)
        case TemplateDoesNotExist():
            return Failure("template_missing", is_permanent=True)
        case DocumentMissing() | DocumentAltered():
            return Failure("attachment_missing", is_permanent=True)
    return Failure(type(error).__name__[:40], is_permanent=False)


def settle(delivery: Delivery, failure: Failure | None, at: datetime.datetime) -> None:
    """Write down what became of the attempt; the last one that a job has makes any failure final.

    What the mail said is forgotten once it went out: a forwarded link in it opens a door. Until then every attempt needs it.
    """
    delivery.attempts += 1
    delivery.last_error = failure.code if failure else ""
    if failure is None:
        delivery.state, delivery.sent_at, delivery.context = Delivery.State.SENT, at, {}
    elif failure.is_permanent or delivery.attempts >= MOST_ATTEMPTS:
        delivery.state = Delivery.State.FAILED
    delivery.save(update_fields=["attempts", "last_error", "state", "sent_at", "context"])
