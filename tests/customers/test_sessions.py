"""Sessions that have ended go by the clock: a deletion reads every one that is there."""

from __future__ import annotations

import datetime

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from compliance_portal.schedule import SCHEDULE
from customers import tasks


@pytest.mark.django_db
def test_only_sessions_that_have_ended_are_deleted_and_the_clock_does_it() -> None:
    for name, days in (("ended", -1), ("alive", 1)):
        Session.objects.create(session_key=name, session_data="x", expire_date=timezone.now() + datetime.timedelta(days=days))
    tasks.forget_sessions()
    assert list(Session.objects.values_list("session_key", flat=True)) == ["alive"]
    assert SCHEDULE["customers.forget_sessions"]["task"] == tasks.forget_sessions.name
