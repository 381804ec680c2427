"""How long a deletion still takes is said while there is ground for it, and not otherwise."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from deletion import progress
from deletion.letters import signature_of
from deletion.models import ErasureRequest
from tests.factories import customers as people
from tests.factories import erasure

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.usefixtures("verifier")]
RUNNING: dict[str, Any] = {"state": "running", "estimated": 1000, "deleted": 200, "next_attempt_at": None, "last_error": ""}


def running(**changes: Any) -> ErasureRequest:
    """Return a request whose largest step runs for a good minute and has done a fifth."""
    people.provider()
    request = erasure.planned(*erasure.account(0))
    request.steps.update(estimated=0)
    seconds = changes.pop("seconds", 65)
    values = {**RUNNING, "started_at": timezone.now() - datetime.timedelta(seconds=seconds), **changes}
    request.steps.filter(dataset="subscriptions.subscription").update(**values)
    return request


def test_the_page_says_how_long_it_still_takes(client: Client) -> None:
    request = running()
    ends_at = progress.progress_of(request).ends_at
    assert ends_at is not None
    assert datetime.timedelta(minutes=3, seconds=50) < ends_at - timezone.now() < datetime.timedelta(minutes=5)
    for language, words in (("de", "Noch etwa 4\N{NO-BREAK SPACE}Minuten."), ("en", "About 4\N{NO-BREAK SPACE}minutes left.")):
        address = reverse("deletion_progress", args=[request.reference, signature_of(request.reference)])
        assert words in client.get(address.replace("/de/", f"/{language}/")).content.decode().replace("&nbsp;", "\N{NO-BREAK SPACE}")


@pytest.mark.parametrize(
    "changes",
    [
        {"deleted": 10},
        {"deleted": 990},
        {"state": "failed"},
        {"next_attempt_at": timezone.now()},
        {"seconds": 0},
        {"seconds": 2 * 24 * 3600},
    ],
    ids=["just begun", "nearly done", "failed", "to be tried again", "seconds ago", "days ago"],
)
def test_without_ground_nothing_is_said(changes: dict[str, Any]) -> None:
    assert progress.progress_of(running(**changes)).ends_at is None


def test_a_paused_deletion_names_no_end() -> None:
    request = running()
    request.paused_at = timezone.now()
    assert progress.progress_of(request).ends_at is None
