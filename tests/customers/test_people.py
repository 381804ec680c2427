"""Roles: who may do what, the last owner, and walls between companies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from customers.models import CLOSED, ApiToken, Customer, Membership, Role, User
from customers.services import LastOwner, NotAMember, invite, issue_token, remove_person, set_roles, switch_customer
from tests.factories import customers as people


@pytest.fixture
def company(db: None) -> Customer:
    people.provider()
    return people.customer()


@pytest.fixture
def owner(company: Customer) -> User:
    return people.owner(company)


def test_roles_are_exactly_those_given(company: Customer, owner: User) -> None:
    colleague = people.colleague(company, Role.CHANNEL_OWNER)
    set_roles(customer=company, user=colleague, roles=[Role.SIGNATORY, Role.OWNER], by=owner, at=timezone.now())
    assert colleague.roles_for(company) == {Role.SIGNATORY, Role.OWNER}
    assert colleague.has_role(company, Role.SIGNATORY, Role.CHANNEL_OWNER)
    assert not colleague.has_role(company, Role.CHANNEL_OWNER)
    assert not colleague.has_role(people.customer(), Role.OWNER)


def test_somebody_inactive_has_no_role(company: Customer, owner: User) -> None:
    owner.is_active = False
    owner.save()
    assert not owner.has_role(company, Role.OWNER)
    assert list(company.people_with(Role.OWNER)) == []


def test_the_last_owner_stays(company: Customer, owner: User) -> None:
    people.colleague(company, Role.SIGNATORY)
    with pytest.raises(LastOwner):
        set_roles(customer=company, user=owner, roles=[Role.SIGNATORY], by=owner, at=timezone.now())
    with pytest.raises(LastOwner):
        remove_person(customer=company, user=owner, by=owner, at=timezone.now())
    assert Role.OWNER in owner.roles_for(company)


def test_an_inactive_owner_does_not_count_as_one(company: Customer, owner: User) -> None:
    other = people.owner(company)
    User.objects.filter(pk=other.pk).update(is_active=False)
    with pytest.raises(LastOwner):
        remove_person(customer=company, user=owner, by=owner, at=timezone.now())


def test_the_second_owner_may_go_and_the_pages_say_why_the_last_may_not(client: Client, company: Customer, owner: User) -> None:
    other = people.owner(company)
    people.log_in(client, owner)
    assert client.post(reverse("account_person_remove", args=[other.pk]))["Location"] == reverse("account_people")
    assert not other.roles_for(company)
    for name, entered in (("account_person_remove", {}), ("account_person", {"roles": ["signatory"]})):
        answer = client.post(reverse(name, args=[owner.pk]), entered)
        assert answer.status_code == 200
        assert 'role="alert"' in answer.content.decode()
    assert Role.OWNER in owner.roles_for(company)


def test_two_owners_cannot_remove_each_other(django_db_setup: None, django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two real transactions; the ledger is left out, since what is committed to it stays for the tests that follow."""
    monkeypatch.setattr("customers.services.members.record", lambda **_event: None)
    with django_db_blocker.unblock():
        company = people.customer()
        owners = [people.owner(company), people.owner(company)]
        try:
            refused = remove_at_once(company, owners)
            assert len(refused) == 1
            assert company.people_with(Role.OWNER).count() == 1
        finally:
            User.objects.filter(pk__in=[user.pk for user in owners]).delete()
            company.delete()


def remove_at_once(company: Customer, owners: list[User]) -> list[User]:
    """Let each of the two remove the other at the same moment and return whose removal was refused."""
    start, refused = Barrier(2), []

    def remove(user: User, by: User) -> None:
        start.wait()
        try:
            remove_person(customer=company, user=user, by=by, at=timezone.now())
        except LastOwner:
            refused.append(user)
        finally:
            connection.close()

    threads = [Thread(target=remove, args=pair) for pair in (owners, owners[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


def test_whoever_is_removed_loses_the_company_the_gate_and_the_tokens_at_once(client: Client, company: Customer, owner: User) -> None:
    colleague = people.colleague(company, Role.OWNER)
    now = timezone.now()
    token, _secret = issue_token(
        customer=company, name="shop", scopes=["agreement:read"], expires_at=now + timedelta(days=1), by=colleague, at=now
    )
    people.log_in(client, colleague)
    assert client.get(reverse("account_people")).status_code == 200
    remove_person(customer=company, user=colleague, by=owner, at=now)
    colleague.refresh_from_db()
    token.refresh_from_db()
    assert (colleague.customer, colleague.agreement_valid_until, token.revoked_at) == (None, CLOSED, now)
    assert client.get(reverse("account_people")).status_code in (303, 403)


def test_whoever_is_removed_from_one_company_goes_on_for_another(company: Customer, owner: User) -> None:
    other = people.customer(agreement_valid_until=CLOSED)
    colleague = people.colleague(company)
    Membership.objects.create(customer=other, user=colleague, role=Role.SIGNATORY, created_at=timezone.now())
    remove_person(customer=company, user=colleague, by=owner, at=timezone.now())
    colleague.refresh_from_db()
    assert (colleague.customer, colleague.agreement_valid_until) == (other, CLOSED)


def test_roles_are_read_anew_on_every_request(client: Client, company: Customer, owner: User) -> None:
    colleague = people.colleague(company, Role.OWNER)
    people.log_in(client, colleague)
    assert client.get(reverse("account_company")).status_code == 200
    set_roles(customer=company, user=colleague, roles=[Role.CHANNEL_OWNER], by=owner, at=timezone.now())
    assert client.get(reverse("account_company")).status_code == 403


OWNERS_PAGES = ["account_company", "account_people_invite", "account_tokens"]


@pytest.mark.parametrize("role", [Role.SIGNATORY, Role.PRIVACY_CONTACT, Role.CHANNEL_OWNER])
@pytest.mark.parametrize("name", OWNERS_PAGES)
def test_pages_of_owners_are_closed_to_other_roles(name: str, role: Role, client: Client, company: Customer) -> None:
    people.log_in(client, people.colleague(company, role))
    assert client.get(reverse(name)).status_code == 403
    assert client.post(reverse(name), {"legal_name": "X"}).status_code in (403, 405)
    company.refresh_from_db()
    assert company.legal_name != "X"


@pytest.mark.parametrize("name", [*OWNERS_PAGES, "account", "account_people", "account_profile", "account_security", "account_switch"])
def test_visitors_are_sent_to_the_login(name: str, client: Client, db: None) -> None:
    assert client.get(reverse(name))["Location"].startswith(reverse("account_login"))


def test_a_stranger_finds_nothing_of_another_company(client: Client, company: Customer, owner: User) -> None:
    now = timezone.now()
    colleague = people.colleague(company)
    invitation = invite(customer=company, email="new@example.com", roles=["signatory"], language="de", by=owner, at=now)
    token, _secret = issue_token(
        customer=company, name="geheim", scopes=["agreement:read"], expires_at=now + timedelta(days=1), by=owner, at=now
    )
    people.log_in(client, people.stranger())
    client.post(reverse("account_reauthenticate"), {"password": people.PASSWORD})
    for name, number in (
        ("account_person", colleague.pk),
        ("account_person_remove", colleague.pk),
        ("account_invitation_resend", invitation.pk),
        ("account_invitation_withdraw", invitation.pk),
        ("account_token_revoke", token.pk),
    ):
        assert client.post(reverse(name, args=[number]), {"roles": ["owner"]}).status_code == 404, name
    for page in ("account_people", "account_tokens", "account"):
        text = client.get(reverse(page)).content.decode()
        assert not any(word in text for word in ("new@example.com", "geheim", colleague.full_name, colleague.email)), page
    assert client.post(reverse("account_switch"), {"company": str(company.reference)}).status_code == 404
    invitation.refresh_from_db()
    token.refresh_from_db()
    assert (invitation.withdrawn_at, token.revoked_at) == (None, None)
    assert colleague.roles_for(company) == {Role.CHANNEL_OWNER}


def test_somebody_of_two_companies_switches_and_takes_the_gate_along(client: Client, company: Customer, owner: User) -> None:
    other = people.customer(agreement_valid_until=CLOSED)
    Membership.objects.create(customer=other, user=owner, role=Role.SIGNATORY, created_at=timezone.now())
    people.log_in(client, owner)
    assert client.post(reverse("account_switch"), {"company": str(other.reference)})["Location"] == reverse("account")
    owner.refresh_from_db()
    assert (owner.customer, owner.agreement_valid_until) == (other, CLOSED)
    with pytest.raises(NotAMember):
        switch_customer(user=owner, customer=people.customer())


@pytest.mark.parametrize("reference", ["", "1", "' OR 1=1", "00000000-0000-0000-0000-000000000000"])
def test_switching_to_an_unknown_company_is_not_found(reference: str, client: Client, owner: User) -> None:
    people.log_in(client, owner)
    assert client.post(reverse("account_switch"), {"company": reference}).status_code == 404


def queries(client: Client, name: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(reverse(name)).status_code == 200
    return len(captured)


def more_people(company: Customer, owner: User) -> None:
    for number in range(29):
        people.colleague(company)
        if number < 19:
            invite(customer=company, email=f"p{number}@example.com", roles=["signatory"], language="de", by=owner, at=timezone.now())


def more_tokens(company: Customer, owner: User) -> None:
    now = timezone.now()
    for number in range(30):
        issue_token(customer=company, name=str(number), scopes=["agreement:read"], expires_at=now + timedelta(days=1), by=owner, at=now)


def more_companies(_company: Customer, owner: User) -> None:
    for _number in range(29):
        Membership.objects.create(customer=people.customer(), user=owner, role=Role.SIGNATORY, created_at=timezone.now())


@pytest.mark.parametrize(
    ("name", "more"), [("account_people", more_people), ("account_tokens", more_tokens), ("account_switch", more_companies)]
)
def test_thirty_rows_cost_as_many_queries_as_one(
    name: str, more: Callable[[Customer, User], None], client: Client, company: Customer, owner: User
) -> None:
    people.log_in(client, owner)
    client.get(reverse(name))
    if name == "account_people":
        invite(customer=company, email="first@example.com", roles=["signatory"], language="de", by=owner, at=timezone.now())
    few = queries(client, name)
    more(company, owner)
    assert queries(client, name) == few
    assert few <= 10


def test_the_owner_mends_the_company_and_the_change_is_recorded(client: Client, company: Customer, owner: User) -> None:
    people.log_in(client, owner)
    page = client.get(reverse("account_company")).content.decode()
    assert f'value="{company.street}"' in page
    entered = {"legal_name": "Neu GmbH", "street": "Neuweg 2", "postcode": "1010", "city": "Wien", "country": "AT", "acts_as": "processor"}
    assert client.post(reverse("account_company"), {**entered, "agreement_valid_until": "1"})["Location"] == reverse("account_company")
    company.refresh_from_db()
    assert (company.legal_name, company.country, company.acts_as) == ("Neu GmbH", "AT", "processor")
    assert company.agreement_valid_until == people.IN_FORCE


def test_a_person_changes_her_own_details_and_no_rights(client: Client, owner: User) -> None:
    people.log_in(client, owner)
    entered = {"full_name": "Neue Name", "function": "Prokuristin", "language": "en", "is_staff": "on", "email": "x@example.com"}
    client.post(reverse("account_profile"), entered)
    owner.refresh_from_db()
    assert (owner.full_name, owner.function, owner.language) == ("Neue Name", "Prokuristin", "en")
    assert not owner.is_staff
    assert owner.email != "x@example.com"
    assert client.post(reverse("account_profile"), {**entered, "language": "fr"}).status_code == 200


def test_nobody_holds_a_token_of_a_company_left(company: Customer, owner: User) -> None:
    with pytest.raises(NotAMember):
        issue_token(
            customer=company,
            name="x",
            scopes=["agreement:read"],
            expires_at=timezone.now() + timedelta(days=1),
            by=people.stranger(),
            at=timezone.now(),
        )
    assert not ApiToken.objects.exists()
