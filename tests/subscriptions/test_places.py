"""Where a subscription belongs: to a channel, which may have been removed since, or to a type of channel alone."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from customers.models import Channel, Customer, User
from subscriptions import services
from subscriptions.models import Subscription
from subscriptions.recording import SUPPRESSED_FOR, Item
from tests.factories import customers as people

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
IDENTIFIER = "device-1"


@pytest.fixture
def company() -> Customer:
    people.provider()
    return people.customer()


@pytest.fixture
def owner(company: Customer) -> User:
    return people.owner(company)


def channel(company: Customer, name: str) -> Channel:
    made: Channel = company.channels.create(name=name, channel_type="web_push", created_at=timezone.now())
    return made


def item(place: Channel | None, at: datetime.datetime) -> Item:
    where = {"channel": str(place.public_id)} if place else {"channel_type": "web_push"}
    return Item(identifier=IDENTIFIER, registered_at=at, is_renewed=True, **where)


def record(place: Channel | None, company: Customer, by: User, at: datetime.datetime) -> str:
    (result,) = services.record_batch(customer=company, items=[item(place, at)], by=by, at=at)
    return result.status


def cancel(place: Channel | None, company: Customer, by: User, at: datetime.datetime) -> str:
    (result,) = services.cancel_batch(customer=company, items=[item(place, at)], why="withdrawn", by=by, at=at)
    return result.status


def test_consent_for_a_channel_that_was_removed_is_withdrawn_and_not_given_anew(company: Customer, owner: User) -> None:
    place, now = channel(company, "Web"), timezone.now()
    assert record(place, company, owner, now) == "recorded"
    Channel.objects.filter(pk=place.pk).update(removed_at=now)
    assert record(place, company, owner, now) == "unknown_channel"
    assert cancel(place, company, owner, now) == "cancelled"
    assert not Subscription.objects.active().exists()
    assert cancel(place, people.customer(), owner, now) == "not_found", "a channel of another company is nobody's"


@pytest.mark.parametrize("of_channel", [True, False], ids=["two channels", "a channel and its type"])
def test_until_when_an_identifier_is_suppressed_is_said_of_its_own_place(company: Customer, owner: User, of_channel: bool) -> None:
    now = timezone.now()
    long_ago = now - 2 * SUPPRESSED_FOR
    first, second = channel(company, "First"), channel(company, "Second") if of_channel else None
    for place, at in ((first, long_ago), (second, now)):
        record(place, company, owner, at)
        cancel(place, company, owner, at)

    def suppressed_until(place: Channel | None, at: datetime.datetime) -> datetime.datetime | None:
        found = services.look_up(identifier=IDENTIFIER, by=owner, at=at)
        until: datetime.datetime | None = found.get(channel=place).suppressed_until  # type: ignore[attr-defined]  # with_proof
        return until

    assert suppressed_until(second, now) == now + SUPPRESSED_FOR
    assert suppressed_until(first, now) is None, "its time is over, whether or not its row is gone"
    assert suppressed_until(first, long_ago) == long_ago + SUPPRESSED_FOR
    assert suppressed_until(second, now + SUPPRESSED_FOR) is None
