"""Tell people: what is to be told becomes a row and a job in the transaction of what happened."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

import jobs.services
from customers.models import Customer, User
from jobs.models import Job
from notifications import links, tasks
from notifications.messages import of_publication
from notifications.models import Broadcast, Delivery, Topic, UpdateSubscription

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise


class KeyTaken(ValueError):
    """The key belongs to a message of another kind."""


class NotFailed(ValueError):
    """Only a failed delivery can be sent again."""


class AskedAgainTooSoon(ValueError):
    """The mail to confirm was asked for a moment ago."""


class NotSentYet(ValueError):
    """Only a mail that was sent can come back."""


@transaction.atomic
def tell(
    *,
    to: str,
    kind: str,
    language: str,
    context: Mapping[str, str | int | list[str]],
    key: str,
    attachments: Sequence[tuple[str, str]] = (),
    customer: Customer | None = None,
    subscription: UpdateSubscription | None = None,
) -> Delivery:
    """Have the mail of this kind sent once per key, however often this is called; attachments are (SHA-256, file name).

    The key is seen by operators, so it names rows and holds no personal data. Raises ValidationError for an address that
    is none, KeyTaken when the key stands for a message of another kind.
    """
    validate_email(to)
    number = uuid.uuid4()
    delivery, _created = Delivery.objects.get_or_create(
        key=key,
        defaults={
            "id": number,
            "recipient": to,
            "customer": customer,
            "subscription": subscription,
            "kind": kind,
            "language": language,
            "context": dict(context),
            "attachments": [{"sha256": sha256, "filename": name} for sha256, name in attachments],
            "message_id": f"<{number}@{urlsplit(settings.PORTAL_ORIGIN).hostname}>",
            "created_at": timezone.now(),
        },
    )
    if delivery.kind != kind:
        raise KeyTaken(key)
    jobs.services.put(kind=tasks.SEND, key=job_key(delivery), subject=str(delivery.pk))
    return delivery


def job_key(delivery: Delivery) -> str:
    return f"send:{delivery.key}"


@transaction.atomic
def send_again(*, delivery: Delivery) -> Delivery:
    """Give a failed delivery all its attempts again. Raises NotFailed."""
    delivery = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if delivery.state != Delivery.State.FAILED:
        raise NotFailed(delivery.key)
    delivery.state, delivery.attempts = Delivery.State.QUEUED, 0
    delivery.save(update_fields=["state", "attempts"])
    jobs.services.replay(job=Job.objects.get(key=job_key(delivery)))
    return delivery


@transaction.atomic
def note_bounce(*, delivery: Delivery) -> Delivery:
    """Write down that a mail which had been sent came back. Raises NotSentYet."""
    delivery = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if delivery.state != Delivery.State.SENT:
        raise NotSentYet(delivery.key)
    delivery.state = Delivery.State.BOUNCED
    delivery.save(update_fields=["state"])
    return delivery


# --- subscriptions to updates -------------------------------------------------------------------------------------------

PAUSE = datetime.timedelta(minutes=10)


@transaction.atomic
def subscribe(*, email: str, language: str, topics: Sequence[str], at: datetime.datetime) -> None:
    """Ask the holder of the address to confirm (double opt-in); who is subscribed already gets the links to change it instead.

    Says nothing about which of the two happened. A second mail within ten minutes is not sent.
    """
    defaults = {"language": language, "topics": list(topics), "asked_at": at}
    subscription, is_new = UpdateSubscription.objects.select_for_update().get_or_create(email=email.lower(), defaults=defaults)
    if not is_new and at < subscription.asked_at + PAUSE:
        return
    if not is_new:
        subscription.asked_at, subscription.language = at, language
        subscription.save(update_fields=["asked_at", "language"])
    kind = "updates_known" if subscription.confirmed_at else "updates_confirm"
    key = f"{kind}:{subscription.pk}:{at:%Y%m%d%H%M%S}"
    tell(to=subscription.email, kind=kind, language=language, context={}, key=key, subscription=subscription)


@transaction.atomic
def confirm_subscription(*, number: uuid.UUID, at: datetime.datetime) -> UpdateSubscription | None:
    """Confirm by the mail's link; None when the subscription ended meanwhile. A second click changes nothing."""
    UpdateSubscription.objects.filter(pk=number, confirmed_at=None).update(confirmed_at=at)
    return UpdateSubscription.objects.filter(pk=number).first()


@transaction.atomic
def change_subscription(*, subscription: UpdateSubscription, topics: Sequence[str], language: str) -> UpdateSubscription:
    subscription.topics, subscription.language = [topic for topic in Topic.values if topic in topics], language
    subscription.save(update_fields=["topics", "language"])
    return subscription


@transaction.atomic
def end_subscription(*, number: uuid.UUID) -> bool:
    """Delete the subscription with the address and every delivery to it that belongs to it; said twice it is done once."""
    deleted, _by_model = UpdateSubscription.objects.filter(pk=number).delete()
    return bool(deleted)


@transaction.atomic
def tell_of_publication(*, topic: str, view: str, number: str, notes: Mapping[str, str], at: datetime.datetime) -> None:
    """Tell the topic's subscribers that a version was published; ``notes`` say in each language what changed.

    ``view`` is the name of the page that shows a version by its number.
    """
    content = {"topic": str(topic), **of_publication(topic=topic, view=view, number=number, notes=notes)}
    broadcast, is_new = Broadcast.objects.get_or_create(
        key=f"updates_published:{topic}:{number}", defaults={"kind": "updates_published", "content": content, "created_at": at}
    )
    if is_new:
        jobs.services.put(kind=tasks.PUBLISHED, key=f"{tasks.PUBLISHED}:{broadcast.pk}", subject=str(broadcast.pk))


# --- the provider's staff -------------------------------------------------------------------------------------------------


@transaction.atomic
def ask_for_approval(
    *, permission: str, title: str | StrPromise, view: str, row: int, notes: Mapping[str, str], occasion: str, by: User
) -> int:
    """Ask all staff with the permission, except the person who asks, to check a draft and approve it; return how many.

    ``view`` is the name of the page where that is done, ``row`` its argument; once per occasion.
    """
    asked = User.objects.staff_who_may(permission).exclude(pk=by.pk)
    for person in asked:
        with override(person.language):
            context = {
                "title": str(title),
                "note": notes[person.language],
                "asks": by.full_name,
                "action_url": links.absolute(reverse(view, args=[row])),
                "action_label": _("Check and approve"),
            }
        key = f"approval_wanted:{occasion}:{person.pk}"
        tell(to=person.email, kind="approval_wanted", language=person.language, context=context, key=key)
    return len(asked)


@transaction.atomic
def send_example(*, topic: str, view: str, number: str, notes: Mapping[str, str], to: User, at: datetime.datetime) -> Delivery:
    """Send the mail about a publication that is still to come to the person who checks it."""
    content = of_publication(topic=topic, view=view, number=number, notes=notes)[to.language]
    key = f"example:{topic}:{number}:{to.pk}:{at:%Y%m%d%H%M%S}"
    return tell(to=to.email, kind="updates_published", language=to.language, context=content, key=key)
