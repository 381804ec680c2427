"""Ended and erased subscriptions in the ledger of erasures: entered before they end, ended again after a restored backup."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction

import customers.ledger
from customers.models import Channel, ChannelType, Customer, LedgerErasure
from subscriptions import recording
from subscriptions.models import Subscription, SubscriptionQuerySet, Suppression
from subscriptions.recording import Key

Kind, TABLE = LedgerErasure.Kind, Subscription._meta.db_table  # noqa: SLF001  # Django documents _meta as an API


def enter(
    ended: Mapping[int, Collection[Key]],
    *,
    kind: str,
    at: datetime.datetime,
    why: str = "",
    through: str = "",
    case_reference: str = "",
) -> uuid.UUID:
    """Enter the hashes that end, by company and place. Raises customers.ledger.NotEntered: then nothing may end."""
    companies = dict(Customer.objects.filter(pk__in=ended).values_list("pk", "reference"))
    keys = {name for names in ended.values() for name in names}
    types = dict(ChannelType.objects.filter(pk__in={place for place, _channel, _text in keys}).values_list("pk", "key"))
    channels = dict(Channel.objects.filter(pk__in={channel for _place, channel, _text in keys}).values_list("pk", "public_id"))
    hashes: dict[tuple[int, int, int], set[str]] = {}
    for customer_id, names in ended.items():
        for place, channel, text in names:
            hashes.setdefault((customer_id, place, channel), set()).add(text)
    entries = [
        LedgerErasure(
            kind=kind,
            case_reference=case_reference,
            customer_reference=companies[customer_id],
            channel_type=types[place],
            channel=channels.get(channel),
            hashes=sorted(texts),
            why=why,
            through=through,
        )
        for (customer_id, place, channel), texts in hashes.items()
    ]
    return customers.ledger.enter(entries, at=at)


def references(entry: LedgerErasure) -> tuple[Any, Any]:
    """Return company and channel of the entry; none is looked for as none."""
    return entry.customer_reference, entry.channel


def back(entry: LedgerErasure) -> SubscriptionQuerySet:
    """Return what the entry ended and is there all the same; whoever subscribed anew afterwards is not among it."""
    customer, channel = references(entry)
    rows = Subscription.objects.filter(
        customer__reference=customer, identifier_sha256__in=entry.hashes, registered_at__lte=entry.happened_at
    )
    if entry.kind == Kind.SUBSCRIBER:
        return rows
    return rows.active().filter(channel_type__key=entry.channel_type, channel__public_id=channel)


@transaction.atomic
def repeat(entry: LedgerErasure, *, at: datetime.datetime) -> int:
    """End again what a restored backup brought back, suppress it as before, and return how many subscriptions that were."""
    if entry.kind == Kind.SUBSCRIBER:
        rows = list(back(entry).values_list("pk", flat=True))
        Subscription.objects.filter(pk__in=rows).delete()
        number = len(rows)
    else:
        number = back(entry).update(cancelled_at=entry.happened_at, cancelled_through=entry.through, cancelled_why=entry.why, identifier="")
    if entry.happened_at + recording.SUPPRESSED_FOR > at:
        suppress(entry)
    return number


def suppress(entry: LedgerErasure) -> None:
    """Suppress the hashes until the day that was told; a place that the backup does not know takes no subscription either."""
    customer = Customer.objects.filter(reference=references(entry)[0]).first()
    place = ChannelType.objects.filter(key=entry.channel_type).first()
    channel = Channel.objects.filter(public_id=entry.channel, customer=customer).first() if entry.channel else None
    if customer is None or place is None or (entry.channel and channel is None):
        return
    ended = {(place.pk, channel.pk if channel else 0, text) for text in entry.hashes}
    reason = Suppression.Reason.ERASED if entry.kind == Kind.SUBSCRIBER else Suppression.Reason.CANCELLED
    recording.suppress(customer_id=customer.pk, ended=ended, reason=reason, at=entry.happened_at)
