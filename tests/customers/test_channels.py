"""Channels: named once per company, switched on only while an agreement is in force, and out of use for good when removed."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from customers import services
from customers.models import CLOSED, Channel
from customers.services import ChannelDetails
from evidence.models import Event
from tests.factories import customers as people

pytestmark = pytest.mark.django_db


def channel(company: Any = None, **fields: Any) -> Channel:
    company = company or people.customer()
    details = ChannelDetails(**{"name": "Nachrichten", "address": "https://muster.example/", **fields})
    return services.create_channel(
        customer=company, channel_type="web_push", details=details, by=people.colleague(company), at=timezone.now()
    )


def kinds() -> list[str]:
    return [bytes(event.canonical).decode() for event in Event.objects.order_by("pk") if b"channel_" in bytes(event.canonical)]


def test_a_new_channel_is_not_active_and_the_ledger_knows_of_it() -> None:
    made = channel()
    assert not made.is_active
    assert str(made.public_id) in kinds()[0]
    assert made.name not in kinds()[0]


def test_a_name_is_used_once_per_company_until_the_channel_is_removed() -> None:
    first = channel()
    with pytest.raises(services.NameTaken):
        channel(first.customer)
    services.remove_channel(channel=first, by=first.created_by, at=timezone.now())
    assert channel(first.customer).name == first.name
    assert channel().name == first.name, "another company may use it too"


def test_a_channel_is_activated_only_while_an_agreement_is_in_force() -> None:
    company = people.customer(agreement_valid_until=CLOSED)
    made = channel(company)
    with pytest.raises(services.AgreementMissing):
        services.activate_channel(channel=made, by=made.created_by, at=timezone.now())
    company.agreement_valid_until = people.IN_FORCE
    company.save()
    for _time in range(2):
        services.activate_channel(channel=made, by=made.created_by, at=timezone.now())
    assert Channel.objects.active().get() == made
    assert sum("channel_activated" in kind for kind in kinds()) == 1
    services.deactivate_channel(channel=made, by=made.created_by, at=timezone.now())
    assert not Channel.objects.active().exists()


def test_a_removed_channel_can_neither_be_changed_nor_activated() -> None:
    made = channel()
    by, now = made.created_by, timezone.now()
    services.activate_channel(channel=made, by=by, at=now)
    services.remove_channel(channel=made, by=by, at=now)
    made.refresh_from_db()
    assert not made.is_active
    for refused in (
        lambda: services.activate_channel(channel=made, by=by, at=now),
        lambda: services.deactivate_channel(channel=made, by=by, at=now),
        lambda: services.remove_channel(channel=made, by=by, at=now),
        lambda: services.change_channel(channel=made, details=ChannelDetails("Neu"), by=by, at=now),
    ):
        with pytest.raises(services.ChannelRemoved):
            refused()


def test_what_changes_is_named_in_the_ledger_and_nothing_is_written_without_a_change() -> None:
    made = channel()
    details = ChannelDetails("Neuer Name", "https://muster.example/", "https://muster.example/datenschutz")
    for _time in range(2):
        services.change_channel(channel=made, details=details, by=made.created_by, at=timezone.now())
    changed = [kind for kind in kinds() if "channel_changed" in kind]
    assert len(changed) == 1
    assert '"fields":["name","privacy_url"]' in changed[0]


@pytest.mark.parametrize("fields", [{"name": ""}, {"removed_at": timezone.now(), "activated_at": timezone.now()}])
def test_the_database_refuses_a_channel_that_makes_no_sense(fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Channel.objects.create(
            customer=people.customer(), channel_type="web_push", **{"name": "Name", "created_at": timezone.now(), **fields}
        )
