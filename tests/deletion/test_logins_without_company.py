"""Whoever was removed from the last company is forgotten after a time of its own; nobody who has a company, or gets one again."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from customers.models import Customer, Membership, Role, User
from customers.services import CompanyDetails, PersonDetails, accept_invitation, invite, register, remove_person
from deletion import expiring, parting, retention
from dpa.models import Acceptance, AcceptanceParty
from evidence.models import Event, Personal
from notifications.models import Delivery
from notifications.services import tell
from tests.factories import agreement, erasure
from tests.factories import customers as people

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.usefixtures("verifier", "not_drawn")]
DAYS = 30


def day(number: int) -> datetime.datetime:
    return timezone.now() + datetime.timedelta(days=number)


@pytest.fixture
def company() -> Customer:
    people.provider()
    return people.customer()


@pytest.fixture
def owner(company: Customer) -> User:
    return people.owner(company)


@pytest.fixture
def removed(company: Customer, owner: User) -> User:
    colleague = people.colleague(company)
    remove_person(customer=company, user=colleague, by=owner, at=timezone.now())
    return colleague


def test_the_login_goes_with_all_that_hangs_on_it_after_thirty_days_and_not_a_day_before(owner: User, removed: User) -> None:
    people.set_up_second_factor(removed)
    client = Client()
    people.log_in(client, removed)
    tell(to=removed.email, kind="agreement_reminder", language="de", context={}, key="mail:nobody's")
    tell(to=removed.email, kind="agreement_reminder", language="de", context={}, key="mail:company's", customer=owner.customer)
    assert parting.erase_logins(timezone.now()) == 0  # the period begins
    assert parting.erase_logins(day(DAYS)) == 0
    assert parting.erase_logins(day(DAYS + 1)) == 1
    kept: list[Any] = [User.objects.filter(pk=removed.pk), Authenticator.objects.all(), EmailAddress.objects.filter(user=removed.pk)]
    assert not any(rows.exists() for rows in kept)
    assert not Session.objects.exists()
    assert list(Delivery.objects.filter(recipient=removed.email).values_list("key", flat=True)) == ["mail:company's"]
    assert User.objects.filter(pk=owner.pk).exists()
    written = [event.content for event in Event.objects.all()]
    assert [each["subject"] for each in written if each["kind"] == "deletion.login_expired"] == [f"person:{removed.reference}"]
    assert removed.email not in str(written)


def test_somebody_who_was_removed_is_gone_at_last_though_the_account_was_erased_meanwhile() -> None:
    people.provider()
    company, owner = erasure.account(1)
    colleague = company.memberships.exclude(user=owner).get().user
    remove_person(customer=company, user=colleague, by=owner, at=timezone.now())
    expiring.expire(at=timezone.now())
    assert erasure.complete(erasure.due(company, owner)).state == "completed"
    assert expiring.expire(at=day(DAYS + 1))["logins"] == 1
    assert not User.objects.filter(is_staff=False).exists()


def test_somebody_who_was_taken_up_again_stays_and_a_second_removal_begins_anew(company: Customer, owner: User, removed: User) -> None:
    parting.erase_logins(timezone.now())
    invitation = invite(customer=company, email=removed.email, roles=["signatory"], language="de", by=owner, at=timezone.now())
    accept_invitation(invitation=invitation, user=removed, at=timezone.now())
    assert parting.erase_logins(day(DAYS + 1)) == 0
    removed.refresh_from_db()
    assert removed.left_at is None
    remove_person(customer=company, user=removed, by=owner, at=timezone.now())
    parting.erase_logins(day(DAYS + 2))
    assert parting.erase_logins(day(DAYS + 2 + DAYS)) == 0
    assert parting.erase_logins(day(DAYS + 3 + DAYS)) == 1


def test_people_with_a_company_staff_and_who_registered_just_now_stay(company: Customer, owner: User) -> None:
    colleague, elsewhere = people.colleague(company), people.customer()
    Membership.objects.create(customer=elsewhere, user=colleague, role=Role.SIGNATORY, created_at=timezone.now())
    remove_person(customer=company, user=colleague, by=owner, at=timezone.now())
    people.staff()
    details = CompanyDetails("Neu GmbH", "Weg 1", "20095", "Hamburg", "DE")
    register(person=PersonDetails("Nora Neu", "", "nora@example.com", people.PASSWORD, "de"), company=details, at=timezone.now())
    before = set(User.objects.all())
    parting.erase_logins(timezone.now())
    assert parting.erase_logins(day(400)) == 0
    assert set(User.objects.all()) == before


def test_an_acceptance_keeps_the_details_of_its_person_by_itself(company: Customer, owner: User) -> None:
    second = people.owner(company)
    agreement.accept(company, second, agreement.published())
    remove_person(customer=company, user=second, by=owner, at=timezone.now())
    parting.erase_logins(timezone.now())
    assert parting.erase_logins(day(DAYS + 1)) == 1
    assert AcceptanceParty.objects.get().person_email == second.email
    assert Personal.objects.filter(commitment=bytes.fromhex(Acceptance.objects.get().commitment)).exists()


def test_the_pages_name_the_period_of_the_rule(company: Customer, owner: User, removed: User) -> None:
    rule = retention.rule_of(parting.LOGINS)
    assert (rule.days, rule.months) == (DAYS, 0)
    client, colleague = Client(), people.colleague(company)
    people.log_in(client, owner)
    page = client.get(f"/en/account/people/{colleague.pk}/remove/").content.decode()
    assert "is deleted after 30 days, unless a company invites" in page
    people.log_in(client, removed)
    assert "A login without a company is deleted after 30 days" in client.get("/en/account/people/").content.decode()
