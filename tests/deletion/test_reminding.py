"""Owners hear once more before a deletion begins, while any of them can still withdraw it."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.utils import timezone

from deletion import reminding, services
from deletion.models import ErasureRequest
from notifications.models import Delivery
from tests.factories import customers as people
from tests.factories import erasure

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def waiting() -> ErasureRequest:
    people.provider()
    company, owner = erasure.account(1)
    return services.request_erasure(customer=company, by=owner, at=timezone.now())


def reminders() -> list[str]:
    return list(Delivery.objects.filter(kind="deletion_reminder").values_list("recipient", flat=True))


def test_every_owner_is_reminded_once_within_the_last_two_days(waiting: ErasureRequest) -> None:
    assert waiting.customer is not None
    assert reminding.remind(at=waiting.not_before - 3 * DAY) == 0
    assert reminders() == []
    for hour in range(3):
        reminding.remind(at=waiting.not_before - 2 * DAY + datetime.timedelta(hours=hour))
    assert sorted(reminders()) == sorted(waiting.customer.people_with("owner").values_list("email", flat=True))


def test_nobody_is_reminded_of_a_request_that_was_withdrawn_or_has_begun(waiting: ErasureRequest) -> None:
    assert reminding.remind(at=waiting.not_before) == 0
    assert waiting.customer is not None
    owner = waiting.customer.people_with("owner").get()
    services.withdraw_erasure(request=waiting, by=owner, at=timezone.now())
    assert reminding.remind(at=waiting.not_before - DAY) == 0
    assert reminders() == []


def test_nobody_is_reminded_of_a_request_that_is_paused(waiting: ErasureRequest) -> None:
    ErasureRequest.objects.filter(pk=waiting.pk).update(paused_at=timezone.now())
    assert reminding.remind(at=waiting.not_before - DAY) == 0
    assert reminders() == []


def test_who_has_asked_just_now_is_not_reminded(settings: object) -> None:
    settings.ERASURE_GRACE_DAYS = 3  # type: ignore[attr-defined]
    people.provider()
    company, owner = erasure.account(1)
    request = services.request_erasure(customer=company, by=owner, at=timezone.now())
    assert (request.last_day_to_withdraw - timezone.localdate()).days == 3
    assert reminding.remind(at=request.not_before - DAY) == 0


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_mail_names_the_last_day_and_leads_to_the_request(waiting: ErasureRequest, language: str) -> None:
    assert waiting.customer is not None
    waiting.customer.people_with("owner").update(language=language)
    reminding.remind(at=waiting.not_before - DAY)
    context = Delivery.objects.get(kind="deletion_reminder").context
    assert waiting.reference in context["action_url"]
    assert str(waiting.last_day_to_withdraw.day) in context["last_day"]


@pytest.mark.parametrize("days", ["-1", "31"])
def test_a_grace_that_the_law_does_not_leave_room_for_stops_the_start(days: str) -> None:
    started = subprocess.run(
        [sys.executable, "-c", "import compliance_portal.settings"],
        env={**os.environ, "PORTAL_DEMO": "true", "ERASURE_GRACE_DAYS": days},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.returncode
    assert "ERASURE_GRACE_DAYS" in started.stderr
