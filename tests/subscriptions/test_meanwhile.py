"""A subscription that ends at the very moment at which it is recorded again: afterwards it is active or suppressed, never both."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

import evidence.services
from customers.models import Customer
from subscriptions import recording, services
from subscriptions.models import Activity, Subscription, Suppression
from subscriptions.recording import Item, Result
from tests.factories import customers as people
from tests.factories import subscribers
from tests.factories.meanwhile import Meanwhile
from tests.own_database import own_database

IDENTIFIER = "device-1"


@pytest.fixture
def company(django_db_setup: None, django_db_blocker: Any) -> Iterator[Customer]:
    """A company in private copies of both databases, in which tests commit."""
    with own_database(django_db_blocker), own_database(django_db_blocker, "ledger"):
        people.provider()
        made = people.customer()
        people.owner(made)
        yield made


def item() -> Item:
    return Item(identifier=IDENTIFIER, channel_type="web_push", registered_at=timezone.now())


def record(company: Customer, *items: Item) -> list[Result]:
    owner = company.people_with("owner").get()
    return services.record_batch(customer=company, items=items, by=owner, at=timezone.now())


def cancel(company: Customer) -> list[Result]:
    owner = company.people_with("owner").get()
    return services.cancel_batch(customer=company, items=[item()], why="withdrawn", by=owner, at=timezone.now())


def cancel_at_the_desk(company: Customer) -> None:
    services.cancel(subscription=Subscription.objects.active().get(), by=people.staff(), why="withdrawn", at=timezone.now())


def erase(company: Customer) -> None:
    now = timezone.now()
    entry = services.enter_erasure(identifier=IDENTIFIER, case_reference="BA-1", at=now)
    assert entry is not None
    services.erase(identifier=IDENTIFIER, entry=entry, by=people.staff(), at=now)


ENDS = pytest.mark.parametrize("end", [cancel, cancel_at_the_desk, erase])


@ENDS
def test_what_ends_between_two_looks_of_a_batch_does_not_come_back(
    company: Customer, monkeypatch: pytest.MonkeyPatch, end: Callable[[Customer], object]
) -> None:
    """The end begins when the batch has looked once, and is given the time to finish before the batch looks again."""
    subscribers.subscribe(company, IDENTIFIER)
    meanwhile: list[Meanwhile] = []

    def interrupted(look: Callable[..., Any]) -> Callable[..., Any]:
        def looking(*arguments: Any) -> Any:
            seen = look(*arguments)
            if not meanwhile:
                meanwhile.append(Meanwhile(lambda: end(company)))
                meanwhile[0].start()
                meanwhile[0].join(1)
            return seen

        return looking

    for name in ("actives_of", "suppressions_of"):
        monkeypatch.setattr(recording, name, interrupted(getattr(recording, name)))
    first, second = item(), Item(identifier="device-2", channel_type="web_push", registered_at=timezone.now())
    results = record(company, first, second)
    assert [result.status for result in results] == ["exists", "recorded"]
    assert meanwhile[0].finish() is None
    assert Suppression.objects.count() == 1
    assert Subscription.objects.active().exclude(identifier="device-2").count() == 0


@ENDS
def test_a_batch_waits_for_what_is_ending_and_is_told_that_it_ended(
    company: Customer, monkeypatch: pytest.MonkeyPatch, end: Callable[[Customer], object]
) -> None:
    """The batch comes when everything is written and nothing is committed: at the entry in the evidence, which is the last."""
    subscribers.subscribe(company, IDENTIFIER)
    told: list[str] = []
    again = item()
    meanwhile = Meanwhile(lambda: told.extend(result.status for result in record(company, again)))
    monkeypatch.setattr(evidence.services, "record", lambda **_entry: meanwhile.start_and_wait_until_blocked())
    end(company)
    assert meanwhile.finish() is None
    assert told == ["suppressed"]
    assert not Subscription.objects.active().exists()


def test_an_erasure_takes_what_a_batch_is_recording(company: Customer) -> None:
    """The first subscription ended long ago; the second one is recorded, and not committed yet, when the erasure looks for rows."""
    subscribers.subscribe(company, IDENTIFIER)
    cancel(company)
    Suppression.objects.all().delete()
    meanwhile = Meanwhile(lambda: erase(company))
    with transaction.atomic():
        assert record(company, item())[0].status == "recorded"
        meanwhile.start_and_wait_until_blocked()
    assert meanwhile.finish() is None
    assert not Subscription.objects.exists()


def test_an_erasure_waits_for_activity_that_is_being_recorded_and_takes_it(company: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The erasure begins when the batch has read which subscriptions are active, and before it writes."""
    number = subscribers.subscribe(company, IDENTIFIER).pk
    services.switch_statistics(customer=company, is_on=True, by=people.staff(), at=timezone.now())
    meanwhile = Meanwhile(lambda: erase(company))
    write = Activity.objects.bulk_create

    def interrupted(rows: Any) -> Any:
        meanwhile.start()
        meanwhile.join(1)
        return write(rows)

    monkeypatch.setattr(Activity.objects, "bulk_create", interrupted)
    results = services.record_activity(customer=company, items=[(number, "shown", "m-1", timezone.now())])
    assert [result.status for result in results] == ["recorded"]
    assert meanwhile.finish() is None
    assert not Subscription.objects.exists()
    assert not Activity.objects.exists()


def test_a_subscription_that_was_erased_meanwhile_is_not_there_to_be_cancelled(company: Customer) -> None:
    row = subscribers.subscribe(company, IDENTIFIER)
    erase(company)
    with pytest.raises(services.AlreadyCancelled):
        services.end(subscription=row, by=people.staff(), why="withdrawn", at=timezone.now())


def test_a_suppression_that_begins_anew_while_old_ones_are_forgotten_stays(company: Customer) -> None:
    subscribers.subscribe(company, IDENTIFIER)
    cancel(company)
    over = Suppression.objects.get().until
    again = over + datetime.timedelta(days=1)
    begun: list[int] = []

    def meanwhile(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("DELETE") and not begun:
            begun.append(1)
            Suppression.objects.update(since=over, until=again)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(meanwhile):
        recording.forget_suppressed(at=over)
    assert begun
    assert Suppression.objects.get().until == again


def test_batches_of_one_company_do_not_wait_for_each_other(company: Customer) -> None:
    other = Item(identifier="device-2", channel_type="web_push", registered_at=timezone.now())
    meanwhile = Meanwhile(lambda: record(company, other))
    with transaction.atomic():
        recording.record_all(customer=company, items=[item()], at=timezone.now())
        meanwhile.start()
        assert meanwhile.finish() is None
        assert Subscription.objects.count() == 2
