"""From the recorded letter to the deleted account: what the desk approved is erased, and its file stays without a name."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client
from django.utils import timezone

import subscriptions.services
from customers.models import Customer
from deletion import handing_over, services
from deletion.models import AccountExport, CaseFile, ErasureRequest, Status
from subscriptions.models import Activity, StatisticsSwitch, Subscription, Suppression
from tests.factories import customers as people
from tests.factories import erasure, requests

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.usefixtures("verifier", "not_drawn")]


@pytest.fixture
def company() -> Customer:
    """A company with rows in every table of its subscribers."""
    people.provider()
    made, owner = erasure.account(12)
    now = timezone.now()
    subscriptions.services.switch_statistics(customer=made, is_on=True, by=owner, at=now)
    one, other = made.subscriptions.all()[:2]
    subscriptions.services.record_activity(customer=made, items=[(one.pk, "shown", "m-1", now)])
    subscriptions.services.cancel(subscription=other, by=people.staff(), why="withdrawn", at=now)
    export = services.export_account(customer=made, by=owner, at=now)
    handing_over.make(str(export.reference))
    return made


def status_of(case: CaseFile) -> str:
    return str(CaseFile.objects.with_status().get(pk=case.pk).status)


def test_what_the_desk_approved_is_erased_with_every_table_and_the_file_stays(client: Client, company: Customer) -> None:
    support, number, name = people.staff("support"), company.pk, company.legal_name
    assert all(model.objects.filter(customer=number).exists() for model in (Activity, Suppression, StatisticsSwitch, AccountExport))
    case = services.approve(case=requests.recorded(company), by=support, at=timezone.now())
    case = services.run(case=case, by=support, at=timezone.now())
    assert case.erasure is not None
    done = erasure.complete(ErasureRequest.objects.get(pk=case.erasure.pk))
    assert done.state == ErasureRequest.State.COMPLETED
    for model in (Activity, Subscription, Suppression, StatisticsSwitch, AccountExport):
        assert not model.objects.filter(customer_id=number).exists(), model
    assert status_of(case) == Status.COMPLETED
    people.log_in(client, support, mfa=True)
    page = client.get(f"/en/desk/requests/{case.reference}/")
    assert page.status_code == 200
    assert name not in page.content.decode()


def test_a_hold_placed_while_the_deletion_runs_stops_it_until_the_release(company: Customer) -> None:
    support = people.staff("support")
    case = services.approve(case=requests.recorded(company), by=support, at=timezone.now())
    services.run(case=case, by=support, at=timezone.now())
    assert case.erasure is not None
    ErasureRequest.objects.filter(pk=case.erasure.pk).update(not_before=timezone.now())
    hold = services.place_hold(
        customer_reference=company.reference,
        ground="authority",
        file_number="12 O 3/26",
        review_date=datetime.date(2099, 1, 1),
        by=support,
        at=timezone.now(),
    )
    assert erasure.run(case.erasure).state == ErasureRequest.State.REQUESTED
    assert status_of(case) == Status.ATTENTION
    assert Subscription.objects.filter(customer=company).count() == 12
    services.release_hold(hold=hold, by=support, at=timezone.now())
    assert erasure.run(case.erasure).state == ErasureRequest.State.WAITING
    assert status_of(case) == Status.RUNNING
    assert not Subscription.objects.filter(customer_id=company.pk).exists()
