"""From the recorded letter to the deleted account: what the desk approved is erased, and its file stays without a name."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

import subscriptions.services
from customers.models import Customer
from deletion import execution, handing_over, proving, services, stepping
from deletion.connectors.files import folder_of
from deletion.models import AccountExport, CaseFile, ErasureRequest, Status
from subscriptions.models import Activity, StatisticsSwitch, Subscription, Suppression
from tests.factories import agreement, erasure, requests
from tests.factories import customers as people

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
    case = services.approve(case=requests.proven(requests.recorded(company)), by=support, at=timezone.now())
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
    case = services.approve(case=requests.proven(requests.recorded(company)), by=support, at=timezone.now())
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


# --- what a verification stopped --------------------------------------------------------------------------------------


def stopped_by_verification(company: Customer) -> CaseFile:
    """Return a file whose deletion waits for its last verification, with all of whose passes a writer has run away."""
    case = services.request_erasure(customer=company, by=company.people_with("owner")[0], at=timezone.now()).case_file
    ErasureRequest.objects.filter(pk=case.erasure_id).update(
        requested_at=timezone.now() - datetime.timedelta(days=20), not_before=timezone.now()
    )
    assert case.erasure is not None
    assert erasure.run(case.erasure).state == ErasureRequest.State.WAITING
    case.erasure.steps.update(passes=stepping.MOST_PASSES)
    return case


def last_verification(case: CaseFile) -> ErasureRequest:
    assert case.erasure is not None
    return erasure.run(case.erasure, at=timezone.now() + datetime.timedelta(days=2))


def test_a_deletion_that_a_verification_stopped_for_what_was_left_is_verified_again_and_completed(
    client: Client, company: Customer
) -> None:
    case, left = stopped_by_verification(company), f"{folder_of(str(company.reference))}/late.txt"
    default_storage.save(left, ContentFile(b"late"))
    request = last_verification(case)
    assert (request.state, request.blocked_why) == (ErasureRequest.State.BLOCKED, ErasureRequest.Why.RESIDUE)
    assert not request.steps.exclude(state="verified").exists()
    address = f"/en/desk/requests/{case.reference}/"
    people.log_in(client, people.staff("legal"), mfa=True)
    assert "Verify again" not in client.get(address).content.decode()
    assert client.post(f"{address}again/").status_code == 403
    people.log_in(client, people.staff("support"), mfa=True)
    assert f"{address}again/" in client.get(address).content.decode()
    assert client.get(f"{address}again/").status_code == 405
    client.post(f"{address}again/")
    assert f"{address}again/" not in client.get(address).content.decode()
    assert "Nothing was changed" in client.post(f"{address}again/", follow=True).content.decode()
    assert erasure.complete(request).state == ErasureRequest.State.COMPLETED
    assert not default_storage.exists(left)


def test_after_it_is_verified_again_a_first_hiccup_of_the_count_stops_nothing(
    client: Client, company: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, verify = stopped_by_verification(company), proving.verify_account
    silent: Callable[[ErasureRequest], list[proving.Finding]] = lambda _request: [proving.Finding("store:files", None)]  # noqa: E731
    monkeypatch.setattr(proving, "verify_account", silent)
    request, later = last_verification(case), timezone.now() + datetime.timedelta(days=3)
    for _try in range(execution.MOST_COUNTS + 1):
        execution.advance(request, at=later)
        request.refresh_from_db()
        later += datetime.timedelta(hours=1)
    assert (request.state, request.blocked_why) == (ErasureRequest.State.BLOCKED, ErasureRequest.Why.UNCOUNTED)
    people.log_in(client, people.staff("support"), mfa=True)
    client.post(f"/en/desk/requests/{case.reference}/again/")
    assert erasure.run(request, most=1).state == ErasureRequest.State.VERIFYING
    monkeypatch.setattr(proving, "verify_account", verify)
    assert erasure.run(request, at=later).state == ErasureRequest.State.WAITING


# --- what the page of a request tells ---------------------------------------------------------------------------------


def test_before_the_start_the_desk_sees_what_the_deletion_would_do_and_nothing_is_changed(client: Client, company: Customer) -> None:
    agreement.accept(company, company.people_with("owner")[0], agreement.published())
    case = requests.recorded(company)
    people.log_in(client, people.staff("support"), mfa=True)
    address = f"/en/desk/requests/{case.reference}/"
    assert f"{address}preview/" in client.get(address).content.decode()
    page = client.get(f"{address}preview/").content.decode().replace("\xa0", " ").replace("\u00ad", "")
    for words in ("Subscriptions", "is deleted", "stays", "12", "Until 31 December", "File storage, the account"):
        assert words in page, words
    assert "not counted" not in page
    assert Subscription.objects.filter(customer=company).count() == 12
    assert not ErasureRequest.objects.exists()
    services.reject(case=case, reason="claims", explanation="", by=people.staff(), at=timezone.now())
    assert client.get(f"{address}preview/").status_code == 404


def test_a_deletion_whose_start_was_ordered_is_not_offered_to_be_started_again(client: Client, company: Customer) -> None:
    support, now = people.staff("support"), timezone.now()
    case = requests.proven(requests.recorded(company))
    services.approve(case=case, by=support, at=now)
    people.log_in(client, support, mfa=True)
    address = f"/en/desk/requests/{case.reference}/"
    page = client.get(address).content.decode()
    assert f"{address}run/" in page
    assert "begins within minutes" not in page
    services.run(case=case, by=support, at=timezone.now())
    page = client.get(address).content.decode()
    assert f"{address}run/" not in page
    assert "begins within minutes" in page


def test_the_page_says_when_a_step_is_tried_next_and_what_became_of_the_mails(client: Client, company: Customer) -> None:
    owner = company.people_with("owner")[0]
    request = erasure.planned(company, owner)
    at = timezone.localtime(timezone.now()).replace(hour=23, minute=59)
    request.steps.filter(store="files").update(attempts=3, next_attempt_at=at, last_error="transient", state="running")
    people.log_in(client, people.staff("support"), mfa=True)
    page = client.get(f"/de/desk/requests/{request.reference}/").content.decode().replace("\xa0", " ")
    assert "Versuch 3 von 8 gescheitert, nächster um 23:59 Uhr" in page
    mails = page[page.index("E-Mails") :]
    assert "Löschung beauftragt" in mails
    assert owner.email in mails
    assert "wartet" in mails
