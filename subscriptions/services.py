"""Note subscriptions, find them, end them, erase them; the ledger learns what happened and never to which identifier."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet

import evidence.services
from customers.ledger import NotEntered
from customers.models import Customer, User
from subscriptions import identifiers, ledger, recording
from subscriptions.models import StatisticsSwitch, Subscription, SubscriptionQuerySet, Suppression
from subscriptions.recording import MOST_AT_ONCE, Item, Result

__all__ = [
    "AlreadyCancelled",
    "Item",
    "NotEntered",
    "StatisticsAreOff",
    "TooManyItems",
    "cancel",
    "cancel_batch",
    "enter_erasure",
    "erase",
    "left_of",
    "look_up",
    "record_activity",
    "record_batch",
    "suppressed",
    "switch_statistics",
]


class AlreadyCancelled(Exception):
    """The subscription was ended before."""


class TooManyItems(ValueError):
    """A batch has more items than are taken at once."""


class StatisticsAreOff(Exception):
    """The customer's switch does not allow activity to be recorded."""


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


def cancel_batch(
    *, customer: Customer, items: Sequence[Item], why: str, by: User, at: datetime.datetime, token: int | None = None
) -> list[Result]:
    """End up to a thousand subscriptions of the customer by channel or its type, and identifier. Raises TooManyItems.

    The ledger of erasures learns it first, so that a restored backup does not bring withdrawn consent back; while it does not
    answer, NotEntered is raised and nothing ends. The event names the subscriptions by their numbers, and the token that was used.
    """
    demand_few(items)
    found = recording.to_cancel(customer=customer, items=items)
    ended = [each for each in found if each]
    if ended:
        names = {name for name, _number in ended}
        entry = ledger.enter({customer.pk: names}, kind=ledger.Kind.CANCELLED, why=why, through=Subscription.Way.API, at=at)
        with transaction.atomic():
            numbers = recording.cancel_all(customer=customer, found=ended, why=why, at=at)
            facts = {"subscriptions": numbers, "token": token, "entry": str(entry)}
            note_batch(customer, "subscription.batch_cancelled", len(numbers), by, at, **facts)
    return [Result("cancelled", each[1]) if each else Result("not_found") for each in found]


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
    found = Subscription.objects.of_identifier(identifiers.digests_of_typed(identifier)).with_proof(at)
    facts = {"by": str(by.reference), "found": [row.pk for row in found]}
    evidence.services.record(kind="subscription.looked_up", facts=facts, subject="subscriptions", happened_at=at)
    return found


def suppressed(identifier: str, *, at: datetime.datetime) -> QuerySet[Suppression]:
    """Return where the identifier is kept from coming back, for the one who looks for what was erased."""
    rows = Suppression.objects.filter(identifier_sha256__in=identifiers.digests_of_typed(identifier), until__gt=at)
    return rows.select_related("customer", "channel_type", "channel").order_by("-until", "pk")


def cancel(*, subscription: Subscription, by: User, why: str, at: datetime.datetime) -> Subscription:
    """End the subscription, suppress its identifier and erase it; the keyed hash stays as proof. Raises AlreadyCancelled.

    The ledger of erasures learns it first; while it does not answer, NotEntered is raised and the subscription stays active.
    """
    if not Subscription.objects.active().filter(pk=subscription.pk).exists():
        raise AlreadyCancelled
    ledger.enter(
        {subscription.customer_id: [key_of(subscription)]}, kind=ledger.Kind.CANCELLED, why=why, through=Subscription.Way.DESK, at=at
    )
    return end(subscription=subscription, by=by, why=why, at=at)


@transaction.atomic
def end(*, subscription: Subscription, by: User, why: str, at: datetime.datetime) -> Subscription:
    """Do what the ledger of erasures has entered. Raises AlreadyCancelled."""
    recording.lock(subscription.customer_id)
    found = Subscription.objects.active().select_for_update(of=("self",)).filter(pk=subscription.pk).first()
    if found is None:  # ended or erased meanwhile
        raise AlreadyCancelled
    subscription = found
    subscription.cancelled_at, subscription.cancelled_by, subscription.cancelled_why = at, by, why
    subscription.identifier, subscription.cancelled_through = "", Subscription.Way.DESK
    subscription.save(update_fields=["cancelled_at", "cancelled_by", "cancelled_through", "cancelled_why", "identifier"])
    recording.suppress(customer_id=subscription.customer_id, ended=[key_of(subscription)], reason=Suppression.Reason.CANCELLED, at=at)
    note(subscription, "subscription.cancelled", at, why=why, by=str(by.reference))
    return subscription


def key_of(subscription: Subscription) -> recording.Key:
    return subscription.channel_type_id, subscription.channel_id or 0, subscription.identifier_sha256


def enter_erasure(*, identifier: str, case_reference: str, at: datetime.datetime) -> uuid.UUID | None:
    """Enter in the ledger of erasures what ``erase`` will take; None where nothing is stored and nothing was entered."""
    ended: dict[int, set[recording.Key]] = {}
    for row in Subscription.objects.of_identifier(identifiers.digests_of_typed(identifier)):
        ended.setdefault(row.customer_id, set()).add(key_of(row))
    if not ended:
        return None
    return ledger.enter(ended, kind=ledger.Kind.SUBSCRIBER, case_reference=case_reference, at=at)


@transaction.atomic
def erase(*, identifier: str, entry: uuid.UUID, by: User, at: datetime.datetime) -> dict[int, int]:
    """Erase every subscription of the identifier with its activity and proof (Art. 17(1) GDPR); return rows by customer.

    ``entry`` is what the ledger of erasures acknowledged. The keyed hash alone is suppressed, so that a stale client cannot
    bring the subscription back.
    """
    found = Subscription.objects.of_identifier(identifiers.digests_of_typed(identifier))
    for customer_id in sorted(set(found.values_list("customer_id", flat=True))):  # in one order, so that two of them do not deadlock
        recording.lock(customer_id)
    rows = list(found.select_for_update(of=("self",)).select_related("customer"))
    erased: dict[int, int] = {}
    for row in rows:
        erased[row.customer_id] = erased.get(row.customer_id, 0) + 1
    for customer_id in erased:
        ended = {key_of(row) for row in rows if row.customer_id == customer_id}
        recording.suppress(customer_id=customer_id, ended=ended, reason=Suppression.Reason.ERASED, at=at)
    Subscription.objects.filter(pk__in=[row.pk for row in rows]).delete()
    facts = {"by": str(by.reference), "erased": len(rows), "entry": str(entry)}
    evidence.services.record(kind="subscription.erased", facts=facts, subject="subscriptions", happened_at=at)
    return erased


def left_of(*, identifier: str) -> int:
    """Count what is stored under the identifier now."""
    return Subscription.objects.of_identifier(identifiers.digests_of_typed(identifier)).count()


def note(subscription: Subscription, kind: str, at: datetime.datetime, **facts: str | None) -> None:
    about = {"customer": str(subscription.customer.reference), "channel_type": subscription.channel_type.key, **facts}
    evidence.services.record(kind=kind, facts=about, subject=f"subscription:{subscription.pk}", happened_at=at)


def note_batch(customer: Customer, kind: str, number: int, by: User, at: datetime.datetime, **more: object) -> None:
    facts = {"customer": str(customer.reference), "by": str(by.reference), "number": number, **more}
    evidence.services.record(kind=kind, facts=facts, subject=f"customer:{customer.reference}", happened_at=at)
