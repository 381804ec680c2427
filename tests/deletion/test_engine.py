"""An erasure from the due request to the certificate, and everything that may come between."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection

from customers.models import Customer, User
from deletion.models import ErasureCertificate, ErasureEvent, ErasureFence, ErasureRequest, ErasureStep, LedgerEntry, Tombstone
from notifications.messages import compose
from notifications.models import Delivery
from subscriptions.models import Subscription
from tests.factories import customers as people
from tests.factories import erasure
from tests.factories.erasure import CANARY

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.usefixtures("verifier")]


@pytest.fixture
def company() -> Customer:
    people.provider()
    return erasure.account()[0]


@pytest.fixture
def owner(company: Customer) -> User:
    person = company.people_with("owner").first()
    assert person is not None
    return person


def digest_of(customer: Customer) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT md5(string_agg(s::text, '|' ORDER BY id)) FROM subscriptions_subscription s WHERE customer_id = %s", [customer.pk]
        )
        subscriptions = cursor.fetchone()
        cursor.execute("SELECT md5(string_agg(u::text, '|' ORDER BY id)) FROM customers_user u WHERE customer_id = %s", [customer.pk])
        return [subscriptions, cursor.fetchone()]


def test_a_due_request_goes_all_the_way_to_its_certificate(company: Customer, owner: User) -> None:
    stranger = people.stranger()
    assert stranger.customer is not None
    erasure.subscribers(stranger.customer, 7)
    before, number, address = digest_of(stranger.customer), company.pk, owner.email
    request = erasure.run(erasure.due(company, owner))
    assert request.state == ErasureRequest.State.WAITING, list(request.events.values_list("code", "dataset", "number"))
    assert not Customer.objects.filter(pk=number).exists()
    assert not Subscription.objects.filter(customer_id=number).exists()
    assert Tombstone.objects.get().customer_number == number
    assert LedgerEntry.objects.using("ledger").get().customer_number == number
    assert not ErasureCertificate.objects.exists()

    request = erasure.complete(request)
    certificate = ErasureCertificate.objects.get()
    content = json.loads(bytes(certificate.canonical))
    counts = {row["dataset"]: row["deleted"] for row in content["datasets"]}
    assert (counts["subscriptions.subscription"], counts["customers.user"], counts["customers.customer"]) == (25, 2, 1)
    assert {row["left"] for row in content["datasets"]} == {0}
    assert request.state == ErasureRequest.State.COMPLETED
    assert request.plan is None
    mail = Delivery.objects.get(kind="deletion_completed")
    assert mail.recipient == address
    assert certificate.reference in compose(mail).body
    assert digest_of(stranger.customer) == before
    assert ErasureFence.objects.get().customer_number == number
    assert set(ErasureStep.objects.values_list("state", "residual")) == {("verified", 0)}
    assert CANARY not in bytes(certificate.canonical).decode()
    assert ErasureEvent.objects.filter(code="canary.found").count() == 1
