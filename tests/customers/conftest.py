"""Rate limits count in the cache; each test starts with none. Letters are sent at once, sealed as they are for the worker."""

from __future__ import annotations

import datetime

import pytest
from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives

from customers import letters, services
from customers.models import SealedLetter


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    cache.clear()


@pytest.fixture(autouse=True)
def worker_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the worker's turn come as soon as a letter is posted."""
    post = services.post

    def post_and_send(*, letter: EmailMultiAlternatives, at: datetime.datetime) -> SealedLetter:
        row = post(letter=letter, at=at)
        letters.send_sealed(row.pk)
        return row

    monkeypatch.setattr(services, "post", post_and_send)
