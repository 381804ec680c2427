"""Asking for the deletion of the account, and taking the request back."""

from __future__ import annotations

import datetime
import time
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import override

from customers.models import CLOSED, Customer, Membership, Role, User
from deletion import letters, retention, scope, services
from deletion.models import ErasureRequest
from evidence.models import Event
from notifications.messages import compose
from notifications.models import Delivery
from tests.factories import customers as people

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 11, 24, 10, tzinfo=datetime.UTC)


@pytest.fixture
def company() -> Customer:
    people.provider()
    return people.customer(legal_name="Muster Verlag GmbH & Co. KG")


@pytest.fixture
def owner(company: Customer) -> User:
    return people.owner(company)


def sign_in(client: Client, user: User, *, recently: bool = True) -> Client:
    """Sign in; with ``recently`` as if the password had just been entered again."""
    client.force_login(user)
    if recently:
        session = client.session
        session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
    return client


def ask(company: Customer, owner: User, at: datetime.datetime = NOW) -> ErasureRequest:
    return services.request_erasure(customer=company, by=owner, at=at)


def test_a_request_has_a_reference_a_time_to_withdraw_and_a_due_day(company: Customer, owner: User) -> None:
    request = ask(company, owner)
    assert request.reference.startswith("LA-2026-")
    assert request.last_day_to_withdraw == datetime.date(2026, 12, 8)
    assert request.due_date == datetime.date(2026, 12, 24)
    assert request.customer_reference == company.reference
    assert list(ErasureRequest.objects.open()) == [request]


def test_a_second_request_returns_the_open_one_and_tells_nobody_again(company: Customer, owner: User) -> None:
    first = ask(company, owner)
    told = Delivery.objects.count()
    assert ask(company, owner) == first
    assert Delivery.objects.count() == told


def test_every_owner_and_the_provider_are_told(company: Customer, owner: User) -> None:
    other = people.person(company, Role.OWNER, language="en")
    people.colleague(company)
    request = ask(company, owner)
    mails = {delivery.recipient: compose(delivery) for delivery in Delivery.objects.all()}
    assert set(mails) == {owner.email, other.email, people.provider().email}
    assert mails[other.email].subject == f"Deletion of the account requested ({request.reference})"
    with override("en"):
        assert date_format(request.last_day_to_withdraw, "DATE_FORMAT") in mails[other.email].body
        assert date_format(request.due_date, "DATE_FORMAT") in mails[other.email].body
    assert f"http://testserver/en/account/delete/{request.reference}/" in mails[other.email].body
    assert company.legal_name not in mails[people.provider().email].body


def test_the_ledger_learns_of_the_request_and_of_its_withdrawal_without_names(company: Customer, owner: User) -> None:
    request = ask(company, owner)
    services.withdraw_erasure(request=request, by=owner, at=NOW + datetime.timedelta(days=1))
    written = b"".join(bytes(event.canonical) for event in Event.objects.all())
    assert b"deletion.requested" in written
    assert b"deletion.withdrawn" in written
    assert owner.email.encode() not in written
    assert b"Muster" not in written


def test_only_an_owner_asks_and_withdraws(company: Customer, owner: User) -> None:
    colleague, stranger = people.colleague(company), people.stranger()
    for person in (colleague, stranger):
        with pytest.raises(services.NotAnOwner):
            ask(company, person)
    request = ask(company, owner)
    for person in (colleague, stranger):
        with pytest.raises(services.NotAnOwner):
            services.withdraw_erasure(request=request, by=person, at=NOW)
    request.refresh_from_db()
    assert request.state == ErasureRequest.State.REQUESTED


def test_a_withdrawn_request_leaves_room_for_a_new_one(company: Customer, owner: User) -> None:
    first = ask(company, owner)
    services.withdraw_erasure(request=first, by=owner, at=NOW)
    assert ask(company, owner) != first


@pytest.mark.parametrize(("moment", "allowed"), [(datetime.timedelta(microseconds=-1), True), (datetime.timedelta(0), False)])
def test_withdrawal_ends_at_midnight(company: Customer, owner: User, moment: datetime.timedelta, allowed: bool) -> None:
    request = ask(company, owner)
    at = request.not_before + moment
    if allowed:
        assert services.withdraw_erasure(request=request, by=owner, at=at).withdrawn_at == at
    else:
        with pytest.raises(services.TooLateToWithdraw):
            services.withdraw_erasure(request=request, by=owner, at=at)


def test_a_request_is_withdrawn_once(company: Customer, owner: User) -> None:
    request = ask(company, owner)
    services.withdraw_erasure(request=request, by=owner, at=NOW)
    with pytest.raises(services.TooLateToWithdraw):
        services.withdraw_erasure(request=request, by=owner, at=NOW)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"state": "withdrawn"}, "deletion_request_withdrawn_with_time"),
        ({"withdrawn_at": NOW}, "deletion_request_withdrawn_with_time"),
        ({"state": "lost", "started_at": NOW}, "deletion_request_state_known"),
        ({"not_before": NOW - datetime.timedelta(days=1)}, "deletion_request_leaves_time_to_withdraw"),
        ({"state": "withdrawn", "withdrawn_at": NOW + datetime.timedelta(days=30)}, "deletion_request_withdrawn_in_time"),
    ],
)
def test_the_database_refuses_what_cannot_be(company: Customer, owner: User, changes: dict[str, Any], constraint: str) -> None:
    request = ask(company, owner)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        ErasureRequest.objects.filter(pk=request.pk).update(**changes)


def test_the_database_refuses_a_second_open_request(company: Customer, owner: User) -> None:
    request = ask(company, owner)
    request.pk, request.reference = None, "LA-2026-0000-0000"
    with pytest.raises(IntegrityError, match="deletion_one_open_request_per_customer"), transaction.atomic():
        request.save(force_insert=True)


def test_a_request_outlives_the_company_and_keeps_its_reference_alone(company: Customer, owner: User) -> None:
    request = ask(company, owner)
    User.objects.filter(pk=owner.pk).delete()
    Customer.objects.filter(pk=company.pk).delete()
    request.refresh_from_db()
    assert (request.customer, request.requested_by) == (None, None)
    assert request.customer_reference == company.reference


# --- pages


def test_the_page_says_what_goes_and_what_stays_in_real_numbers(client: Client, company: Customer, owner: User) -> None:
    people.colleague(company)
    other = people.customer()
    people.owner(other)
    going = {row.label: row.number for row in scope.goes(company)}
    assert going[scope.label_of(User)] == 2
    assert going[scope.label_of(Customer)] == 1
    assert going[scope.label_of(Membership)] == 4
    answer = sign_in(client, owner, recently=False).get("/en/account/delete/")
    assert {"Roles of people": 4}.items() <= {row.label: row.number for row in answer.context["goes"]}.items()
    for row in answer.context["goes"]:
        assert f'">{row.number}</td>' in answer.content.decode()


def test_what_was_agreed_stays_with_reason_norm_and_period(client: Client, company: Customer, owner: User) -> None:
    from tests.factories import agreement

    agreement.accept(company, owner, agreement.published())
    kept = {row.label: row for row in retention.stays(company, at=timezone.now())}
    from dpa.models import Acceptance, AcceptanceParty

    acceptance = kept[scope.label_of(Acceptance)]
    assert (acceptance.number, kept[scope.label_of(AcceptanceParty)].number) == (1, 1)
    assert acceptance.reason
    assert "BGB" in acceptance.norm
    page = sign_in(client, owner).get("/en/account/delete/").content.decode()
    assert "six years from the end of the year in which the deletion of the account begins" in page


def test_the_typed_name_of_the_company_is_needed(client: Client, company: Customer, owner: User) -> None:
    answer = sign_in(client, owner).post(reverse("account_delete"), {"data_return": "waived", "company": "Anderer Verlag"})
    assert answer.status_code == 422
    assert not ErasureRequest.objects.exists()


def test_a_name_copied_from_the_page_with_its_hard_spaces_is_the_name(client: Client, company: Customer, owner: User) -> None:
    answer = sign_in(client, owner).post(
        reverse("account_delete"), {"data_return": "waived", "company": " Muster Ver\u00adlag GmbH\u00a0& Co.\u00a0KG "}
    )
    request = ErasureRequest.objects.get()
    assert answer.headers["Location"] == reverse("account_delete_status", args=[request.reference])


def test_the_password_is_asked_for_again_before_the_request_is_made(client: Client, company: Customer, owner: User) -> None:
    sign_in(client, owner, recently=False)
    answer = client.post(reverse("account_delete"), {"data_return": "waived", "company": company.legal_name})
    assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))
    assert not ErasureRequest.objects.exists()
    client.post(answer.headers["Location"], {"password": "wrong"})
    assert not ErasureRequest.objects.exists()
    done = client.post(answer.headers["Location"], {"password": people.PASSWORD})
    assert done.headers["Location"] == reverse("account_delete_status", args=[ErasureRequest.objects.get().reference])


def test_with_an_open_request_the_page_leads_to_it(client: Client, company: Customer, owner: User) -> None:
    request = ask(company, owner, timezone.now())
    answer = sign_in(client, owner).get(reverse("account_delete"))
    assert answer.headers["Location"] == reverse("account_delete_status", args=[request.reference])


def test_the_status_page_shows_reference_and_days_and_takes_the_withdrawal(client: Client, company: Customer, owner: User) -> None:
    request = ask(company, owner, timezone.now())
    address = f"/en/account/delete/{request.reference}/"
    page = sign_in(client, owner).get(address).content.decode()
    assert request.reference in page
    assert request.due_date.isoformat() in page
    assert "Withdraw the deletion" in page
    assert "The deletion begins by itself" in page
    client.post(address)
    request.refresh_from_db()
    assert request.state == ErasureRequest.State.WITHDRAWN
    assert "Withdraw the deletion" not in client.get(address).content.decode()


def test_after_the_time_to_withdraw_the_page_offers_no_withdrawal(client: Client, company: Customer, owner: User) -> None:
    request = ask(company, owner, timezone.now() - datetime.timedelta(days=16))
    address = reverse("account_delete_status", args=[request.reference])
    assert sign_in(client, owner).get(address).context["can_be_withdrawn"] is False
    client.post(address)
    request.refresh_from_db()
    assert request.state == ErasureRequest.State.REQUESTED


def test_strangers_and_colleagues_see_no_request_and_staff_see_all_by_due_day(client: Client, company: Customer, owner: User) -> None:
    late = ask(company, owner, timezone.now())
    stranger = people.stranger()
    early = ask(stranger.customer, stranger, timezone.now() - datetime.timedelta(days=10))
    address = reverse("account_delete_status", args=[late.reference])
    assert sign_in(Client(), stranger).get(address).status_code == 404
    assert sign_in(Client(), stranger).post(address).status_code == 404
    assert sign_in(Client(), people.colleague(company)).get(address).status_code == 403
    people.log_in(client, people.staff("support"), mfa=True)
    listed = client.get(reverse("admin:deletion_erasurerequest_changelist")).content.decode()
    assert listed.index(early.reference) < listed.index(late.reference)


@pytest.mark.parametrize("name", ["account_delete", "account_export", "account_cancel"])
def test_visitors_are_asked_to_sign_in(client: Client, name: str) -> None:
    assert client.get(reverse(name)).status_code == 302


@pytest.mark.parametrize("name", ["account_delete", "account_export"])
def test_only_owners_may_open_the_pages(client: Client, company: Customer, name: str) -> None:
    signatory = people.person(company, Role.SIGNATORY)
    assert sign_in(client, signatory).get(reverse(name)).status_code == 403


def test_the_pages_work_for_a_company_that_never_accepted(client: Client) -> None:
    people.provider()
    owner = people.owner(people.customer(agreement_valid_until=CLOSED))
    for name in ("account_delete", "account_export", "account_cancel"):
        assert sign_in(client, owner).get(reverse(name)).status_code == 200, name


@override("de")
def test_the_account_leads_an_owner_to_export_cancellation_and_deletion(client: Client, company: Customer, owner: User) -> None:
    sign_in(client, owner)
    page = client.get(reverse("account")).content.decode()
    ways = [reverse(name) for name in ("account_export", "account_cancel", "account_delete")]
    assert all(f'href="{way}"' in page for way in ways)
    assert "Löschung beauftragt" not in page
    made = services.request_erasure(customer=company, by=owner, at=timezone.now())
    page = client.get(reverse("account")).content.decode()
    assert "Löschung beauftragt" in page
    assert date_format(made.last_day_to_withdraw, "DATE_FORMAT") in page.replace("\u00a0", " ")


def test_the_account_offers_a_colleague_no_way_out_for_everybody(client: Client, company: Customer) -> None:
    sign_in(client, people.colleague(company))
    assert reverse("account_delete") not in client.get(reverse("account")).content.decode()


@override("de")
def test_a_withdrawn_request_says_that_nothing_was_deleted(client: Client, company: Customer, owner: User) -> None:
    made = services.request_erasure(customer=company, by=owner, at=timezone.now())
    services.withdraw_erasure(request=made, by=owner, at=timezone.now())
    made.refresh_from_db()
    assert "nichts gelöscht, und das Konto arbeitet wie bisher" in client.get(letters.progress_path(made)).content.decode()
    sign_in(client, owner)
    page = client.get(reverse("account_delete_status", args=[made.reference])).content.decode()
    assert f'href="{reverse("account_delete")}"' in page


@override("de")
def test_the_page_of_the_deletion_offers_no_way_back_once_the_time_to_withdraw_is_over(
    client: Client, company: Customer, owner: User
) -> None:
    made = services.request_erasure(customer=company, by=owner, at=timezone.now())
    link = reverse("account_delete_status", args=[made.reference])
    assert link in client.get(letters.progress_path(made)).content.decode()
    past = timezone.now() - datetime.timedelta(days=1)
    ErasureRequest.objects.filter(pk=made.pk).update(requested_at=past - datetime.timedelta(days=1), not_before=past)
    page = client.get(letters.progress_path(made)).content.decode()
    assert link not in page
    assert "Die Frist zum Zurückziehen ist vorbei." in page
