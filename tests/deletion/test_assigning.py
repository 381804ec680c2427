"""Assignments: what has ended stays with whom it was, and the desk says what it did and no more."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from customers.models import User
from deletion import services
from deletion.models import CaseFile
from tests.deletion.test_desk import signed_in
from tests.factories import customers as people
from tests.factories import requests

pytestmark = pytest.mark.django_db
CODES = ("case.assigned", "case.unassigned")


@pytest.fixture(autouse=True)
def provider() -> None:
    people.provider()


@pytest.fixture
def support() -> User:
    return people.staff("support")


def assigned(case: CaseFile, to: User | None, by: User) -> int:
    return services.assign(cases=[case], to=to, by=by, at=timezone.now())


def test_an_assignment_is_lifted_once_and_what_is_nobodys_stays_so(support: User) -> None:
    case = requests.recorded()
    assert assigned(case, None, support) == 0
    assert [assigned(case, support, support), assigned(case, support, support)] == [1, 0]
    assert [assigned(case, None, support), assigned(case, None, support)] == [1, 0]
    assert list(case.events.filter(code__in=CODES).values_list("code", flat=True)) == list(CODES)


def test_an_ended_request_is_neither_assigned_nor_taken_away_and_the_page_says_why(client: Client, support: User) -> None:
    case, desk = requests.recorded(), signed_in(client, support)
    address = f"/en/desk/requests/{case.reference}/assign/"
    assert "The assignment is saved." in desk.post(address, {"to": str(support.pk)}, follow=True).content.decode()
    services.reject(case=case, reason="nothing", explanation="", by=support, at=timezone.now())
    page = desk.post(address, {"to": ""}, follow=True).content.decode()
    assert "The request has ended." in page
    assert "The assignment is saved." not in page
    case.refresh_from_db()
    assert case.assigned_to == support
    assert case.events.filter(code__in=CODES).count() == 1
