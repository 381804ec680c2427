"""The desk: the most urgent first, every act with its check, and nothing that a second click or a second request could skip."""

from __future__ import annotations

import datetime
import hashlib
import time
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from customers.models import Customer, User
from deletion import execution, letters, queue, services
from deletion.models import AccountExport, CaseFile, ErasureRequest, ErasureStep, HandWork, LegalHold, Status, SubprocessorNotice
from notifications.messages import compose
from notifications.models import Delivery
from tests.factories import customers as people
from tests.factories import requests

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 11, 24, 10, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def provider() -> None:
    people.provider()


@pytest.fixture
def company() -> Customer:
    return people.customer(legal_name="Muster Verlag")


@pytest.fixture
def support() -> User:
    return people.staff("support")


@pytest.fixture
def desk(client: Client, support: User) -> Client:
    return signed_in(client, support)


def signed_in(client: Client, user: User) -> Client:
    """Sign in as if password and second factor had just been entered."""
    people.log_in(client, user, mfa=True)
    session = client.session
    methods = [{"method": "password", "at": time.time(), "reauthenticated": True}, {"method": "mfa", "type": "totp", "at": time.time()}]
    session["account_authentication_methods"] = methods
    session.save()
    return client


def status_of(case: CaseFile) -> str:
    return str(CaseFile.objects.with_status().get(pk=case.pk).status)


# --- the seven words --------------------------------------------------------------------------------------------------


def test_the_desk_speaks_exactly_seven_words() -> None:
    assert len(Status) == 7


def test_each_of_the_seven_words_is_reached(company: Customer, support: User) -> None:
    case = requests.recorded(company)
    assert status_of(case) == Status.NEW
    services.doubt(case=case, reason="contradiction", by=support, at=timezone.now())
    assert status_of(case) == Status.IDENTITY
    services.settle_identity(case=case, proof="call_back", by=support, at=timezone.now())
    case = services.approve(case=case, by=support, at=timezone.now())
    assert status_of(case) == Status.WAITING
    services.run(case=case, by=support, at=timezone.now())
    assert case.erasure is not None
    ErasureRequest.objects.filter(pk=case.erasure.pk).update(state="erasing", started_at=timezone.now())
    assert status_of(case) == Status.RUNNING
    ErasureRequest.objects.filter(pk=case.erasure.pk).update(state="blocked", blocked_why="step_failed")
    assert status_of(case) == Status.ATTENTION
    ErasureRequest.objects.filter(pk=case.erasure.pk).update(state="completed", blocked_why="", finished_at=timezone.now())
    assert status_of(case) == Status.COMPLETED
    rejected = requests.recorded()
    services.reject(case=rejected, reason="no_authority", explanation="", by=support, at=timezone.now())
    assert status_of(rejected) == Status.ENDED


def test_a_deletion_that_an_owner_asked_for_stands_in_the_queue_and_says_withdrawn_afterwards(company: Customer) -> None:
    owner = people.owner(company)
    erasure = services.request_erasure(customer=company, by=owner, at=NOW)
    case = CaseFile.objects.get(reference=erasure.reference)
    assert status_of(case) == Status.WAITING
    assert case.due_date == erasure.due_date
    services.withdraw_erasure(request=erasure, by=owner, at=NOW)
    assert status_of(case) == Status.ENDED


# --- deadlines --------------------------------------------------------------------------------------------------------


def test_the_deadline_is_extended_once_with_a_letter_that_says_why(company: Customer, support: User) -> None:
    case = requests.recorded(company, at=NOW)
    case = services.extend(case=case, reason="complex", by=support, at=NOW + datetime.timedelta(days=10))
    assert case.due_date == datetime.date(2027, 2, 24)
    letter = compose(Delivery.objects.get(key__startswith="case_letter:extension"))
    assert "24. Februar 2027" in letter.body.replace("\xa0", " ")
    with pytest.raises(services.TooLateToExtend):
        services.extend(case=case, reason="complex", by=support, at=NOW + datetime.timedelta(days=11))


def test_a_late_extension_is_refused(company: Customer, support: User) -> None:
    case = requests.recorded(company, at=NOW)
    assert case.due_date == datetime.date(2026, 12, 24)
    last_moment = datetime.datetime(2026, 12, 24, 22, 59, tzinfo=datetime.UTC)
    with pytest.raises(services.TooLateToExtend):
        services.extend(case=case, reason="number", by=support, at=last_moment + datetime.timedelta(minutes=1))
    assert services.extend(case=case, reason="number", by=support, at=last_moment).extended_at == last_moment


def test_an_extension_moves_the_deletion_that_waits(company: Customer, support: User) -> None:
    erasure = services.request_erasure(customer=company, by=people.owner(company), at=NOW)
    services.extend(case=erasure.case_file, reason="number", by=support, at=NOW)
    erasure.refresh_from_db()
    assert erasure.due_date == datetime.date(2027, 2, 24)


# --- subprocessors ---------------------------------------------------------------------------------------------------


def test_the_desk_notes_that_a_subprocessor_was_told_and_has_confirmed(client: Client, company: Customer, support: User) -> None:
    case = services.request_erasure(customer=company, by=people.owner(company), at=NOW).case_file
    notice = SubprocessorNotice.objects.create(
        request=case.erasure, subprocessor="Hosting GmbH", slug="hosting", confirm_by_date=datetime.date(2026, 12, 9)
    )
    people.log_in(client, support, mfa=True)
    address = f"/en/desk/requests/{case.reference}/subprocessors/{notice.pk}/"
    assert address in client.get(f"/en/desk/requests/{case.reference}/").content.decode()
    assert "I have told it" in client.get(address).content.decode()
    client.post(address)
    notice.refresh_from_db()
    assert notice.told_at
    assert client.post(address, {"checksum": "no hash"}).status_code == 422
    assert client.post(address, {"document": SimpleUploadedFile("answer.eml", b"All deleted.")}).status_code == 302
    notice.refresh_from_db()
    assert notice.proof_sha256 == hashlib.sha256(b"All deleted.").hexdigest()
    assert "confirmed on" in client.get(f"/en/desk/requests/{case.reference}/").content.decode()
    client.post(address, {"checksum": "1" * 64})  # a second time changes nothing
    notice.refresh_from_db()
    assert notice.proof_sha256 != "1" * 64


def test_a_subprocessor_of_another_request_is_not_found(client: Client, company: Customer, support: User) -> None:
    case = services.request_erasure(customer=company, by=people.owner(company), at=NOW).case_file
    stranger = people.stranger()
    assert stranger.customer is not None
    other = services.request_erasure(customer=stranger.customer, by=stranger, at=NOW)
    notice = SubprocessorNotice.objects.create(request=other, subprocessor="H", slug="h", confirm_by_date=datetime.date(2026, 12, 9))
    people.log_in(client, support, mfa=True)
    assert client.post(f"/en/desk/requests/{case.reference}/subprocessors/{notice.pk}/").status_code == 404


# --- approval and start -----------------------------------------------------------------------------------------------


def test_nothing_is_erased_before_the_approval(company: Customer, support: User) -> None:
    case = requests.recorded(company)
    with pytest.raises(services.NotApproved):
        services.run(case=case, by=support, at=timezone.now())
    assert not ErasureRequest.objects.exists()


def test_a_duplicate_request_passes_the_same_checks(company: Customer, support: User) -> None:
    """Neither an approved twin nor a proven one spares the second request its own identity, approval and start."""
    first = requests.recorded(company)
    services.approve(case=first, by=support, at=timezone.now())
    second = requests.recorded(company, email="somebody@example.org")
    assert second.duplicate_of == first
    assert second.identity == CaseFile.Identity.OPEN
    for act in (services.approve, services.run):
        with pytest.raises(services.IdentityOpen):
            act(case=second, by=support, at=timezone.now())
    services.settle_identity(case=second, proof="call_back", by=support, at=timezone.now())
    with pytest.raises(services.NotApproved):
        services.run(case=second, by=support, at=timezone.now())
    with pytest.raises(services.AnotherIsOpen):
        services.approve(case=second, by=support, at=timezone.now())


def test_a_request_by_letter_cannot_shorten_the_time_in_which_an_owner_withdraws(company: Customer, support: User) -> None:
    owner = people.owner(company)
    erasure = services.request_erasure(customer=company, by=owner, at=timezone.now())
    letter = requests.recorded(company)
    with pytest.raises(services.AnotherIsOpen):
        services.approve(case=letter, by=support, at=timezone.now())
    with pytest.raises(services.StillWithdrawable):
        services.run(case=erasure.case_file, by=support, at=timezone.now())
    erasure.refresh_from_db()
    assert erasure.can_be_withdrawn(timezone.now())


def test_without_an_answer_about_the_return_of_the_data_nothing_is_approved(company: Customer, support: User) -> None:
    case = requests.recorded(company, data_return="unsaid")
    with pytest.raises(services.ReturnUnsaid):
        services.approve(case=case, by=support, at=timezone.now())


def test_a_start_at_once_needs_the_companys_wish(company: Customer, support: User) -> None:
    case = services.approve(case=requests.recorded(company, waives_grace=False), by=support, at=timezone.now())
    with pytest.raises(services.StillWithdrawable):
        services.run(case=case, by=support, at=timezone.now())
    assert case.erasure is not None
    assert case.erasure.can_be_withdrawn(timezone.now())


def test_an_owners_address_on_a_letter_takes_nobodys_time_to_withdraw_away(desk: Client, company: Customer, support: User) -> None:
    """Whoever records a letter types its address; the start at once needs what an owner's mailbox, telephone or login gave."""
    case = services.approve(case=requests.recorded(company, by=support), by=support, at=timezone.now())
    assert case.identity == CaseFile.Identity.CLEAR
    with pytest.raises(services.UnprovenWaiver):
        services.run(case=case, by=support, at=timezone.now())
    assert case.erasure is not None
    assert case.erasure.can_be_withdrawn(timezone.now())
    address = f"/en/desk/requests/{case.reference}/"
    page = desk.get(address).content.decode()
    assert "does not prove that an owner wants it" in page
    assert f"{case.reference}/run/" not in page
    assert "first settle the identity" in desk.post(f"{address}run/", follow=True).content.decode()
    offered = desk.get(f"{address}verify/?prove=1").content.decode()
    assert "Called back" in offered
    assert "confirmed with the code" not in offered
    assert desk.post(f"{address}verify/?prove=1", {"proof": "authority"}).status_code == 422
    desk.post(f"{address}verify/?prove=1", {"proof": "call_back"})
    page = desk.get(address).content.decode()
    assert "does not prove that an owner wants it" not in page
    assert f"{case.reference}/run/" in page
    desk.post(f"{address}run/")
    case.erasure.refresh_from_db()
    assert case.erasure.not_before <= timezone.now()


def test_the_code_that_was_mailed_to_an_owner_proves_that_an_owner_wants_it_at_once(company: Customer) -> None:
    owner, now = people.owner(company), timezone.now()
    asked = services.Asked(kind="account", source="letter", customer=company, email=owner.email, data_return="waived", waives_grace=True)
    case, code = services.record_case(asked=asked, received_at=now, by=people.staff("support"), at=now)
    letter = compose(Delivery.objects.get(key__startswith="case_letter:received")).body
    assert "dass Sie dieses Postfach lesen" in letter.replace("\xa0", " ")
    assert not case.may_start_at_once
    Client().post(f"/en/requests/{case.reference}/", {"code": code})
    case.refresh_from_db()
    assert (case.identity, case.proof, case.may_start_at_once) == ("proven", "mailbox", True)


def test_a_strangers_code_or_authority_keeps_the_time_to_withdraw(company: Customer, support: User) -> None:
    for proof in ("mailbox", "authority"):
        case = requests.recorded(company, email="stranger@example.org")
        case = services.settle_identity(case=case, proof=proof, by=support, at=timezone.now())
        assert not case.may_start_at_once, proof
    assert services.settle_identity(case=case, proof="call_back", by=support, at=timezone.now()).may_start_at_once


# --- return of the data -----------------------------------------------------------------------------------------------


def test_support_cannot_say_that_the_data_were_handed_out_when_nothing_was_downloaded(desk: Client, company: Customer) -> None:
    owner, now = people.owner(company), timezone.now()
    given = {
        "kind": "account",
        "source": "phone",
        "received_date": timezone.localdate().isoformat(),
        "company": company.legal_name,
        "email": owner.email,
        "data_return": "taken",
    }
    with pytest.raises(services.ExportNotTaken):
        requests.recorded(company, data_return="taken")
    refused = desk.post("/en/desk/requests/new/", given)
    assert refused.status_code == 422
    assert "No download of the export is on record" in refused.content.decode()
    assert not CaseFile.objects.exists()
    export = AccountExport.objects.create(
        customer=company, requested_at=now, state="done", sha256="0" * 64, finished_at=now, downloaded_at=None
    )
    assert desk.post("/en/desk/requests/new/", given).status_code == 422
    AccountExport.objects.filter(pk=export.pk).update(downloaded_at=now)
    assert desk.post("/en/desk/requests/new/", given).status_code == 302
    assert CaseFile.objects.get().data_return == ErasureRequest.Return.TAKEN


def test_above_the_limit_a_second_person_approves(company: Customer, support: User, settings: Any) -> None:
    settings.ERASURE_SECOND_PERSON_ABOVE = -1
    second, other = people.staff("admin"), people.staff("admin")
    case = requests.recorded(company, by=second)
    for person in (support, second):
        with pytest.raises(services.SecondPersonNeeded):
            services.approve(case=case, by=person, at=timezone.now())
    assert services.approve(case=case, by=other, at=timezone.now()).approved_by == other


def test_the_approval_tells_the_owners(company: Customer, support: User) -> None:
    owner = people.owner(company)
    services.approve(case=requests.recorded(company), by=support, at=timezone.now())
    assert Delivery.objects.filter(kind="deletion_requested", recipient=owner.email).exists()


def test_a_late_approval_leaves_a_day_to_withdraw_and_time_to_erase(company: Customer, support: User) -> None:
    case = requests.recorded(company, at=NOW)
    early = services.approve(case=case, by=support, at=NOW + datetime.timedelta(days=20))
    assert early.erasure is not None
    assert early.erasure.last_day_to_withdraw == datetime.date(2026, 12, 17)
    late = services.approve(case=requests.recorded(at=NOW), by=support, at=NOW + datetime.timedelta(days=29))
    assert late.erasure is not None
    assert late.erasure.last_day_to_withdraw == datetime.date(2026, 12, 24)


# --- identity, refusal, holds -----------------------------------------------------------------------------------------


def test_an_owners_letter_is_not_doubted_and_a_strangers_is() -> None:
    assert requests.recorded().identity == CaseFile.Identity.CLEAR
    assert requests.recorded(email="stranger@example.org").doubt == CaseFile.Doubt.NO_AUTHORITY


def test_doubt_pauses_a_deletion_that_waits_and_proof_resumes_it(company: Customer, support: User) -> None:
    case = services.approve(case=requests.recorded(company), by=support, at=timezone.now())
    services.doubt(case=case, reason="contradiction", by=support, at=timezone.now())
    assert case.erasure is not None
    case.erasure.refresh_from_db()
    assert execution.advance(case.erasure, at=timezone.now() + datetime.timedelta(days=40)) is None
    case.erasure.refresh_from_db()
    assert case.erasure.state == ErasureRequest.State.REQUESTED
    assert case.erasure.paused_at is not None
    with pytest.raises(services.IdentityOpen):
        services.run(case=case, by=support, at=timezone.now())
    services.settle_identity(case=case, proof="signed_in", by=support, at=timezone.now())
    case.erasure.refresh_from_db()
    assert case.erasure.paused_at is None


def test_a_proof_of_identity_lifts_no_pause_that_somebody_set_for_another_reason(company: Customer, support: User) -> None:
    case = services.approve(case=requests.recorded(company), by=support, at=timezone.now())
    assert case.erasure is not None
    services.pause(request=case.erasure, by=support, at=NOW)
    services.doubt(case=case, reason="contradiction", by=support, at=timezone.now())
    services.settle_identity(case=case, proof="signed_in", by=support, at=timezone.now())
    case.erasure.refresh_from_db()
    assert (case.erasure.paused_at, case.erasure.paused_why) == (NOW, "")


def test_the_customers_page_gives_the_true_reason_of_a_pause(client: Client, company: Customer, support: User) -> None:
    case = services.approve(case=requests.recorded(company), by=support, at=timezone.now())
    assert case.erasure is not None
    page = letters.progress_path(case.erasure).replace("/de/", "/en/")

    def seen() -> str:
        return client.get(page).content.decode().replace("\xa0", " ").replace("\u00ad", "")

    services.pause(request=case.erasure, by=support, at=NOW)
    assert "when they resume it" in seen()
    assert "Art. 17" not in seen()
    services.resume(request=case.erasure, by=support, at=NOW)
    services.doubt(case=case, reason="contradiction", by=support, at=timezone.now())
    assert "who asked for it" in seen()
    assert "Art. 17" not in seen()
    hold = {"ground": "claims", "file_number": "1", "review_date": datetime.date(2099, 1, 1)}
    services.place_hold(customer_reference=company.reference, **hold, by=support, at=NOW)
    assert "Art. 17" in seen()


@pytest.mark.parametrize("changes", [{"paused_why": "identity"}, {"paused_why": "other", "paused_at": NOW}])
def test_the_database_knows_a_reason_of_a_pause_only_while_it_stands(company: Customer, changes: dict[str, Any]) -> None:
    erasure = services.request_erasure(customer=company, by=people.owner(company), at=NOW)
    with pytest.raises(IntegrityError, match="deletion_request_paused_for_a_reason"), transaction.atomic():
        ErasureRequest.objects.filter(pk=erasure.pk).update(**changes)


def test_a_refusal_names_reason_authority_and_court(company: Customer, support: User) -> None:
    case = requests.recorded(company)
    services.reject(case=case, reason="claims", explanation="An invoice is disputed.", by=support, at=timezone.now())
    body = compose(Delivery.objects.get(key__startswith="case_letter:refusal")).body
    for words in ("An invoice is disputed.", "Art. 77", "Art. 79"):
        assert words in body
    with pytest.raises(services.Closed):
        services.approve(case=case, by=support, at=timezone.now())


def test_what_was_approved_or_asked_for_by_an_owner_is_not_refused(company: Customer, support: User) -> None:
    erasure = services.request_erasure(customer=company, by=people.owner(company), at=timezone.now())
    with pytest.raises(services.Closed):
        services.reject(case=erasure.case_file, reason="claims", explanation="", by=support, at=timezone.now())


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"kind": "other"}, "deletion_case_kind_known"),
        ({"state": "rejected", "ended_at": NOW}, "deletion_case_rejected_for_a_reason"),
        ({"state": "completed"}, "deletion_case_ended_with_time"),
        ({"identity": "open"}, "deletion_case_identity_asked_for_a_reason"),
        ({"identity": "proven", "doubt": "mailbox"}, "deletion_case_identity_asked_for_a_reason"),
        ({"identity": "proven"}, "deletion_case_identity_asked_for_a_reason"),
        ({"extended_at": NOW}, "deletion_case_extended_for_a_reason"),
        ({"code_sha256": "x"}, "deletion_case_code_is_a_hash"),
        ({"recorded_at": NOW - datetime.timedelta(days=1)}, "deletion_case_received_before_recorded"),
        ({"language": "fr"}, "deletion_case_language_known"),
    ],
)
def test_the_database_refuses_half_a_decision(company: Customer, changes: dict[str, Any], constraint: str) -> None:
    case = requests.recorded(company, at=NOW)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        CaseFile.objects.filter(pk=case.pk).update(**changes)


def test_events_and_notes_are_never_changed(company: Customer, support: User) -> None:
    case = requests.recorded(company)
    services.add_note(case=case, text="Called.", by=support, at=NOW)
    for rows in (case.events.all(), case.notes.all()):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(at=NOW)
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.delete()


# --- failed steps -----------------------------------------------------------------------------------------------------


@pytest.fixture
def failed(company: Customer, support: User) -> tuple[CaseFile, ErasureStep]:
    """A request that stands still, since a store refused."""
    case = services.approve(case=requests.recorded(company), by=support, at=timezone.now())
    assert case.erasure is not None
    ErasureRequest.objects.filter(pk=case.erasure.pk).update(state="blocked", blocked_why="step_failed", started_at=timezone.now())
    step = ErasureStep.objects.create(request=case.erasure, ordinal=3, dataset="store:files", store="files", state="failed", attempts=8)
    return case, step


def test_a_failed_step_is_tried_again_with_all_its_attempts(failed: tuple[CaseFile, ErasureStep], support: User) -> None:
    case, step = failed
    services.retry_step(case=case, ordinal=3, by=support, at=timezone.now())
    step.refresh_from_db()
    assert (step.state, step.attempts) == ("running", 0)
    assert status_of(case) == Status.RUNNING
    with pytest.raises(services.NotFailed):
        services.retry_step(case=case, ordinal=3, by=support, at=timezone.now())


def test_done_by_hand_takes_two_people_and_is_counted_all_the_same(failed: tuple[CaseFile, ErasureStep], support: User) -> None:
    case, step = failed
    second = people.staff("support")
    entered = {"case": case, "ordinal": 3, "at": timezone.now()}
    services.enter_hand_work(**entered, reason="direct", proof_sha256="0" * 64, by=support)
    step.refresh_from_db()
    assert step.state == "failed", "one person changes nothing"
    with pytest.raises(services.SamePerson):
        services.confirm_hand_work(**entered, by=support)
    services.confirm_hand_work(**entered, by=second)
    step.refresh_from_db()
    assert (step.state, step.residual, step.verified_at) == ("swept", None, None)
    assert step.method == "deleted by hand, verified by count"


def test_the_database_takes_no_second_signature_of_the_same_person(failed: tuple[CaseFile, ErasureStep], support: User) -> None:
    case, _step = failed
    work = services.enter_hand_work(case=case, ordinal=3, reason="direct", proof_sha256="0" * 64, by=support, at=timezone.now())
    with pytest.raises(IntegrityError, match="deletion_hand_work_takes_two_people"), transaction.atomic():
        HandWork.objects.filter(pk=work.pk).update(confirmed_by=support, confirmed_at=timezone.now())


# --- pages ------------------------------------------------------------------------------------------------------------

ACTS = ("verify", "approve", "reject", "extend", "run", "pause", "hold", "note", "assign")


def test_the_queue_begins_with_the_nearest_deadline(desk: Client) -> None:
    late = requests.recorded(at=timezone.now())
    urgent = requests.recorded(at=timezone.now() - datetime.timedelta(days=20))
    for address in ("/en/desk/", "/en/desk/requests/"):
        page = desk.get(address).content.decode()
        assert page.index(urgent.reference) < page.index(late.reference)


def test_the_saved_views_count_what_they_show(desk: Client, support: User) -> None:
    overdue = requests.recorded(at=timezone.now() - datetime.timedelta(days=60))
    mine = requests.recorded()
    services.assign(cases=[mine], to=support, by=support, at=timezone.now())
    today = timezone.localdate()
    counts = queue.counts(support, today)
    for view in queue.VIEWS:
        assert counts[view] == queue.rows(queue.Filters(view=view), support, today).count()
    assert (counts["open"], counts["overdue"], counts["mine"]) == (2, 1, 1)
    page = desk.get("/en/desk/requests/?view=overdue").content.decode()
    assert overdue.reference in page
    assert mine.reference not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=Alpha", {"account"}),
        ("kind=subscriber_erasure", {"subscriber_erasure"}),
        ("status=ended", set()),
        ("assigned=nobody", {"account", "subscriber_erasure"}),
        ("due=overdue", set()),
        ("kind=nonsense&status=nonsense", {"account", "subscriber_erasure"}),
    ],
)
def test_filters_live_in_the_address(desk: Client, query: str, found: set[str]) -> None:
    account = requests.recorded(people.customer(legal_name="Alpha AG"))
    visitor, _code = requests.asked()
    page = desk.get(f"/en/desk/requests/?{query}").content.decode()
    assert {case.kind for case in (account, visitor) if case.reference in page} == found


@pytest.mark.parametrize("address", ["/en/desk/", "/en/desk/requests/", "/en/desk/reports/"])
def test_a_list_asks_as_often_for_thirty_requests_as_for_one(desk: Client, address: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert desk.get(address).status_code == 200
        return len(captured)

    requests.recorded()
    queries()
    few = queries()
    for _number in range(29):
        requests.recorded()
    assert queries() == few


def test_staff_without_the_right_and_customers_see_nothing_of_the_desk(client: Client, company: Customer) -> None:
    case = requests.recorded(company)
    addresses = ["/en/desk/", "/en/desk/requests/", "/en/desk/bulk/", "/en/desk/reports/", "/en/desk/cancellations/"]
    addresses += [f"/en/desk/requests/{case.reference}/", *(f"/en/desk/requests/{case.reference}/{act}/" for act in ACTS)]
    for person in (people.owner(company), people.stranger(), people.staff("editor")):
        signed_in(client, person)
        for address in addresses:
            assert client.post(address).status_code == 403, address
            assert client.get(address).status_code == 403, address


def test_who_may_only_look_decides_nothing(client: Client, company: Customer) -> None:
    signed_in(client, people.staff("legal"))
    case = requests.recorded(company)
    page = client.get(f"/en/desk/requests/{case.reference}/").content.decode()
    assert case.reference in page
    for act in set(ACTS) - {"approve"}:
        assert client.post(f"/en/desk/requests/{case.reference}/{act}/").status_code == 403, act
        assert f"{case.reference}/{act}/" not in page
    client.post(f"/en/desk/requests/{case.reference}/approve/", {"reference": case.reference})
    case.refresh_from_db()
    assert case.approved_at is None


def test_approval_on_the_page_needs_the_typed_reference_and_a_fresh_sign_in(desk: Client, company: Customer, support: User) -> None:
    case = requests.proven(requests.recorded(company))
    address = f"/en/desk/requests/{case.reference}/approve/"
    page = desk.get(address).content.decode()
    assert "What is deleted" in page
    assert desk.post(address, {"reference": "LA-2026-0000-0000"}).status_code == 422
    stale = Client()
    people.log_in(stale, support, mfa=True)
    session = stale.session
    session["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "at": 0}]
    session.save()
    assert "reauthenticate" in stale.post(address, {"reference": case.reference}).headers["Location"]
    case.refresh_from_db()
    assert case.approved_at is None
    answer = desk.post(address, {"reference": case.reference.lower()})
    assert answer.headers["Location"] == f"/en/desk/requests/{case.reference}/run/"
    assert desk.post(answer.headers["Location"]).headers["Location"] == f"/en/desk/requests/{case.reference}/"
    case.refresh_from_db()
    assert case.erasure is not None
    assert case.erasure.not_before <= timezone.now()


def test_a_letter_is_shown_before_it_is_sent(desk: Client, company: Customer) -> None:
    case = requests.recorded(company)
    address = f"/en/desk/requests/{case.reference}/reject/"
    given = {"reason": "obligation", "explanation": "Books have to be kept."}
    page = desk.post(address, given).content.decode().replace("\xa0", " ")
    assert "Books have to be kept." in page
    assert "Art. 77" in page
    assert not Delivery.objects.filter(key__startswith="case_letter:refusal").exists()
    assert desk.post(address, {**given, "confirmed": "1"}).status_code == 302
    assert Delivery.objects.filter(key__startswith="case_letter:refusal").count() == 1


def test_several_requests_are_assigned_after_a_look_and_nothing_else_is_offered_in_bulk(desk: Client, support: User) -> None:
    one, other = requests.recorded(), requests.recorded()
    services.reject(case=other, reason="nothing", explanation="", by=support, at=timezone.now())
    chosen = {"reference": [one.reference, other.reference], "to": str(support.pk)}
    page = desk.post("/en/desk/bulk/", chosen).content.decode()
    assert "2 chosen, 1 possible." in page
    assert "The request has ended." in page
    desk.post("/en/desk/bulk/", {**chosen, "confirmed": "1", "act": "erase", "run": "1"})
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.assigned_to, other.assigned_to) == (support, None)
    assert one.approved_at is None


def test_a_hold_stops_everything_until_it_is_released(desk: Client, company: Customer) -> None:
    case = requests.recorded(company)
    given = {"ground": "authority", "file_number": "12 O 3/26", "review_date": "2099-01-31"}
    assert desk.post(f"/en/desk/requests/{case.reference}/hold/", {**given, "review_date": "2020-01-01"}).status_code == 422
    desk.post(f"/en/desk/requests/{case.reference}/hold/", given)
    hold = LegalHold.objects.get()
    stranger = requests.recorded(people.customer())
    assert desk.post(f"/en/desk/requests/{stranger.reference}/hold/{hold.pk}/release/").status_code == 404
    desk.post(f"/en/desk/requests/{case.reference}/hold/{hold.pk}/release/")
    hold.refresh_from_db()
    assert hold.released_at is not None


def test_a_hold_is_placed_and_released_after_the_request_has_ended_as_well(desk: Client, company: Customer, support: User) -> None:
    case = requests.recorded(company)
    services.reject(case=case, reason="obligation", explanation="", by=support, at=timezone.now())
    address = f"/en/desk/requests/{case.reference}/"
    assert f"{address}hold/" in desk.get(address).content.decode()
    desk.post(f"{address}hold/", {"ground": "authority", "file_number": "12 O 3/26", "review_date": "2099-01-31"})
    hold = LegalHold.objects.get()
    assert f"{address}hold/{hold.pk}/release/" in desk.get(address).content.decode()
    desk.post(f"{address}hold/{hold.pk}/release/")
    hold.refresh_from_db()
    assert hold.released_at is not None


def test_the_reports_count_what_ended_in_time(desk: Client, support: User) -> None:
    case = requests.recorded()
    services.reject(case=case, reason="nothing", explanation="", by=support, at=timezone.now())
    requests.recorded()
    table = desk.get("/en/desk/reports/requests.csv").content.decode()
    month = f"{timezone.localdate():%Y-%m}"
    (line,) = [line for line in table.splitlines() if line.startswith((month, f'"{month}'))]
    assert [cell.strip('"') for cell in line.replace(";", ",").split(",")] == [month, "2", "1", "1", "1", "0"]
