"""Note subscriptions, find them, end them, erase them; the ledger learns what happened and never to which identifier."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet

import evidence.services
from customers.models import ChannelType, Customer, User
from privacy_text.models import SampleText
from subscriptions import identifiers, recording
from subscriptions.models import StatisticsSwitch, Subscription, SubscriptionQuerySet, Suppression
from subscriptions.recording import MOST_AT_ONCE, Item, Result


class AlreadyCancelled(Exception):
    """The subscription was ended before."""


class TooManyItems(ValueError):
    """A batch has more items than are taken at once."""


class StatisticsAreOff(Exception):
    """The customer's switch does not allow activity to be recorded."""


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
        channel=None,
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
def record_batch(*, customer: Customer, items: Sequence[Item], by: User, at: datetime.datetime) -> list[Result]:
    """Note up to a thousand opt-ins, each with its own result; safe to send again. Raises TooManyItems.

    The ledger gets one entry per batch: how many, not who.
    """
    demand_few(items)
    results = recording.record_all(customer=customer, items=items, at=at)
    recorded = sum(result.status == "recorded" for result in results)
    if recorded:
        note_batch(customer, "subscription.batch_recorded", recorded, by, at)
    return results


@transaction.atomic
def cancel_batch(*, customer: Customer, items: Sequence[Item], why: str, by: User, at: datetime.datetime) -> list[Result]:
    """End up to a thousand subscriptions of the customer by channel or its type, and identifier. Raises TooManyItems."""
    demand_few(items)
    results, numbers = recording.cancel_all(customer=customer, items=items, why=why, at=at)
    if numbers:
        note_batch(customer, "subscription.batch_cancelled", len(numbers), by, at)
    return results


@transaction.atomic
def record_activity(*, customer: Customer, items: Sequence[tuple[int, str, str, datetime.datetime]]) -> list[Result]:
    """Note what was shown or clicked, as far as the customer's switch allows it. Raises StatisticsAreOff or TooManyItems."""
    demand_few(items)
    if not recording.is_activity_recorded(customer):
        raise StatisticsAreOff
    return recording.record_activity(customer=customer, items=items)


def demand_few(items: Sequence[object]) -> None:
    if len(items) > MOST_AT_ONCE:
        raise TooManyItems


@transaction.atomic
def switch_statistics(*, customer: Customer, is_on: bool, by: User, at: datetime.datetime) -> StatisticsSwitch:
    """Allow or forbid that activity is recorded; what was recorded stays until it is erased."""
    defaults = {"is_on": is_on, "changed_by": by, "changed_at": at}
    switch, _is_new = StatisticsSwitch.objects.update_or_create(customer=customer, defaults=defaults)
    facts = {"customer": str(customer.reference), "by": str(by.reference), "is_on": is_on}
    evidence.services.record(kind="statistics.switched", facts=facts, subject=f"customer:{customer.reference}", happened_at=at)
    return switch


@transaction.atomic
def look_up(*, identifier: str, by: User, at: datetime.datetime) -> SubscriptionQuerySet:
    """Return the subscriptions of the identifier with every customer, the newest first, and note that somebody looked."""
    found = Subscription.objects.of_identifier(identifiers.digests_of_typed(identifier)).with_proof()
    facts = {"by": str(by.reference), "found": [row.pk for row in found]}
    evidence.services.record(kind="subscription.looked_up", facts=facts, subject="subscriptions", happened_at=at)
    return found


def suppressed(identifier: str, *, at: datetime.datetime) -> QuerySet[Suppression]:
    """Return where the identifier is kept from coming back, for the one who looks for what was erased."""
    rows = Suppression.objects.filter(identifier_sha256__in=identifiers.digests_of_typed(identifier), until__gt=at)
    return rows.select_related("customer", "channel_type", "channel").order_by("-until", "pk")


@transaction.atomic
def cancel(*, subscription: Subscription, by: User, why: str, at: datetime.datetime) -> Subscription:
    """End the subscription, suppress its identifier and erase it; the keyed hash stays as proof. Raises AlreadyCancelled."""
    subscription = Subscription.objects.select_for_update(of=("self",)).get(pk=subscription.pk)
    if subscription.cancelled_at is not None:
        raise AlreadyCancelled
    subscription.cancelled_at, subscription.cancelled_by, subscription.cancelled_why = at, by, why
    subscription.identifier, subscription.cancelled_through = "", Subscription.Way.DESK
    subscription.save(update_fields=["cancelled_at", "cancelled_by", "cancelled_through", "cancelled_why", "identifier"])
    ended = [(subscription.channel_type_id, subscription.channel_id or 0, subscription.identifier_sha256)]
    recording.suppress(customer_id=subscription.customer_id, ended=ended, reason=Suppression.Reason.CANCELLED, at=at)
    note(subscription, "subscription.cancelled", at, why=why, by=str(by.reference))
    return subscription


@transaction.atomic
def erase(*, identifier: str, by: User, at: datetime.datetime) -> dict[int, int]:
    """Erase every subscription of the identifier with its activity and proof (Art. 17(1) GDPR); return rows by customer.

    The keyed hash alone is suppressed, so that a stale client cannot bring the subscription back.
    """
    found = Subscription.objects.of_identifier(identifiers.digests_of_typed(identifier))
    rows = list(found.select_for_update(of=("self",)).select_related("customer"))
    erased: dict[int, int] = {}
    for row in rows:
        erased[row.customer_id] = erased.get(row.customer_id, 0) + 1
    for customer_id in erased:
        ended = {(row.channel_type_id, row.channel_id or 0, row.identifier_sha256) for row in rows if row.customer_id == customer_id}
        recording.suppress(customer_id=customer_id, ended=ended, reason=Suppression.Reason.ERASED, at=at)
    Subscription.objects.filter(pk__in=[row.pk for row in rows]).delete()
    facts = {"by": str(by.reference), "erased": len(rows)}
    evidence.services.record(kind="subscription.erased", facts=facts, subject="subscriptions", happened_at=at)
    return erased


def note(subscription: Subscription, kind: str, at: datetime.datetime, **facts: str | None) -> None:
    about = {"customer": str(subscription.customer.reference), "channel_type": subscription.channel_type.key, **facts}
    evidence.services.record(kind=kind, facts=about, subject=f"subscription:{subscription.pk}", happened_at=at)


def note_batch(customer: Customer, kind: str, number: int, by: User, at: datetime.datetime) -> None:
    facts = {"customer": str(customer.reference), "by": str(by.reference), "number": number}
    evidence.services.record(kind=kind, facts=facts, subject=f"customer:{customer.reference}", happened_at=at)
