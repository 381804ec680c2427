"""Every passage and prompt that the sample can become, composed once for all tests that only read them."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import transaction

from customers.models import ChannelType, Provider
from privacy_text import services
from privacy_text.composing import Choices, Composed, Kind, compose, every_choice
from tests.factories import customers as people
from tests.factories import registers

NOW = datetime.datetime(2026, 11, 24, 10, tzinfo=datetime.UTC)
ANSWERS = {
    "customer_name": "Muster Verlag GmbH",
    "content": "Lokalpolitik und Sport, etwa dreimal täglich",
    "privacy_url": "https://example.com/datenschutz",
    "cancel_url": "https://example.com/abmelden",
}
KINDS: tuple[Kind, ...] = ("opt_in", "passage")
TYPES = ("web_push", "app_push", "facebook_messenger", "telegram")
LANGUAGES = ("de", "en")
CHOICES = tuple(every_choice())
Every = dict[tuple[Kind, str, str, Choices], Composed]


@pytest.fixture(scope="package")
def composed(django_db_setup: None, django_db_blocker: Any) -> Every:
    """Return each kind × channel type × language × choices of the sample on the sample's registers."""
    with django_db_blocker.unblock(), transaction.atomic():
        provider = people.provider()
        register = registers.sample_subprocessors()
        version = services.load_sample(by=registers.editor(), approved_by=registers.editor(), at=NOW)
        found = {
            (kind, channel_type.key, language, choices): compose(
                version=version,
                channel_type=channel_type,
                language=language,
                kind=kind,
                choices=choices,
                values=ANSWERS,
                register=register,
                provider=Provider.objects.get(pk=provider.pk),
                on=NOW.date(),
            )
            for kind in KINDS
            for channel_type in ChannelType.objects.all()
            for language in LANGUAGES
            for choices in CHOICES
        }
        transaction.set_rollback(True)
    return found
