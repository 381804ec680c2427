"""A person's request is no deletion of an account: it erases or copies what is stored about this person and nothing else."""

from __future__ import annotations

import datetime
import json

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from customers.models import Customer, Membership, Role, User
from deletion import handling, services
from deletion.models import CaseFile, CasePerson
from notifications.messages import compose
from notifications.models import Delivery
from subscriptions.models import Subscription
from tests.factories import customers as people
from tests.factories import requests, subscribers

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.usefixtures("verifier")]
DEVICE = "https://push.example/device-canary"


@pytest.fixture(autouse=True)
def provider() -> None:
    people.provider()


@pytest.fixture
def support() -> User:
    return people.staff("support")


def subscribe(company: Customer, identifier: str = DEVICE) -> Subscription:
    return subscribers.subscribe(company, identifier)


def carried_out(case: CaseFile, support: User) -> CaseFile:
    services.approve(case=case, by=support, at=timezone.now())
    return services.run(case=case, by=support, at=timezone.now())


def proven(case: CaseFile) -> CaseFile:
    return services.confirm_mailbox(case=case, at=timezone.now())


def letters() -> list[str]:
    rows = Delivery.objects.filter(key__startswith="case_letter:").order_by("created_at")
    return [compose(row).body for row in rows]


# --- subscribers ------------------------------------------------------------------------------------------------------


def test_a_subscribers_data_go_with_every_company_and_nothing_else_does(support: User) -> None:
    one, other = people.customer(), people.customer()
    for company in (one, other):
        people.owner(company)
        subscribe(company)
    subscribe(one, "another device")
    case, _code = requests.asked(identifier=DEVICE)
    case = carried_out(case, support)
    assert case.affected == 2
    assert Subscription.objects.get().identifier == "another device"
    assert CasePerson.objects.get(case=case).identifier == "", "what was to be forgotten is forgotten in the file as well"
    told = Delivery.objects.filter(key__startswith="case_letter:controller")
    assert {row.customer for row in told} == {one, other}
    assert "canary" not in "".join(letters())


def test_nothing_stored_is_said_and_not_reported_as_an_erasure(support: User) -> None:
    case, _code = requests.asked(identifier="unknown")
    services.approve(case=case, by=support, at=timezone.now())
    with pytest.raises(services.NobodyFound):
        services.run(case=case, by=support, at=timezone.now())
    case.refresh_from_db()
    assert case.state == CaseFile.State.OPEN


def test_a_subscriber_takes_a_copy_with_the_mailed_code_alone_and_for_thirty_days(client: Client, support: User) -> None:
    company = people.customer(legal_name="Muster Verlag")
    subscribe(company)
    case, code = requests.asked(kind="subscriber_access", identifier=DEVICE)
    carried_out(case, support)
    address = f"/en/requests/{case.reference}/"
    answer = client.post(address, {"code": code.lower(), "act": "copy"})
    (record,) = json.loads(answer.content)["records"]
    assert (record["company"], record["identifier"]) == ("Muster Verlag", DEVICE)
    assert client.post(address, {"code": "0" * 10, "act": "copy"}).status_code == 422
    CaseFile.objects.update(ended_at=timezone.now() - handling.COPY_READABLE_FOR)
    assert client.post(address, {"code": code, "act": "copy"}).headers["Content-Type"].startswith("text/html")


# --- people with a login ----------------------------------------------------------------------------------------------


def test_nobody_has_another_persons_login_erased_without_the_mailbox(support: User) -> None:
    company = people.customer()
    people.owner(company)
    victim = people.colleague(company)
    case, _code = requests.asked(kind="person_erasure", email=victim.email, identifier="")
    assert case.identity == CaseFile.Identity.OPEN
    with pytest.raises(services.IdentityOpen):
        services.approve(case=case, by=support, at=timezone.now())
    assert User.objects.filter(pk=victim.pk).exists()


def test_a_login_goes_with_its_roles_and_the_account_stays(support: User) -> None:
    company = people.customer()
    owner, colleague = people.owner(company), people.colleague(company)
    case, _code = requests.asked(kind="person_erasure", email=colleague.email, identifier="")
    carried_out(proven(case), support)
    assert not User.objects.filter(pk=colleague.pk).exists()
    assert set(Membership.objects.values_list("user", flat=True)) == {owner.pk}
    assert Customer.objects.filter(pk=company.pk).exists()
    assert not Delivery.objects.filter(recipient=colleague.email).exclude(key__startswith="case_letter:").exists()
    assert all(remedy in letters()[-1] for remedy in ("Art. 77", "Art. 79"))  # what stays is a refusal in part (Art. 12(4) GDPR)


def test_the_only_owner_of_a_company_is_not_erased(support: User) -> None:
    company = people.customer()
    owner = people.owner(company)
    case, _code = requests.asked(kind="person_erasure", email=owner.email, identifier="")
    with pytest.raises(services.LastOwner):
        carried_out(proven(case), support)
    people.person(company, Role.OWNER)
    assert services.run(case=case, by=support, at=timezone.now()).state == CaseFile.State.COMPLETED


def test_staff_are_never_erased_through_a_request(support: User) -> None:
    case, _code = requests.asked(kind="person_erasure", email=support.email, identifier="")
    with pytest.raises(services.NobodyFound):
        carried_out(proven(case), support)


def test_a_person_gets_a_copy_of_what_is_stored_about_the_login(support: User) -> None:
    company = people.customer(legal_name="Muster Verlag")
    colleague = people.colleague(company)
    case, _code = requests.asked(kind="person_access", email=colleague.email, identifier="")
    carried_out(proven(case), support)
    (record,) = handling.copy_for(case)["records"]
    assert record["email"] == colleague.email
    (role,) = record["roles"]
    assert (role["company"], role["role"]) == ("Muster Verlag", "channel_owner")
    assert "password" not in str(record)


# --- the public form (test_receiving.py: the receipt) ------------------------------------------------------------------


def test_the_code_opens_the_status_page_and_confirms_the_mailbox(client: Client) -> None:
    case, code = requests.asked(kind="person_access", email="visitor@example.com", identifier="")
    address = f"/en/requests/{case.reference}/"
    assert "visitor" not in client.get(address).content.decode()
    assert client.post(address, {"code": "AAAAAAAAAA"}).status_code == 422
    case.refresh_from_db()
    assert case.identity == CaseFile.Identity.OPEN
    assert "New" in client.post(address, {"code": code}).content.decode()
    case.refresh_from_db()
    assert (case.identity, case.proof) == ("proven", "mailbox")


def test_codes_are_not_guessed_by_the_minute(client: Client) -> None:
    case, code = requests.asked()
    address = f"/en/requests/{case.reference}/"
    for _attempt in range(5):
        assert client.post(address, {"code": "AAAAAAAAAA"}).status_code == 422
    assert client.post(address, {"code": code}).status_code == 429


def test_a_code_opens_its_own_request_alone(client: Client) -> None:
    _case, code = requests.asked()
    other, _code = requests.asked(identifier="other")
    assert client.post(f"/en/requests/{other.reference}/", {"code": code}).status_code == 422
    deletion = services.request_erasure(customer=(company := people.customer()), by=people.owner(company), at=timezone.now())
    assert client.post(f"/en/requests/{deletion.reference}/", {"code": ""}).status_code == 422


def test_a_look_at_a_page_for_visitors_opens_no_session(client: Client) -> None:
    for address in ("/en/requests/new/", "/en/requests/BA-2026-0000-0000/"):
        assert settings.SESSION_COOKIE_NAME not in client.get(address).cookies


def test_who_asked_is_forgotten_thirty_days_after_the_end(support: User) -> None:
    subscribe(people.customer())
    case, _code = requests.asked(identifier=DEVICE)
    still_open, _code = requests.asked(identifier="other")
    carried_out(case, support)
    later = timezone.now() + datetime.timedelta(days=31)
    assert handling.forget_people(at=later) == 1
    assert not CasePerson.objects.filter(case=case).exists()
    assert CasePerson.objects.filter(case=still_open).exists()
    assert not Delivery.objects.filter(key__contains=case.reference, recipient="visitor@example.com").exists()
    assert CaseFile.objects.filter(pk=case.pk).exists()
