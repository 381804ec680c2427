"""Whose contract was cancelled: another customer opens the sender's identity again, and whoever chose does not approve above the limit."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from customers.models import Customer, Role, User
from deletion import ending, letters, services
from deletion.models import Cancellation, CaseFile, Status
from tests.deletion.test_cancellation import form_of
from tests.deletion.test_contract_end import cancelled, status_of
from tests.deletion.test_desk import signed_in
from tests.deletion.test_erasure_requests import sign_in
from tests.factories import customers as people

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])


@pytest.fixture(autouse=True)
def provider() -> None:
    people.provider()


def link(cancellation: Cancellation, customer: Customer, by: User | None = None) -> CaseFile:
    return services.link_cancellation(cancellation=cancellation, customer=customer, by=by or people.staff(), at=timezone.now())


def cancelled_from(company: Customer) -> Cancellation:
    client = Client()
    sign_in(client, people.person(company, Role.SIGNATORY), recently=False)
    client.post("/en/account/cancel/", form_of(client, "/en/account/cancel/"))
    return Cancellation.objects.latest("pk")


def test_a_cancellation_from_an_account_is_never_turned_against_another_company(client: Client) -> None:
    company, other = people.customer(), people.customer(legal_name="Another GmbH")
    cancellation = cancelled_from(company)
    with pytest.raises(services.CustomerSettled):
        link(cancellation, other)
    desk, page = signed_in(client, people.staff("support")), f"/en/desk/cancellations/{cancellation.reference}/"
    assert "Another customer is meant" not in desk.get(page, {"company": "Another"}).content.decode()
    answer = desk.post(f"{page}link/", {"customer": str(other.reference)}, follow=True).content.decode()
    assert "Nothing was changed" in answer
    assert CaseFile.objects.get().customer == company
    assert link(cancellation, company).events.filter(code="cancellation.linked").count() == 0, "the same company again changes nothing"


def test_who_proved_to_act_for_one_company_has_not_proved_it_for_another() -> None:
    cancellation, company, other = cancelled(), people.customer(), people.customer()
    case = link(cancellation, company)
    case = services.settle_identity(case=case, proof="call_back", by=people.staff(), at=timezone.now())
    assert link(cancellation, company).identity == CaseFile.Identity.PROVEN, "the same choice again takes no proof away"
    case = link(cancellation, other)
    case.refresh_from_db()
    assert (case.customer, case.identity, case.doubt, case.proof) == (other, "open", CaseFile.Doubt.NO_AUTHORITY, "")
    with pytest.raises(services.IdentityOpen):
        services.approve(case=case, by=people.staff("support"), at=timezone.now())


def test_what_was_proven_before_the_company_was_known_proves_nothing_for_it() -> None:
    cancellation = cancelled()
    services.settle_identity(case=CaseFile.objects.get(), proof="authority", by=people.staff(), at=timezone.now())
    assert link(cancellation, people.customer()).identity == CaseFile.Identity.OPEN


def test_an_owners_address_on_the_cancellation_leaves_no_doubt_as_on_a_letter() -> None:
    company = people.customer()
    case = link(cancelled(email=people.owner(company).email.upper()), company)
    case.refresh_from_db()
    assert (case.identity, case.doubt, status_of(case)) == ("clear", "", Status.NEW)


def test_above_the_limit_who_chose_the_customer_does_not_approve(settings: Any) -> None:
    settings.ERASURE_SECOND_PERSON_ABOVE = -1
    company, chooser, other = people.customer(), people.staff("admin"), people.staff("admin")
    case = link(cancelled(email=people.owner(company).email), company, by=chooser)
    with pytest.raises(services.SecondPersonNeeded):
        services.approve(case=case, by=chooser, at=timezone.now())
    assert services.approve(case=case, by=other, at=timezone.now()).approved_by == other


def test_what_a_sender_was_told_stays_the_same_when_the_desk_has_chosen_the_customer() -> None:
    company = people.customer()
    for cancellation in (cancelled(), cancelled_from(company)):
        said, paper = ending.in_words(cancellation), letters.ends_in_words(cancellation)
        link(cancellation, company)
        cancellation.refresh_from_db()
        assert (ending.in_words(cancellation), letters.ends_in_words(cancellation)) == (said, paper)
    Cancellation.objects.update(customer=None)  # as the deletion of the account does
    assert ending.is_from_account(Cancellation.objects.latest("pk"))
    assert not ending.is_from_account(Cancellation.objects.earliest("pk"))
