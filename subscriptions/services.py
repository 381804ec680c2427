"""Note a subscription, find it, end it; the ledger learns what happened and never to which identifier."""

from __future__ import annotations

import datetime

from django.db import transaction

import evidence.services
from customers.models import Customer, User
from privacy_text.models import ChannelType, SampleText
from subscriptions import identifiers
from subscriptions.models import Subscription, SubscriptionQuerySet


class AlreadyCancelled(Exception):
    """The subscription was ended before."""


@transaction.atomic
def record(
    *,
    customer: Customer,
    channel_type: ChannelType,
    identifier: str,
    registered_at: datetime.datetime,
    opt_in_text_version: SampleText | None = None,
) -> Subscription:
    """Note that somebody subscribed (Art. 7(1) GDPR); while the subscription is active a second call returns it."""
    subscription, is_new = Subscription.objects.active().get_or_create(
        customer=customer,
        channel_type=channel_type,
        identifier_sha256__in=identifiers.digests(identifier),
        defaults={
            "identifier": identifier.strip(),
            "identifier_sha256": identifiers.digest(identifier),
            "registered_at": registered_at,
            "opt_in_text_version": opt_in_text_version,
        },
    )
    if is_new:
        note(subscription, "subscription.registered", registered_at, text=opt_in_text_version.number if opt_in_text_version else None)
    return subscription


@transaction.atomic
def look_up(*, identifier: str, by: User, at: datetime.datetime) -> SubscriptionQuerySet:
    """Return the subscriptions of the identifier with every customer, the newest first, and note that somebody looked."""
    found = Subscription.objects.of_identifier(identifiers.digests(identifier)).select_related(
        "customer", "channel_type", "opt_in_text_version"
    )
    facts = {"by": str(by.reference), "found": [row.pk for row in found]}
    evidence.services.record(kind="subscription.looked_up", facts=facts, subject="subscriptions", happened_at=at)
    return found


@transaction.atomic
def cancel(*, subscription: Subscription, by: User, why: str, at: datetime.datetime) -> Subscription:
    """End the subscription and erase its identifier; the keyed hash stays as proof. Raises AlreadyCancelled."""
    subscription = Subscription.objects.select_for_update(of=("self",)).get(pk=subscription.pk)
    if subscription.cancelled_at is not None:
        raise AlreadyCancelled
    subscription.cancelled_at, subscription.cancelled_by, subscription.cancelled_why = at, by, why
    subscription.identifier = ""
    subscription.save(update_fields=["cancelled_at", "cancelled_by", "cancelled_why", "identifier"])
    note(subscription, "subscription.cancelled", at, why=why, by=str(by.reference))
    return subscription


def note(subscription: Subscription, kind: str, at: datetime.datetime, **facts: str | None) -> None:
    about = {"customer": str(subscription.customer.reference), "channel_type": subscription.channel_type.key, **facts}
    evidence.services.record(kind=kind, facts=about, subject=f"subscription:{subscription.pk}", happened_at=at)
