"""Subscriptions by the thousand: each batch takes the same few statements, however many items it has."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet

from customers.models import Channel, ChannelType, Customer
from privacy_text.models import SampleText
from subscriptions import identifiers
from subscriptions.models import Activity, StatisticsSwitch, Subscription, Suppression

Place = tuple[int, int]
Key = tuple[int, int, str]
Span = tuple[datetime.datetime, datetime.datetime]
MOST_AT_ONCE, FORGOTTEN_AT_ONCE = 1000, 5000
LOCK = 0x73756273  # "subs": the name of this lock among those of the portal
SUPPRESSED_FOR = datetime.timedelta(days=90)
"""Longer than clients stay off-line and repeat what they have queued; then the keyed hash goes too."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One opt-in as a system reports it, of a channel by its public identifier or of a type of channel.

    ``is_renewed``: the person was asked again after an earlier end and agreed.
    """

    identifier: str
    registered_at: datetime.datetime
    channel_type: str = ""
    channel: str = ""
    topic: str = ""
    opt_in_version: str = ""
    opt_in_label: str = ""
    opt_in_sha256: str = ""
    is_renewed: bool = False


@dataclass(frozen=True)
class Result:
    """What became of an item: recorded, exists, suppressed, unknown_channel, unknown_version, future; or cancelled, not_found."""

    status: str
    number: int | None = None


@dataclass(frozen=True)
class Keyed:
    """An item with its place and the hashes under which it may be stored."""

    item: Item
    place: Place
    hashes: Sequence[str]

    @property
    def keys(self) -> list[Key]:
        """Return the keys under which the item may be stored, that of today first."""
        return [(*self.place, text) for text in self.hashes]


class Places:
    """These channels of the customer and the types of channels, in two queries."""

    def __init__(self, customer: Customer, channels: QuerySet[Channel]) -> None:
        self.types = {row.key: row.pk for row in ChannelType.objects.all()}
        self.channels = {str(row.public_id): row for row in channels.filter(customer=customer)}

    def of(self, channel: str, channel_type: str) -> Place | None:
        """Return type and channel (0 for none), or None where the customer has no such channel."""
        if channel:
            found = self.channels.get(channel.lower())
            return (self.types[found.channel_type], found.pk) if found is not None else None
        return (self.types[channel_type], 0) if channel_type in self.types else None


def lock(customer_id: int, *, is_shared: bool = False) -> None:
    """Let whoever ends subscriptions of the company wait for those who record (shared), and the other way round, in one transaction.

    Otherwise a batch that has read neither a subscription nor its suppression would insert it again right behind its end.
    """
    take = "pg_advisory_xact_lock_shared" if is_shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {take}(%s, %s)", [LOCK, customer_id % 2**31])


def record_all(*, customer: Customer, items: Sequence[Item], at: datetime.datetime) -> list[Result]:
    """Insert what is new and say of each item what became of it, in order; the same batch again inserts nothing.

    In the caller's transaction, as whatever ends subscriptions: see ``lock``.
    """
    lock(customer.pk, is_shared=True)
    places = Places(customer, Channel.objects.kept())
    versions = {row.number: row for row in SampleText.objects.filter(number__in={item.opt_in_version for item in items} - {""})}
    results = [refusal_of(item, places, versions, at) for item in items]
    keyed = {index: key(item, places) for index, item in enumerate(items) if results[index] is None}
    active, suppressed = actives_of(customer, keyed.values()), suppressions_of(customer, keyed.values())
    new: dict[Key, Subscription] = {}
    for index, entry in keyed.items():
        if is_suppressed(entry, suppressed):
            results[index] = Result("suppressed")
        elif active.keys().isdisjoint(entry.keys):
            new.setdefault(entry.keys[0], row_of(customer, entry, versions))
    Subscription.objects.bulk_create(new.values(), ignore_conflicts=True)  # a parallel batch may have been faster
    open_entries = {index: entry for index, entry in keyed.items() if results[index] is None}
    stored = active | actives_of(customer, open_entries.values())
    for index, entry in open_entries.items():
        is_first = new.pop(entry.keys[0], None) is not None
        number = next((stored[name] for name in entry.keys if name in stored), None)
        results[index] = Result("suppressed") if number is None else Result("recorded" if is_first else "exists", number)
    return [result for result in results if result is not None]


def refusal_of(item: Item, places: Places, versions: dict[str, SampleText], at: datetime.datetime) -> Result | None:
    if places.of(item.channel, item.channel_type) is None:
        return Result("unknown_channel")
    if item.opt_in_version and item.opt_in_version not in versions:
        return Result("unknown_version")
    return Result("future") if item.registered_at > at else None


def key(item: Item, places: Places) -> Keyed:
    place = places.of(item.channel, item.channel_type)
    assert place is not None  # refused before
    return Keyed(item, place, identifiers.digests(item.identifier))


def row_of(customer: Customer, entry: Keyed, versions: dict[str, SampleText]) -> Subscription:
    item = entry.item
    return Subscription(
        customer=customer,
        channel_type_id=entry.place[0],
        channel_id=entry.place[1] or None,
        identifier=item.identifier.strip(),
        identifier_sha256=entry.hashes[0],
        registered_at=item.registered_at,
        topic=item.topic,
        opt_in_text_version=versions.get(item.opt_in_version),
        opt_in_label=item.opt_in_label,
        opt_in_sha256=item.opt_in_sha256,
    )


def actives_of(customer: Customer, entries: Iterable[Keyed]) -> dict[Key, int]:
    """Return the numbers of active subscriptions by type of channel and hash, in one query."""
    hashes = [text for entry in entries for text in entry.hashes]
    rows = Subscription.objects.active().filter(customer=customer, identifier_sha256__in=hashes)
    found = rows.values_list("channel_type_id", "channel_id", "identifier_sha256", "pk")
    return {(kind, channel or 0, text): pk for kind, channel, text, pk in found}


def suppressions_of(customer: Customer, entries: Iterable[Keyed]) -> dict[Key, Span]:
    hashes = [text for entry in entries for text in entry.hashes]
    rows = Suppression.objects.filter(customer=customer, identifier_sha256__in=hashes)
    found = rows.values_list("channel_type_id", "channel_id", "identifier_sha256", "since", "until")
    return {(kind, channel or 0, text): (since, until) for kind, channel, text, since, until in found}


def is_suppressed(entry: Keyed, suppressed: dict[Key, Span]) -> bool:
    """Say whether the item repeats what has ended: only a person who was asked anew, later than the end, comes back early."""
    for since, until in (suppressed[name] for name in entry.keys if name in suppressed):
        is_new_consent = entry.item.is_renewed and entry.item.registered_at > since
        if entry.item.registered_at < until and not is_new_consent:
            return True
    return False


def suppress(*, customer_id: int, ended: Iterable[Key], reason: str, at: datetime.datetime) -> None:
    """Keep these hashes (type of channel, channel, hash) from coming back until ``SUPPRESSED_FOR`` is over; one statement."""
    rows = [
        Suppression(
            customer_id=customer_id,
            channel_type_id=kind,
            channel_id=channel or None,
            identifier_sha256=text,
            reason=reason,
            since=at,
            until=at + SUPPRESSED_FOR,
        )
        for kind, channel, text in ended
    ]
    Suppression.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["customer", "identifier_sha256", "channel_type", "channel"],
        update_fields=["reason", "since", "until"],
    )


def to_cancel(*, customer: Customer, items: Sequence[Item]) -> list[tuple[Key, int] | None]:
    """Return key and number of each item's active subscription, or None where there is none.

    Consent for a channel that was removed is withdrawn like any other (Art. 7(3) GDPR).
    """
    places = Places(customer, Channel.objects.all())
    keyed = [key(item, places) if places.of(item.channel, item.channel_type) else None for item in items]
    active = actives_of(customer, [entry for entry in keyed if entry])
    names = [next((name for name in entry.keys if name in active), None) if entry else None for entry in keyed]
    return [(name, active[name]) if name else None for name in names]


def cancel_all(*, customer: Customer, found: Iterable[tuple[Key, int]], why: str, at: datetime.datetime) -> list[int]:
    """End these subscriptions, suppress them and erase the identifiers; return the numbers of those that were active until now."""
    lock(customer.pk)
    known = dict(found)
    active = Subscription.objects.active().select_for_update(of=("self",)).filter(pk__in=known.values(), customer=customer)
    numbers = list(active.order_by("pk").values_list("pk", flat=True))
    Subscription.objects.filter(pk__in=numbers).update(
        cancelled_at=at, cancelled_through=Subscription.Way.API, cancelled_why=why, identifier=""
    )
    suppress(customer_id=customer.pk, ended=known, reason=Suppression.Reason.CANCELLED, at=at)
    return numbers


def is_activity_recorded(customer: Customer) -> bool:
    return StatisticsSwitch.objects.filter(customer=customer, is_on=True).exists()


def record_activity(*, customer: Customer, items: Sequence[tuple[int, str, str, datetime.datetime]]) -> list[Result]:
    """Write (subscription, kind, message, time) for the customer's own active subscriptions."""
    lock(customer.pk, is_shared=True)  # what it is written for must not be erased meanwhile
    numbers = {number for number, *_rest in items}
    own = set(Subscription.objects.active().filter(customer=customer, pk__in=numbers).values_list("pk", flat=True))
    rows = [
        Activity(customer=customer, subscription_id=number, kind=kind, message=message, at=moment)
        for number, kind, message, moment in items
        if number in own
    ]
    Activity.objects.bulk_create(rows)
    return [Result("recorded" if number in own else "not_found", number) for number, *_rest in items]


def forget_suppressed(*, at: datetime.datetime) -> int:
    """Delete the keyed hashes whose time is over, in short transactions; return how many went."""
    gone = 0
    while True:
        due = list(Suppression.objects.filter(until__lte=at).order_by("until").values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
        gone += Suppression.objects.filter(pk__in=due, until__lte=at).delete()[0]  # one may have begun anew since it was read
        if len(due) < FORGOTTEN_AT_ONCE:
            return gone
