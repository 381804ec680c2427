"""Accounts full of data, and erasures taken to their end."""

from __future__ import annotations

import datetime
import time

from django.utils import timezone

import privacy_text.services
from customers.models import ChannelType, Customer, User
from customers.services import ChannelDetails, create_channel
from deletion import execution, services
from deletion.models import ErasureRequest
from privacy_text.merging import Wording
from privacy_text.models import Placement
from privacy_text.reading import TextKey
from subscriptions import identifiers
from subscriptions.models import Activity, Subscription
from tests.factories import customers as people

CANARY = "canary-9f3b71"


def subscribers(customer: Customer, number: int, name: str = "device") -> None:
    """Give the company so many subscriptions; each identifier can be looked for afterwards."""
    channel = ChannelType.objects.first()
    assert channel is not None
    now = timezone.now()
    texts = (f"{CANARY}-{name}-{customer.pk}-{index}" for index in range(number))
    rows = [
        Subscription(
            customer=customer, channel_type=channel, identifier=text, identifier_sha256=identifiers.digest(text), registered_at=now
        )
        for text in texts
    ]
    Subscription.objects.bulk_create(rows, batch_size=5000)


def activity(customer: Customer) -> None:
    """Let each of the company's subscribers have been shown one message."""
    now = timezone.now()
    rows = [Activity(customer=customer, subscription=row, kind="shown", at=now) for row in customer.subscriptions.all()]
    Activity.objects.bulk_create(rows, batch_size=5000)


def account(number: int = 25) -> tuple[Customer, User]:
    """Return a company with an owner, a colleague, an invitation and subscriptions; each names the canary."""
    company = people.customer(legal_name=f"{CANARY} Verlag GmbH", street=f"{CANARY}weg 1")
    owner = people.owner(company)
    owner.full_name, owner.email = f"Erika {CANARY}", f"{CANARY}.{owner.pk}@example.com"
    owner.save()
    people.colleague(company)
    company.invitations.create(
        email=f"{CANARY}@example.org",
        roles=["signatory"],
        language="de",
        created_at=timezone.now(),
        expires_at=timezone.now() + datetime.timedelta(days=14),
        mail_wanted_at=timezone.now(),
    )
    subscribers(company, number)
    channel_with_texts(company, owner)
    return company, owner


def channel_with_texts(company: Customer, owner: User) -> None:
    """Give the company a channel with an own text, a draft and a place; each names the canary."""
    now = timezone.now()
    details = ChannelDetails(f"{CANARY} channel", f"https://{CANARY}.example/")
    channel = create_channel(customer=company, channel_type="web_push", details=details, by=owner, at=now)
    key = TextKey(channel, "passage", "de")
    edited = privacy_text.services.Edited([Wording("own-1", "", f"{CANARY} words.")])
    privacy_text.services.save_text(key=key, edited=edited, based_on=0, by=owner, at=now)
    privacy_text.services.keep_draft(key=key, fields={"text_own-1": CANARY}, based_on=1, by=owner, at=now)
    Placement.objects.create(channel=channel, page_url=f"https://{CANARY}.example/privacy")


def due(company: Customer, owner: User) -> ErasureRequest:
    """Return a request whose time to withdraw is over."""
    return services.request_erasure(customer=company, by=owner, at=timezone.now() - datetime.timedelta(days=20))


def planned(company: Customer, owner: User) -> ErasureRequest:
    """Return a request that has its plan and has not deleted anything."""
    request, now = due(company, owner), timezone.now()
    execution.begin(request, now, 0)
    request.refresh_from_db()
    execution.enter_ledger_and_plan(request, now, 0)
    request.refresh_from_db()
    return request


def run(request: ErasureRequest, *, at: datetime.datetime | None = None, most: int = 50) -> ErasureRequest:
    """Do slices until nothing is to be done at this moment; what is due within moments is waited for."""
    now = at or timezone.now()
    for _slice in range(most):
        request.refresh_from_db()
        again = execution.advance(request, at=now)
        if again is None or again > now + datetime.timedelta(hours=1):
            break
        if again > now:
            time.sleep(0.05)
            now += datetime.timedelta(seconds=0.05)
    request.refresh_from_db()
    return request


def complete(request: ErasureRequest) -> ErasureRequest:
    """Take the request through its last verification, a day later."""
    run(request)
    return run(request, at=timezone.now() + datetime.timedelta(days=2))
