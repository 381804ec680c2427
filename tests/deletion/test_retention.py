"""What the law made the portal keep goes when its time is over, not a day before, and a supplement says so."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from customers.models import Customer
from deletion import concept, expiring, services, tasks
from deletion.models import ErasureCertificate, ErasureContact, ErasureRequest, RetentionRule
from deletion.plan import decisions
from deletion.scope import ROWS
from dpa.models import Acceptance, AcceptanceParty, ExecutedAgreement, Serving
from evidence.models import Personal
from jobs.models import Job
from notifications.models import Delivery
from tests.factories import agreement, erasure
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
