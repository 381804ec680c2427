"""What the law made the portal keep goes when its time is over, not a day before, and a supplement says so."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django.test import Client
from django.utils import timezone
from django.utils.translation import gettext, override

from customers.models import Customer
from deletion import certifying, concept, discarding, expiring, ledger, replaying, services, tasks
from deletion.models import (
    CaseEvent,
    CaseFile,
    CaseNote,
    CasePerson,
    ErasureCertificate,
    ErasureContact,
    ErasureEvent,
    ErasureFence,
    ErasureRequest,
    ErasureStep,
    HandWork,
    LedgerCertificate,
    RetentionRule,
    SubprocessorNotice,
    Tombstone,
)
from deletion.plan import decisions
from deletion.scope import ROWS
from dpa.models import Acceptance, AcceptanceParty, ExecutedAgreement, Serving
from evidence.models import Personal
from jobs.models import Job
from notifications.models import Delivery
from pdf import Rendered, storage
from tests.factories import agreement, erasure, requests
from tests.factories import customers as people

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.usefixtures("verifier", "not_drawn")]


@pytest.fixture
def request_of_account() -> ErasureRequest:
    people.provider()
    company, owner = erasure.account(2)
    agreement.accept(company, owner, agreement.published())
    return erasure.due(company, owner)


def shorten(days: int = 0) -> None:
    """Let the periods of the contract end: no test can wait six years for the database's clock."""
    RetentionRule.objects.filter(dataset__startswith="dpa.").update(months=0, days=days, to_year_end=False)


def erased_on(request: ErasureRequest, at: datetime.datetime) -> ErasureRequest:
    """Carry the erasure out at an earlier time."""
    Customer.objects.filter(pk=request.customer_id).update(created_at=at - datetime.timedelta(days=60))
    ErasureRequest.objects.filter(pk=request.pk).update(
        requested_at=at - datetime.timedelta(days=20), not_before=at - datetime.timedelta(days=1)
    )
    erasure.run(request, at=at)
    return erasure.run(request, at=at + datetime.timedelta(days=2))


def test_rows_whose_time_is_over_go_with_a_supplement(request_of_account: ErasureRequest, client: Client) -> None:
    stranger = people.stranger()
    assert stranger.customer is not None
    others = agreement.accept(stranger.customer, stranger, Acceptance.objects.get().version)
    request = erased_on(request_of_account, timezone.now() - datetime.timedelta(days=10))
    commitment = bytes.fromhex(Acceptance.objects.get(customer_id=request.number).commitment)
    assert Personal.objects.filter(pk=commitment).exists()
    assert expiring.expire(at=timezone.now())["kept"] == 0  # six years are not over
    shorten()
    gone = expiring.expire(at=timezone.now())
    assert gone["kept"] >= 3
    for model, condition in ((AcceptanceParty, "acceptance__customer_id"), (Serving, "customer_id"), (Acceptance, "customer_id")):
        assert not model.objects.filter(**{condition: request.number}).exists()  # type: ignore[attr-defined]
    assert Acceptance.objects.get() == others
    assert AcceptanceParty.objects.count() == 1
    assert not Personal.objects.filter(pk=commitment).exists()
    supplement = ErasureCertificate.objects.get(kind="supplement")
    content = json.loads(bytes(supplement.canonical))
    assert content["reason"] == "retention_expired"
    assert {row["left"] for row in content["datasets"]} == {0}
    assert all("BGB" in row["norm"] for row in content["datasets"])
    assert supplement.supplements == request.certificates.get(kind="certificate")
    assert supplement.reference in client.get(f"/v/{supplement.supplements.reference}/").content.decode()
    assert expiring.expire(at=timezone.now())["kept"] == 0
    assert ErasureCertificate.objects.count() == 2


def test_not_a_day_before(request_of_account: ErasureRequest) -> None:
    request = erased_on(request_of_account, timezone.now() - datetime.timedelta(days=10))
    shorten(days=10)
    assert expiring.expire(at=timezone.now())["kept"] == 0  # today is the last day
    shorten(days=9)
    assert expiring.expire(at=timezone.now())["kept"] > 0
    assert not Acceptance.objects.filter(customer_id=request.number).exists()


def test_a_legal_hold_stops_the_end_of_a_period(request_of_account: ErasureRequest) -> None:
    request = erased_on(request_of_account, timezone.now() - datetime.timedelta(days=10))
    shorten()
    staff = people.staff()
    hold = services.place_hold(
        customer_reference=request.customer_reference,
        ground="claims",
        file_number="7 O 12/26",
        review_date=timezone.localdate(),
        by=staff,
        at=timezone.now(),
    )
    assert expiring.expire(at=timezone.now())["kept"] == 0
    services.release_hold(hold=hold, by=staff, at=timezone.now())
    assert expiring.expire(at=timezone.now())["kept"] > 0


@pytest.mark.parametrize("table", ["dpa_acceptance", "dpa_serving"])
def test_kept_rows_cannot_be_deleted_before_their_time_by_anybody(request_of_account: ErasureRequest, table: str) -> None:
    request = erased_on(request_of_account, timezone.now() - datetime.timedelta(days=10))
    with pytest.raises(DatabaseError, match="is refused"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE customer_id = %s", [request.number])
    shorten()
    with pytest.raises(DatabaseError, match="is refused"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET customer_id = 0 WHERE customer_id = %s", [request.number])


def test_rows_of_a_living_account_never_expire() -> None:
    people.provider()
    company, owner = erasure.account(2)
    agreement.accept(company, owner, agreement.published())
    shorten()
    with pytest.raises(DatabaseError, match="is refused"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM dpa_serving WHERE customer_id = %s", [company.pk])
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM deletion_erase_expired(%s)", [company.pk])
        assert cursor.fetchall() == []
    assert ExecutedAgreement.objects.count() <= Acceptance.objects.count() == 1


def test_recipients_of_the_certificate_are_forgotten_after_thirty_days(request_of_account: ErasureRequest) -> None:
    request = erased_on(request_of_account, timezone.now() - datetime.timedelta(days=33))
    assert ErasureContact.objects.filter(request=request).exists()
    assert expiring.expire(at=timezone.now() - datetime.timedelta(days=2))["contacts"] == 0
    assert expiring.expire(at=timezone.now())["contacts"] == 1
    assert not ErasureContact.objects.exists()
    assert not Delivery.objects.filter(kind__in=("deletion_started", "deletion_completed")).exists()


# --- the files themselves -----------------------------------------------------------------------------------------------


def file_of(year: int, month: int, day: int) -> ErasureRequest:
    """Return the deletion of an account without agreements that ended at noon of that day, with everything that lies in a file."""
    people.provider()
    company, owner = erasure.account(1)
    ended = datetime.datetime(year, month, day, 12, tzinfo=datetime.UTC)
    request = erased_on(erasure.due(company, owner), ended - datetime.timedelta(days=2))
    assert request.finished_at == ended
    case, staff = request.case_file, people.staff()
    services.add_note(case=case, text="Looked at it.", by=staff, at=timezone.now())
    step = request.steps.get(ordinal=1)
    HandWork.objects.create(step=step, reason="direct", proof_sha256="0" * 64, proposed_by=staff, proposed_at=timezone.now())
    ledger.keep_certificates()
    return request


def rows_of_files() -> dict[str, int]:
    models = (CaseFile, CaseEvent, CaseNote, ErasureRequest, ErasureStep, ErasureEvent, ErasureCertificate, HandWork, SubprocessorNotice)
    return {model.__name__: model.objects.count() for model in models}


def test_a_file_goes_with_its_certificate_three_years_after_the_end_of_its_year_and_not_a_day_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    year = timezone.localdate().year
    monkeypatch.setattr(certifying, "render", lambda request, *_more: Rendered(f"%PDF {request.pk}".encode(), 1, "0" * 64))
    over, not_over = file_of(year - 4, 12, 31), file_of(year - 3, 1, 1)
    paper, other = over.certificates.get().pdf_sha256, not_over.certificates.get().pdf_sha256
    before = rows_of_files()
    assert all(before[name] for name in before if name != "SubprocessorNotice"), before
    gone = expiring.expire(at=timezone.now())
    assert gone["files"] == 2  # the request and its file on the desk
    assert gone["copies"] == 1
    assert list(ErasureRequest.objects.all()) == [not_over]
    assert list(CaseFile.objects.all()) == [not_over.case_file]
    assert {name: number * 2 for name, number in rows_of_files().items()} == before
    assert LedgerCertificate.objects.using("ledger").get().request_reference == not_over.reference
    for job in Job.objects.filter(kind=discarding.DISCARD):
        tasks.discard_document(job.subject)
    assert storage.read(other)
    with pytest.raises(storage.DocumentMissing):
        storage.read(paper)
    # What keeps the account from coming back stays, and the portal does not take its own tidiness for a restored backup.
    fence = ErasureFence.objects.get(customer_number=over.number)
    assert fence.request is None
    assert Tombstone.objects.filter(request_reference=over.reference).exists()
    assert replaying.missing() == []
    assert over.reference not in [each.reference for each in replaying.replay(since=timezone.now(), at=timezone.now())]
    assert expiring.expire(at=timezone.now())["files"] == 0


def test_a_file_stays_as_long_as_agreements_of_the_account_are_kept(request_of_account: ErasureRequest) -> None:
    request = erased_on(request_of_account, timezone.now() - datetime.timedelta(days=5 * 365))
    assert Acceptance.objects.filter(customer_id=request.number).exists()
    assert expiring.expire(at=timezone.now())["files"] == 0
    shorten()
    gone = expiring.expire(at=timezone.now())
    assert gone["kept"] > 0
    assert gone["files"] == 0  # the supplement of today is kept for three years as well
    assert request.certificates.count() == 2


def test_a_legal_hold_keeps_the_file_and_goes_itself_after_three_years() -> None:
    year = timezone.localdate().year
    request, staff = file_of(year - 4, 6, 1), people.staff()
    day = datetime.datetime(year - 4, 7, 1, tzinfo=datetime.UTC)
    placed: dict[str, Any] = {"ground": "claims", "file_number": "7 O 12/26", "review_date": day.date(), "by": staff, "at": day}
    hold = services.place_hold(customer_reference=request.customer_reference, **placed)
    assert expiring.expire(at=timezone.now())["files"] == 0
    services.release_hold(hold=hold, by=staff, at=day)
    gone = expiring.expire(at=timezone.now())
    assert gone["holds"] == 1
    assert gone["files"] == 2


def test_the_request_of_a_person_goes_after_its_time_and_a_duplicate_forgets_it() -> None:
    people.provider()
    (case, _code), staff = requests.asked(), people.staff()
    later, _code = requests.asked()
    assert later.duplicate_of == case
    services.add_note(case=case, text="Nothing found.", by=staff, at=timezone.now())
    year = timezone.localdate().year
    services.reject(case=case, reason="nothing", explanation="", by=staff, at=datetime.datetime(year - 3, 1, 1, 12, tzinfo=datetime.UTC))
    assert expiring.expire(at=timezone.now())["files"] == 0
    CaseFile.objects.filter(pk=case.pk).update(ended_at=datetime.datetime(year - 4, 12, 31, 12, tzinfo=datetime.UTC))
    assert expiring.expire(at=timezone.now())["files"] == 1
    later.refresh_from_db()
    assert later.duplicate_of is None  # an open request never goes
    assert not CasePerson.objects.filter(case_id=case.pk).exists()


def test_the_request_that_was_withdrawn_goes_and_the_account_stays() -> None:
    people.provider()
    company, owner = erasure.account(1)
    request = services.request_erasure(customer=company, by=owner, at=timezone.now())
    services.withdraw_erasure(request=request, by=owner, at=timezone.now())
    assert expiring.expire(at=timezone.now())["files"] == 0
    long_ago = timezone.now() - datetime.timedelta(days=5 * 365)
    ErasureRequest.objects.filter(pk=request.pk).update(requested_at=long_ago - datetime.timedelta(days=1), withdrawn_at=long_ago)
    assert expiring.expire(at=timezone.now())["files"] == 2
    company.refresh_from_db()
    assert company.closed_at is None


@pytest.mark.parametrize("table", ["deletion_caseevent", "deletion_casenote", "deletion_erasureevent", "deletion_erasurecertificate"])
def test_what_lies_in_a_file_cannot_be_deleted_before_its_time_or_changed_at_any(table: str) -> None:
    file_of(timezone.localdate().year - 3, 1, 1)
    with pytest.raises(DatabaseError, match="is refused"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")
    column = {"deletion_caseevent": "code", "deletion_casenote": "text", "deletion_erasureevent": "code"}.get(table, "sha256")
    RetentionRule.objects.filter(start="process").update(months=0, days=0, to_year_end=False)
    with pytest.raises(DatabaseError, match="is refused"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = {column}")


def test_the_ledger_keeps_its_copy_for_three_years_whatever_the_portal_says() -> None:
    file_of(timezone.localdate().year - 3, 1, 1)
    RetentionRule.objects.filter(start="process", days=0).update(months=0, to_year_end=False)
    gone = expiring.expire(at=timezone.now())
    assert (gone["files"], gone["copies"]) == (2, 0)
    with pytest.raises(DatabaseError, match="is refused"), transaction.atomic(using="ledger"), connections["ledger"].cursor() as cursor:
        cursor.execute("DELETE FROM deletion_ledger_certificate")


def test_the_day_has_one_job() -> None:
    tasks.keep_periods()
    tasks.keep_periods()
    assert Job.objects.filter(kind=tasks.EXPIRE).count() == 1


# --- the rules ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("issued", "until"), [("2026-03-14", "2034-12-31"), ("2026-01-01", "2034-12-31"), ("2025-12-31", "2033-12-31")])
def test_an_invoice_stays_eight_years_from_the_end_of_its_year(issued: str, until: str) -> None:
    start = datetime.datetime.fromisoformat(f"{issued}T12:00:00+00:00")
    assert RetentionRule.objects.get(dataset="invoices").ends(start) == datetime.date.fromisoformat(until)


def test_a_type_of_data_has_exactly_one_rule() -> None:
    rule = RetentionRule.objects.get(dataset="invoices")
    rule.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        rule.save(force_insert=True)


def test_every_kept_kind_with_rows_of_a_customer_has_a_rule() -> None:
    ruled = set(RetentionRule.objects.values_list("dataset", flat=True))
    kept = {model._meta.label_lower for model, texts in decisions() if texts is not None and model in ROWS}
    assert kept <= ruled


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_plan_cites_the_norm_of_the_rule(language: str) -> None:
    rules = {rule.dataset: rule for rule in RetentionRule.objects.all()}
    ruled = [(key, texts) for model, texts in decisions() if texts is not None and (key := model._meta.label_lower) in rules]
    assert len(ruled) > 10
    with override(language):
        for key, (_reason, norm, _period) in ruled:
            assert gettext(norm).replace("\u00a0", " ") == rules[key].norm.replace("\u00a0", " "), key


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_rules_are_printed_as_the_deletion_concept(language: str, client: Client) -> None:
    people.provider()
    made = concept.render(language=language, at=timezone.now())
    assert made.content.startswith(b"%PDF")
    with override(language):
        assert {rule.dataset for rule in concept.rules()} >= {"account", "invoices", "dpa.acceptance"}
        parts: list[dict[str, Any]] = concept.decisions_by_part()
        assert sum(len(part["erases"]) for part in parts) > 20
    support = people.staff("support")
    people.log_in(client, support, mfa=True)
    page = client.get(f"/{language}/manage/deletion/concept.pdf")
    assert page.status_code == 200
    assert page["Content-Type"] == "application/pdf"
    people.log_in(client, people.owner(people.customer()))
    assert client.get(f"/{language}/manage/deletion/concept.pdf").status_code in (302, 403, 404)
