"""Single subscriptions for tests, recorded as a customer's system records them."""

from __future__ import annotations

import datetime
from typing import Any

from django.utils import timezone

from customers.models import Customer
from subscriptions import services
from subscriptions.models import Subscription
from subscriptions.recording import Item
from tests.factories import customers as people


def subscribe(
    company: Customer, identifier: str, key: str = "web_push", *, at: datetime.datetime | None = None, **fields: Any
) -> Subscription:
    """Record one opt-in and return its active subscription."""
    now = at or timezone.now()
    by = company.people_with("owner").first() or people.person()
    item = Item(identifier=identifier, channel_type=key, registered_at=now, **fields)
    (result,) = services.record_batch(customer=company, items=[item], by=by, at=now)
    assert result.number is not None, result.status
    return Subscription.objects.select_related("customer", "channel_type").get(pk=result.number)
