"""What follows a cancelled contract: page, mail and paper say what the desk and the engine then do, and by which day."""

from __future__ import annotations

import datetime
import subprocess
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import override

from customers.models import Customer, Role, User
from deletion import ending, services, watching
from deletion.models import Cancellation, CaseFile, ErasureRequest, Status
from notifications.messages import compose
from notifications.models import Delivery
from publishing.periods import end_of_day
from tests.deletion.test_cancellation import form_of
from tests.deletion.test_desk import signed_in
from tests.deletion.test_erasure_requests import sign_in
from tests.factories import customers as people
from tests.factories import erasure

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.usefixtures("verifier", "not_drawn")]
DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def provider() -> None:
    people.provider()


@pytest.fixture
def account() -> tuple[Customer, User]:
    return erasure.account(5)


def cancelled(**changes: Any) -> Cancellation:
    """Return a cancellation that came with the public form just now."""
    client = Client()
    assert client.post("/en/cancel/", form_of(client, **changes)).status_code == 302
    return Cancellation.objects.latest("pk")


def status_of(case: CaseFile) -> str:
    return str(CaseFile.objects.with_status().get(pk=case.pk).status)


def test_a_public_cancellation_is_linked_approved_and_ends_in_the_deletion_of_the_account(
    account: tuple[Customer, User], client: Client
) -> None:
    company, owner = account
    cancellation = cancelled(identification=owner.email)
    days, case = ending.of(cancellation), CaseFile.objects.get()
    assert (case.cancellation, case.customer, case.due_date, status_of(case)) == (cancellation, None, days.erased, Status.IDENTITY)
    desk = signed_in(client, people.staff("support"))
    address, page = f"/en/desk/requests/{case.reference}/", f"/en/desk/cancellations/{cancellation.reference}/"
    assert case.reference in desk.get("/en/desk/requests/").content.decode()
    assert page in desk.get(address).content.decode()
    assert "not found yet" in desk.get("/en/desk/cancellations/").content.decode()

    found = desk.get(page).content.decode()
    assert str(company.reference) in found, "the address in the cancellation is an owner's"
    desk.post(f"{page}link/", {"customer": str(company.reference)})
    case.refresh_from_db()
    cancellation.refresh_from_db()
    assert (case.customer, case.customer_reference, cancellation.customer) == (company, company.reference, company)
    assert f"{address}approve/" not in desk.get(address).content.decode(), "who asked is open still"
    desk.post(f"{address}verify/", {"proof": "call_back"})
    assert status_of(case) == Status.NEW
    with override("en"):
        day = date_format(days.retrieval, "DATE_FORMAT")
    assert f"until the end of {day}" in desk.get(f"{address}approve/").content.decode().replace("\xa0", " ")
    desk.post(f"{address}approve/", {"reference": case.reference})
    case.refresh_from_db()
    request = case.erasure
    assert request is not None
    assert (request.not_before, request.due_date, status_of(case)) == (end_of_day(days.retrieval), days.erased, Status.WAITING)
    assert Delivery.objects.filter(kind="deletion_requested", recipient=owner.email).exists()

    assert erasure.run(request, at=request.not_before - DAY).state == ErasureRequest.State.REQUESTED
    assert Customer.objects.filter(pk=company.pk).exists()
    began = request.not_before + datetime.timedelta(minutes=1)
    assert erasure.run(request, at=began).state == ErasureRequest.State.WAITING
    done = erasure.run(request, at=began + 2 * DAY)
    assert done.state == ErasureRequest.State.COMPLETED
    assert timezone.localdate(began + 2 * DAY) < days.erased
    assert not Customer.objects.filter(pk=company.pk).exists()
    cancellation.refresh_from_db()
    assert (cancellation.customer, status_of(case)) == (None, Status.COMPLETED)


def test_until_the_deletion_begins_an_owner_withdraws_it(account: tuple[Customer, User]) -> None:
    company, owner = account
    case = services.link_cancellation(cancellation=cancelled(), customer=company, by=people.staff(), at=timezone.now())
    case = services.settle_identity(case=case, proof="call_back", by=people.staff(), at=timezone.now())
    case = services.approve(case=case, by=people.staff("support"), at=timezone.now())
    assert case.erasure is not None
    with pytest.raises(services.StillWithdrawable):
        services.run(case=case, by=people.staff("support"), at=timezone.now())
    services.withdraw_erasure(request=case.erasure, by=owner, at=case.erasure.not_before - DAY)
    assert status_of(case) == Status.NEW, "the contract ends all the same, so the desk decides again (test_timeline.py)"


def test_who_cancels_from_the_account_is_known_and_the_deletion_waits_for_the_approval(
    account: tuple[Customer, User], client: Client
) -> None:
    company, _owner = account
    sign_in(client, people.person(company, Role.SIGNATORY), recently=False)
    client.post("/en/account/cancel/", form_of(client, "/en/account/cancel/"))
    case = CaseFile.objects.get()
    assert (case.customer, case.identity, status_of(case)) == (company, CaseFile.Identity.CLEAR, Status.NEW)
    late = end_of_day(case.due_date) - 2 * DAY
    case = services.approve(case=case, by=people.staff("support"), at=late)
    assert case.erasure is not None
    assert case.erasure.not_before > late + datetime.timedelta(hours=23), "also a late approval leaves a day to withdraw"


def test_nothing_is_approved_before_the_customer_is_found(account: tuple[Customer, User]) -> None:
    cancelled()
    case = services.settle_identity(case=CaseFile.objects.get(), proof="authority", by=people.staff(), at=timezone.now())
    with pytest.raises(services.CustomerUnknown):
        services.approve(case=case, by=people.staff("support"), at=timezone.now())


def test_a_wrong_customer_is_corrected_until_the_approval_and_not_afterwards(account: tuple[Customer, User]) -> None:
    company, support, now = account[0], people.staff("support"), timezone.now()
    cancellation = cancelled()
    services.link_cancellation(cancellation=cancellation, customer=people.customer(), by=support, at=now)
    case = services.link_cancellation(cancellation=cancellation, customer=company, by=support, at=now)
    assert case.customer == company
    assert case.events.filter(code="cancellation.linked").count() == 2
    services.approve(case=services.settle_identity(case=case, proof="call_back", by=support, at=now), by=support, at=now)
    with pytest.raises(services.Closed):
        services.link_cancellation(cancellation=cancellation, customer=people.customer(), by=support, at=now)


def test_a_deletion_that_runs_already_is_seen_beside_it(account: tuple[Customer, User]) -> None:
    company, owner = account
    earlier = services.request_erasure(customer=company, by=owner, at=timezone.now())
    case = services.link_cancellation(cancellation=cancelled(), customer=company, by=people.staff(), at=timezone.now())
    assert case.duplicate_of == earlier.case_file
    services.settle_identity(case=case, proof="call_back", by=people.staff(), at=timezone.now())
    with pytest.raises(services.AnotherIsOpen):
        services.approve(case=case, by=people.staff("support"), at=timezone.now())
    services.reject(case=case, reason="duplicate", explanation="", by=people.staff("support"), at=timezone.now())
    letter = compose(Delivery.objects.get(key__startswith="case_letter:refusal")).body
    assert "The cancellation of the contract stays as we confirmed it" in letter.replace("\xa0", " ")


def test_the_day_of_a_cancellation_is_never_extended_and_sounds_an_alarm_when_nobody_has_planned_it(
    account: tuple[Customer, User],
) -> None:
    cancelled()
    case = CaseFile.objects.get()
    due = end_of_day(case.due_date)
    with pytest.raises(services.TooLateToExtend):
        services.extend(case=case, reason="complex", by=people.staff(), at=timezone.now())
    assert watching.watch_days(due - 12 * DAY) == 0
    assert watching.watch_days(due - 10 * DAY) == 1
    watching.watch_days(due - 10 * DAY)
    assert Delivery.objects.filter(kind="deletion_alarm").count() == 1
    services.link_cancellation(cancellation=Cancellation.objects.get(), customer=account[0], by=people.staff(), at=timezone.now())
    services.settle_identity(case=case, proof="call_back", by=people.staff(), at=timezone.now())
    services.approve(case=case, by=people.staff("support"), at=timezone.now())
    assert watching.watch_days(due - 10 * DAY) == 0
    assert watching.watch_days(due - 3 * DAY) == 1


@pytest.mark.parametrize("word", ["name", "reference", "address"])
def test_the_customer_is_found_by_what_a_cancellation_may_name(account: tuple[Customer, User], client: Client, word: str) -> None:
    company, owner = account
    other, cancellation = people.customer(legal_name="Another GmbH"), cancelled(identification="K-4711")
    desk = signed_in(client, people.staff("support"))
    text = {"name": company.legal_name[:9], "reference": str(company.reference), "address": owner.email}[word]
    page = desk.get(f"/en/desk/cancellations/{cancellation.reference}/", {"company": text}).content.decode()
    assert str(company.reference) in page
    assert str(other.reference) not in page
    assert "No customer matches" in desk.get(f"/en/desk/cancellations/{cancellation.reference}/").content.decode()


def test_who_may_not_decide_about_identity_chooses_no_customer(account: tuple[Customer, User], client: Client) -> None:
    cancellation = cancelled()
    signed_in(client, people.staff("legal"))
    page = f"/en/desk/cancellations/{cancellation.reference}/"
    assert f"{page}link/" not in client.get(page, {"company": account[0].legal_name}).content.decode()
    assert client.post(f"{page}link/", {"customer": str(account[0].reference)}).status_code == 403
    signed_in(client, people.staff("support"))
    assert "Choose the customer" in client.post(f"{page}link/", {"customer": "nobody"}, follow=True).content.decode()
    cancellation.refresh_from_db()
    assert cancellation.customer is None


@pytest.mark.parametrize("language", ["de", "en"])
def test_page_mail_and_paper_say_the_same_about_the_deletion(client: Client, language: str) -> None:
    too_early = {"ends": "date", "ends_date": (timezone.localdate() + DAY).isoformat()}
    answer = client.post(f"/{language}/cancel/", form_of(client, f"/{language}/cancel/", **too_early), follow=True)
    cancellation = Cancellation.objects.get()
    with override(language):
        said = ending.in_words(cancellation)
        assert len(said) == 4, "also why the contract ends later than was wished"
        day = date_format(ending.of(cancellation).erased, "DATE_FORMAT")
    mail = compose(Delivery.objects.get(kind="cancellation_received"))
    address = reverse("cancel_received_pdf", args=[answer.redirect_chain[-1][0].rstrip("/").rsplit("/", 1)[-1]])
    paper = subprocess.run(["pdftotext", "-enc", "UTF-8", "-", "-"], input=client.get(address).content, capture_output=True, check=True)
    for place in (answer.content.decode(), mail.body, str(mail.alternatives[0][0]), paper.stdout.decode()):
        text = bare(place)
        assert all(bare(paragraph) in text for paragraph in said)
        assert bare(day) in text


def bare(text: str) -> str:
    """Return the text without what typography puts into it."""
    return "".join(text.replace("\u00ad", "").replace("-", "").split())


def test_the_list_of_cancellations_asks_as_often_for_thirty_as_for_one(client: Client, account: tuple[Customer, User]) -> None:
    desk = signed_in(client, people.staff("support"))
    known = cancelled()

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert desk.get("/en/desk/cancellations/").status_code == 200
        return len(captured)

    Cancellation.objects.update(customer=account[0])
    queries()
    few = queries()
    for number in range(20):
        known.pk, known.reference, known.secret_sha256, known.customer = None, f"KU-{number}", f"{number:064x}", account[0]
        known.save(force_insert=True)
    assert queries() == few
