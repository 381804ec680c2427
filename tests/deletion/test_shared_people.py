"""People and addresses that belong to two companies: nobody else's rows go, and nobody is forgotten between two erasures."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from customers.models import Customer, Membership, Role, User
from deletion import execution, scope, services
from deletion.models import ErasureCertificate, ErasureRequest
from notifications.models import Delivery
from notifications.services import tell
from tests.factories import customers as people
from tests.factories import erasure, requests

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.usefixtures("verifier", "not_drawn")]


def mail(to: str, key: str, *, customer: Customer | None = None, kind: str = "agreement_reminder") -> Delivery:
    return tell(to=to, kind=kind, language="de", context={}, key=key, customer=customer)


def invite(company: Customer, email: str) -> None:
    now = timezone.now()
    company.invitations.create(
        email=email, roles=["signatory"], language="de", created_at=now, expires_at=now + datetime.timedelta(days=14), mail_wanted_at=now
    )


def keys() -> set[str]:
    return set(Delivery.objects.filter(key__startswith="mail:").values_list("key", flat=True))


# --- mails --------------------------------------------------------------------------------------------------------------


def test_mails_of_another_company_stay_though_its_owner_was_invited() -> None:
    people.provider()
    company, owner = erasure.account(1)
    stranger = people.stranger()
    invite(company, stranger.email)
    mail(stranger.email, "mail:theirs", customer=stranger.customer)
    mail(stranger.email, "mail:nobody's")
    mail(stranger.email, "mail:ours", customer=company)
    mail(owner.email.upper(), "mail:to our owner")
    invite(company, "guest@example.org")
    mail("Guest@example.org", "mail:to our guest")
    assert scope.deliveries_to(company).filter(key__startswith="mail:").count() == 3
    request = erasure.complete(erasure.due(company, owner))
    assert request.state == ErasureRequest.State.COMPLETED
    assert keys() == {"mail:theirs", "mail:nobody's"}


def test_what_was_written_about_the_request_to_an_owner_of_two_companies_goes() -> None:
    people.provider()
    company, owner = erasure.account(1)
    second = people.owner(company)
    Membership.objects.create(customer=people.customer(), user=second, role=Role.OWNER, created_at=timezone.now())
    request = erasure.due(company, owner)
    assert Delivery.objects.filter(kind="deletion_requested", recipient=second.email).count() == 1
    counted = scope.deliveries_to(company).count()
    assert erasure.complete(request).state == ErasureRequest.State.COMPLETED
    assert request.steps.get(dataset="notifications.delivery").deleted == counted
    assert not Delivery.objects.filter(kind="deletion_requested").exists()
    assert User.objects.filter(pk=second.pk).exists()


def test_the_answer_to_a_persons_request_outlives_the_account() -> None:
    people.provider()
    company, owner = erasure.account(1)
    invite(company, "anna.abo@example.org")
    case, _code = requests.asked(email="anna.abo@example.org")
    letters = Delivery.objects.filter(key__contains=case.reference, recipient="anna.abo@example.org")
    assert letters.count() == 1
    before = scope.deliveries_to(company).count()
    request = erasure.complete(erasure.due(company, owner))
    assert request.state == ErasureRequest.State.COMPLETED
    assert before == 0
    assert letters.count() == 1


# --- people -------------------------------------------------------------------------------------------------------------


def two_of_one_owner() -> tuple[tuple[Customer, User], tuple[Customer, User]]:
    people.provider()
    (first, owner), (second, other) = erasure.account(1), erasure.account(1)
    Membership.objects.create(customer=second, user=owner, role=Role.OWNER, created_at=timezone.now())
    return (first, owner), (second, other)


def test_a_person_of_two_companies_that_go_at_once_goes_with_them() -> None:
    one, two = two_of_one_owner()
    both = [erasure.due(*one), erasure.due(*two)]
    for request in both:
        execution.begin(request, timezone.now(), 0)
    assert [erasure.complete(request).state for request in both] == ["completed", "completed"]
    assert ErasureCertificate.objects.count() == 2
    assert not User.objects.filter(pk=one[1].pk).exists()


def test_the_plan_that_is_made_later_has_the_person_of_both() -> None:
    one, two = two_of_one_owner()
    first = erasure.planned(*one)
    assert first.plan is not None
    assert one[1].pk not in first.plan["people"]  # the second company is open still
    second = erasure.planned(*two)
    assert second.plan is not None
    assert one[1].pk in second.plan["people"]
    assert [erasure.complete(request).state for request in (first, second)] == ["completed", "completed"]
    assert not User.objects.filter(pk=one[1].pk).exists()


def test_a_person_of_a_company_that_stays_is_in_no_plan() -> None:
    one, two = two_of_one_owner()
    assert erasure.complete(erasure.due(*one)).state == "completed"
    assert User.objects.get(pk=one[1].pk).roles_for(two[0]) == {Role.OWNER}
    assert User.objects.get(pk=one[1].pk).is_active


def test_a_legal_hold_on_the_other_company_keeps_the_person() -> None:
    one, two = two_of_one_owner()
    held = erasure.planned(*one)
    now = timezone.now()
    services.place_hold(
        customer_reference=held.customer_reference,
        ground="claims",
        file_number="7 O 12/26",
        review_date=now.date(),
        by=people.staff(),
        at=now,
    )
    assert erasure.complete(erasure.due(*two)).state == "completed"
    assert User.objects.filter(pk=one[1].pk).exists()


def test_what_lets_people_in_goes_with_them_and_another_companys_stays() -> None:
    people.provider()
    company, owner = erasure.account(1)
    bystander = people.stranger()
    for person in (owner, bystander):
        people.set_up_second_factor(person)
        client = Client()
        people.log_in(client, person)
        UserSession.objects.create(user=person, session_key=client.session.session_key, ip="192.0.2.1", user_agent="", data={})
    kind = ContentType.objects.get_for_model(Customer)
    LogEntry.objects.create(user=people.staff(), content_type=kind, object_id=str(company.pk), object_repr="Muster", action_flag=CHANGE)
    assert Session.objects.count() == 2
    assert erasure.complete(erasure.due(company, owner)).state == "completed"
    models: tuple[Any, ...] = (UserSession, Authenticator, EmailAddress)
    for model in models:
        assert not model.objects.filter(user=owner.pk).exists()
        assert model.objects.filter(user=bystander).exists()
    assert not LogEntry.objects.exists()
    assert [session.get_decoded()["_auth_user_id"] for session in Session.objects.all()] == [str(bystander.pk)]
