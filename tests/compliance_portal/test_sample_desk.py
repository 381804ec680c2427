"""The desk of the demo: filled once, and left alone as soon as anybody used it."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from compliance_portal import sample_desk
from compliance_portal.sample_people import PUBLISHER
from customers.models import Customer, Role
from deletion.models import Cancellation, CaseFile
from subscriptions.models import Subscription
from tests.factories import customers as people

pytestmark = pytest.mark.django_db


@pytest.fixture
def staffed() -> None:
    people.provider()
    support = people.staff("support")
    support.email = "support@example.com"
    support.save()
    people.person(people.customer(legal_name=PUBLISHER), Role.OWNER)


@pytest.mark.usefixtures("staffed")
def test_the_desk_has_one_request_of_each_way_and_a_second_start_adds_nothing() -> None:
    for _start in range(2):
        sample_desk.load(timezone.now())
    assert sorted(CaseFile.objects.values_list("kind", "source")) == [
        ("account", "contract"),
        ("account", "letter"),
        ("person_access", "email"),
        ("subscriber_erasure", "public"),
    ]
    assert Cancellation.objects.count() == 1
    leaving = Customer.objects.get(legal_name=sample_desk.LEAVING)
    assert leaving.subscriptions.count() == sample_desk.SUBSCRIBERS[sample_desk.LEAVING]
    assert CaseFile.objects.get(source="letter").customer == leaving


@pytest.mark.usefixtures("staffed")
def test_the_subscriber_who_asks_is_one_of_the_publisher() -> None:
    sample_desk.load(timezone.now())
    wanted = Subscription.objects.get(identifier=sample_desk.WANTS_TO_BE_FORGOTTEN)
    assert wanted.customer.legal_name == PUBLISHER
    assert timezone.now() - wanted.registered_at > datetime.timedelta(days=7)


@pytest.mark.usefixtures("staffed")
def test_a_desk_that_was_used_is_left_alone() -> None:
    sample_desk.cancellation(timezone.now())
    sample_desk.load(timezone.now())
    assert CaseFile.objects.count() == 1
    assert not Subscription.objects.exists()


def test_without_support_there_is_no_desk() -> None:
    sample_desk.load(timezone.now())
    assert not CaseFile.objects.exists()
