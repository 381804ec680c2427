"""The timeline says who did what, when and why; a withdrawal after a cancelled contract puts the request back on the desk."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from customers.models import Customer, User
from deletion import queue, services
from deletion.models import CaseFile, ErasureRequest, LegalHold, Status
from deletion.transitions import note
from notifications.messages import compose
from notifications.models import Delivery
from tests.deletion.test_contract_end import cancelled, status_of
from tests.deletion.test_desk import signed_in
from tests.deletion.test_erasure_requests import sign_in
from tests.factories import customers as people

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def provider() -> None:
    people.provider()


@pytest.fixture
def company() -> Customer:
    return people.customer(legal_name="Muster Verlag", language="en")


@pytest.fixture
def owner(company: Customer) -> User:
    return people.owner(company)


@pytest.fixture
def support() -> User:
    return people.staff("support")


def told(case: CaseFile) -> list[tuple[str, str]]:
    with override("en"):
        return [(str(act["title"]), act["text"]) for act in queue.timeline(CaseFile.objects.get(pk=case.pk))]


def approved_after_a_cancellation(company: Customer, owner: User, support: User) -> CaseFile:
    case = services.link_cancellation(cancellation=cancelled(email=owner.email), customer=company, by=support, at=timezone.now())
    return services.approve(case=case, by=support, at=timezone.now())


def test_an_owners_withdrawal_stands_on_the_timeline_once_and_names_nobody(company: Customer, owner: User) -> None:
    request = services.request_erasure(customer=company, by=owner, at=timezone.now())
    services.withdraw_erasure(request=request, by=owner, at=timezone.now())
    assert told(request.case_file)[0] == ("Withdrawn by the customer", "")
    assert [title for title, _text in told(request.case_file)].count("Withdrawn by the customer") == 1
    event = request.case_file.events.get(code="request.withdrawn")
    assert (event.by_reference, event.by_name) == (owner.reference, "")
    assert request.events.filter(code="request.withdrawn").count() == 1


def test_pauses_and_holds_say_who_and_why(company: Customer, owner: User, support: User) -> None:
    request = services.request_erasure(customer=company, by=owner, at=timezone.now())
    now = timezone.now()
    services.pause(request=request, by=support, at=now)
    services.pause(request=request, by=support, at=now)
    services.resume(request=request, by=support, at=now)
    placed: dict[str, Any] = {"ground": "claims", "file_number": "7 O 1/26", "review_date": timezone.localdate(now) + 30 * DAY}
    hold = services.place_hold(customer_reference=company.reference, **placed, by=support, at=now)
    services.move_review(hold=hold, review_date=timezone.localdate(now) + 60 * DAY, by=support, at=now)
    services.release_hold(hold=hold, by=support, at=now)
    why = f"{support.full_name} · Legal claims (Art. 17(3)(e) GDPR)"
    assert told(request.case_file)[:5] == [
        ("Legal hold released", why),
        ("Review of the legal hold moved", why),
        ("Legal hold placed", why),
        ("Resumed", support.full_name),
        ("Paused", support.full_name),
    ]
    assert "7 O" not in str(told(request.case_file))


def test_a_pause_from_before_names_stood_there_stays_beside_a_new_one(company: Customer, owner: User, support: User) -> None:
    request = services.request_erasure(customer=company, by=owner, at=timezone.now())
    note(request, "request.paused")  # as it was written once
    services.pause(request=request, by=support, at=timezone.now())
    assert sorted(told(request.case_file)[:2]) == [("Paused", ""), ("Paused", support.full_name)]


def test_a_doubt_tells_why_the_deletion_is_paused(company: Customer, owner: User, support: User) -> None:
    request = services.request_erasure(customer=company, by=owner, at=timezone.now())
    services.doubt(case=request.case_file, reason="contradiction", by=support, at=timezone.now())
    assert ("Paused", f"{support.full_name} · It is not settled who asked for it") in told(request.case_file)


# --- a withdrawal after a cancelled contract --------------------------------------------------------------------------


def test_a_withdrawal_after_a_cancelled_contract_puts_the_request_back_on_the_desk(
    client: Client, company: Customer, owner: User, support: User
) -> None:
    case = approved_after_a_cancellation(company, owner, support)
    first = case.erasure
    assert first is not None
    services.withdraw_erasure(request=first, by=owner, at=timezone.now())
    case.refresh_from_db()
    assert (case.erasure, case.approved_at, case.approved_by, status_of(case)) == (None, None, None, Status.NEW)
    assert case in CaseFile.objects.open()
    assert told(case)[0] == ("Withdrawn by the customer", "")
    mail = compose(Delivery.objects.get(kind="deletion_withdrawn", recipient=owner.email)).body
    assert "Unser Personal entscheidet neu" in mail
    staff = compose(Delivery.objects.filter(kind="deletion_for_staff").latest("created_at")).body
    assert f"Die Anfrage {case.reference} wartet wieder" in staff.replace("\xa0", " ")
    assert "Es ist nichts zu tun" not in staff
    desk = signed_in(client, support)
    assert f"/en/desk/requests/{case.reference}/approve/" in desk.get(f"/en/desk/requests/{case.reference}/").content.decode()

    case = services.approve(case=case, by=support, at=timezone.now())
    second = case.erasure
    assert second is not None
    assert second.reference not in (first.reference, ""), "the withdrawn one keeps its own"
    assert (second.state, second.due_date, status_of(case)) == (ErasureRequest.State.REQUESTED, first.due_date, Status.WAITING)
    assert Delivery.objects.filter(kind="deletion_requested", recipient=owner.email).count() == 2
    assert case.reference in desk.get(f"/en/desk/requests/{second.reference}/").content.decode(), "alarms lead to the file"
    assert [row["case"] for row in desk.get("/en/desk/requests/", {"q": second.reference}).context["rows"]] == [case]
    assert [mail["row"].kind for mail in queue.mails(case)].count("deletion_requested") == 2
    services.withdraw_erasure(request=second, by=owner, at=timezone.now())
    assert status_of(case) == Status.NEW


def test_a_withdrawal_of_what_the_company_itself_wanted_ends_the_request(company: Customer, owner: User) -> None:
    cancelled(email=owner.email)
    request = services.request_erasure(customer=company, by=owner, at=timezone.now())
    services.withdraw_erasure(request=request, by=owner, at=timezone.now())
    assert status_of(request.case_file) == Status.ENDED
    assert "entscheidet neu" not in compose(Delivery.objects.get(kind="deletion_withdrawn")).body


# --- what the customer's page says while a hold stands ----------------------------------------------------------------


def test_a_stopped_deletion_promises_no_day_of_its_end(client: Client, company: Customer, owner: User, support: User) -> None:
    request = services.request_erasure(customer=company, by=owner, at=timezone.now())
    sign_in(client, owner)
    address = f"/en/account/delete/{request.reference}/"
    assert "Deleted at the latest by the end of" in client.get(address).content.decode()
    services.pause(request=request, by=support, at=timezone.now())
    page = client.get(address).content.decode()
    assert "Due without the stop" in page
    assert "Deleted at the latest by the end of" not in page


# --- the review of a hold ---------------------------------------------------------------------------------------------


def test_a_review_is_moved_on_the_desk_to_a_day_that_is_not_over(client: Client, company: Customer, owner: User, support: User) -> None:
    case = services.request_erasure(customer=company, by=owner, at=timezone.now()).case_file
    desk, today = signed_in(client, support), timezone.localdate()
    placed: dict[str, Any] = {"ground": "claims", "file_number": "7 O 1/26", "review_date": today + DAY}
    hold = services.place_hold(customer_reference=company.reference, **placed, by=support, at=timezone.now())
    address = f"/en/desk/requests/{case.reference}/hold/{hold.pk}/review/"
    assert address in desk.get(f"/en/desk/requests/{case.reference}/").content.decode()
    assert desk.post(address, {"review_date": today.isoformat()}).status_code == 422
    assert desk.post(address, {"review_date": (today + 90 * DAY).isoformat()}).status_code == 302
    hold.refresh_from_db()
    assert hold.review_date == today + 90 * DAY
    services.release_hold(hold=hold, by=support, at=timezone.now())
    answer = desk.post(address, {"review_date": (today + 99 * DAY).isoformat()}, follow=True).content.decode()
    assert "The hold was released before." in answer
    assert LegalHold.objects.get().review_date == today + 90 * DAY
    strangers = services.request_erasure(customer=(other := people.customer()), by=people.owner(other), at=timezone.now())
    assert desk.get(f"/en/desk/requests/{strangers.reference}/hold/{hold.pk}/review/").status_code == 404
