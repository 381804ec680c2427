"""The certificate says what was counted and nothing more; what was not counted at zero has none."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from customers.models import Customer
from deletion import attempts, certifying, connectors, execution, letters, proving, services, stepping
from deletion.connectors import Answer, Count, Held, NotCounted, Progress, Scope, StoreFailure, Transient
from deletion.models import ErasureCertificate, ErasureRequest, ErasureStep, RetentionRule
from evidence import canonical
from tests.factories import agreement, erasure
from tests.factories import customers as people
from tests.factories.erasure import CANARY
from tests.pdf import reading

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.usefixtures("verifier")]


@pytest.fixture
def request_of_account() -> ErasureRequest:
    people.provider()
    company, owner = erasure.account(4)
    agreement.accept(company, owner, agreement.published())
    return erasure.due(company, owner)


def test_the_certificate_says_all_that_a_controller_has_to_show(request_of_account: ErasureRequest, client: Client) -> None:
    request = erasure.complete(request_of_account)
    certificate = request.certificates.get()
    document = bytes(certificate.canonical)
    content = json.loads(document)
    assert canonical.encode(content) == document  # RFC 8785: the one form
    assert hashlib.sha256(document).hexdigest() == certificate.sha256
    assert content["claim"] == "logically deleted"
    assert content["backups"]["last_possible_date"] == (timezone.localdate(certificate.issued_at) + datetime.timedelta(days=35)).isoformat()
    kept = {row["dataset"]: row for row in content["kept"]}
    year = timezone.localdate(request.started_at).year
    assert kept["dpa.acceptance"]["until"] == f"{year + 6}-12-31"
    assert "BGB" in kept["dpa.acceptance"]["norm"]
    assert content["agreement"]["version"]
    assert len(content["subprocessors"]) == request.notices.count() > 0
    assert {row["store"] for row in content["datasets"]} == {"files", "database"}
    assert CANARY not in document.decode()
    address = reverse(
        "deletion_certificate", args=[request.reference, letters.signature_of(request.reference), certificate.reference, "pdf"]
    )
    drawn = client.get(address)
    assert drawn.content.startswith(b"%PDF")
    assert hashlib.sha256(drawn.content).hexdigest() == certificate.pdf_sha256
    words = reading.searchable(drawn.content)
    assert certificate.sha256 in words  # it can be read
    assert re.search(r"Uhr\(ME?S?Z\)", words)
    assert not re.search(r"\(CES?T\)", words)
    assert CANARY not in words
    page = client.get(f"/v/{certificate.reference}/", headers={"accept-language": "en"})
    assert page.status_code == 200
    assert certificate.sha256 in page.content.decode()
    assert CANARY not in page.content.decode()
    assert "Set-Cookie" not in page.headers or "session" not in page.headers["Set-Cookie"]
    assert client.get(f"/v/{certificate.reference}/", {"checksum": certificate.pdf_sha256}).context["result"].is_file_ours is True
    assert client.get(f"/v/{certificate.reference}/", {"checksum": "0" * 64}).context["result"].is_file_ours is False
    assert client.get("/v/LZ-2026-0000-0000/").status_code == 404


def test_every_norm_of_a_retention_rule_is_cited_in_german_on_german_paper() -> None:
    rules = list(RetentionRule.objects.all())
    with override("de"):
        cited = {rule.norm_en: rule.norm for rule in rules}
    assert len(cited) > 5
    for norm, german in cited.items():
        assert german != norm
        assert "GDPR" not in german
        assert "no." not in german
    with override("en"):
        assert {rule.norm for rule in rules} == set(cited)


@pytest.mark.usefixtures("not_drawn")
class TestIncomplete:
    """Nothing is certified unless everything was counted at zero."""

    @pytest.mark.parametrize(
        "changes",
        [{"state": "swept", "residual": None}, {"state": "failed", "residual": None}, {"state": "swept", "residual": 0}],
    )
    def test_a_step_that_is_not_verified_has_no_certificate(self, request_of_account: ErasureRequest, changes: dict[str, Any]) -> None:
        request = erasure.run(request_of_account)
        assert request.state == ErasureRequest.State.WAITING
        request.steps.filter(dataset="subscriptions.subscription").update(**changes)
        with pytest.raises(certifying.NotComplete):
            certifying.certify(request, at=timezone.now())

    @pytest.mark.parametrize("changes", [{"residual": None}, {"residual": 3}, {"verified_at": None}])
    def test_the_database_knows_no_verified_step_without_a_zero(self, request_of_account: ErasureRequest, changes: dict[str, Any]) -> None:
        request = erasure.run(request_of_account)
        with pytest.raises(DatabaseError, match="verified_means_counted_zero"), transaction.atomic():
            request.steps.filter(dataset="subscriptions.subscription").update(**changes)

    def test_a_role_that_may_not_read_has_counted_nothing(self, request_of_account: ErasureRequest, settings: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"REVOKE SELECT ON subscriptions_subscription FROM {settings.DATABASE_VERIFIER_ROLE}")
        assert "subscriptions.subscription" in proving.unverifiable()
        request = erasure.run(request_of_account)
        step = request.steps.get(dataset="subscriptions.subscription")
        assert (step.residual, step.last_error, step.state) == (None, "uncounted", "pending" if step.started_at is None else "running")
        assert not ErasureCertificate.objects.exists()

    def test_rows_that_row_security_hides_are_not_counted_as_none(self, request_of_account: ErasureRequest) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            cursor.execute("ALTER TABLE subscriptions_subscription ENABLE ROW LEVEL SECURITY")
        request = erasure.run(request_of_account)
        assert request.steps.get(dataset="subscriptions.subscription").residual is None
        assert not ErasureCertificate.objects.exists()

    @pytest.mark.parametrize(
        "column",
        ["customer_id bigint", "account_id integer", "tenant_id bigint", "company_number bigint", "organisation_id integer"],
    )
    def test_a_table_that_nobody_declared_is_found_in_the_live_catalogue(self, request_of_account: ErasureRequest, column: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TABLE forgotten (id serial PRIMARY KEY, {column})")
            name = column.split()[0]
            cursor.execute(f"INSERT INTO forgotten ({name}) VALUES (%s)", [request_of_account.customer_number])
            cursor.execute("GRANT SELECT ON forgotten TO portal_verifier")
        request = erasure.run(request_of_account)
        assert (request.state, request.blocked_why) == ("blocked", "rows_left")
        assert request.events.filter(code="verification.left", dataset=f"forgotten.{name}").exists()
        assert not ErasureCertificate.objects.exists()

    def test_a_row_that_arrives_before_the_last_verification_is_deleted_first(self, request_of_account: ErasureRequest) -> None:
        request = erasure.run(request_of_account)
        with connection.cursor() as cursor:  # a writer that came past the trigger and the foreign key
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            cursor.execute("ALTER TABLE subscriptions_subscription DISABLE TRIGGER refuse_fenced")
            cursor.execute(
                "SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid = 'subscriptions_subscription'::regclass"
                " AND confrelid = 'customers_customer'::regclass"
            )
            cursor.execute(f"ALTER TABLE subscriptions_subscription DROP CONSTRAINT {cursor.fetchone()[0]}")
        erasure.subscribers(Customer(pk=request.customer_number), 2, "late")
        later = timezone.now() + datetime.timedelta(days=2)
        assert erasure.run(request, at=later).state == ErasureRequest.State.WAITING
        assert request.steps.get(dataset="subscriptions.subscription").deleted == 6
        assert not ErasureCertificate.objects.exists()
        assert erasure.run(request, at=later + datetime.timedelta(days=2)).state == ErasureRequest.State.COMPLETED


class Liar:
    """A store that holds three records of the account and says what the test wants."""

    name = "liar"
    method = "records deleted"

    def __init__(self, erase: Callable[[Liar], Progress], verify: Callable[[Liar], Answer]) -> None:
        self.records, self.erases, self.verifies = {"a", "b", "c"}, erase, verify

    def plant(self, scope: Scope) -> None:
        self.records.add(scope.canary)

    def erase(self, scope: Scope, cursor: str, limit: int) -> Progress:
        return self.erases(self)

    def verify(self, scope: Scope) -> Answer:
        return self.verifies(self)

    def describe(self) -> str:
        return "a store"


def clears(store: Liar) -> Progress:
    number = len(store.records) - 1
    store.records.clear()
    return Progress("", number, is_done=True)


def claims(store: Liar) -> Progress:
    return Progress("", len(store.records), is_done=True)


def fails(_store: Liar) -> Any:
    raise Transient


def counts(store: Liar) -> Answer:
    return Count(len(store.records), len(store.records - {"a", "b", "c"}))


def breaks_when_empty(store: Liar) -> Answer:
    if len(store.records) < 2:
        raise StoreFailure
    return counts(store)


def raises(_store: Liar) -> Any:
    raise TimeoutError("read timed out")  # an error of the client that nobody thought of


def hangs_when_empty(store: Liar) -> Answer:
    if len(store.records) < 2:
        raise TimeoutError("read timed out")
    return counts(store)


def one_by_one(store: Liar) -> Progress:
    """Deletes one, reports another as failed, and calls that the end."""
    store.records.discard("a")
    return Progress("", 3, is_done=True)


def hides_versions(store: Liar) -> Progress:
    """Puts delete markers over the objects: their versions stay readable."""
    store.records = {f"{name}@version" for name in store.records}
    return Progress("", 3, is_done=True)


LIES: dict[str, tuple[Callable[[Liar], Progress], Callable[[Liar], Answer]]] = {
    "says done and leaves everything": (claims, counts),
    "cannot find what was planted": (clears, lambda _store: Count(0)),
    "does not count": (clears, lambda _store: NotCounted("permission")),
    "counts, then fails when it matters": (clears, breaks_when_empty),
    "never answers": (fails, counts),
    "holds records under a lock of its own": (clears, lambda store: Held(1) if not store.records else counts(store)),
    "times out when it is verified": (clears, hangs_when_empty),
    "raises what nobody expected": (raises, counts),
    "ends after an error for some of its records": (one_by_one, counts),
    "keeps every version under a delete marker": (hides_versions, counts),
    "is not permitted to list": (clears, lambda _store: NotCounted("Permanent")),
    "answers with no number": (clears, lambda _store: None),  # type: ignore[dict-item,return-value]
    "has a count that is off by one": (clears, lambda store: Count(len(store.records) + 1, len(store.records - {"a", "b", "c"}))),
    "leaves the planted record alone": (lambda store: Progress("", len(store.records - {"a", "b", "c"}), True), counts),
}


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.usefixtures("not_drawn")
def test_a_store_that_lies_never_leads_to_a_certificate(
    request_of_account: ErasureRequest, monkeypatch: pytest.MonkeyPatch, lie: str
) -> None:
    liar = Liar(*LIES[lie])
    monkeypatch.setattr(connectors, "stores", lambda: {"liar": liar})
    for module in (stepping, proving, certifying, execution):
        monkeypatch.setattr(module, "stores", connectors.stores)
    monkeypatch.setattr(attempts, "FIRST_DELAY", datetime.timedelta(0))
    request = erasure.run(request_of_account)
    request = erasure.run(request, at=timezone.now() + datetime.timedelta(days=2))
    is_held = lie.startswith("holds")
    assert (request.state, request.blocked_why) == ("blocked", "held_elsewhere" if is_held else "step_failed")
    assert request.steps.get(store="liar").state == (ErasureStep.State.HELD if is_held else ErasureStep.State.FAILED)
    assert Customer.objects.filter(pk=request.customer_number).exists()  # the company's own row waits for every store
    assert not ErasureCertificate.objects.exists()


@pytest.mark.usefixtures("not_drawn")
def test_after_the_store_was_mended_a_person_lets_it_go_on(request_of_account: ErasureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    liar = Liar(fails, counts)
    monkeypatch.setattr(connectors, "stores", lambda: {"liar": liar})
    for module in (stepping, proving, certifying, execution):
        monkeypatch.setattr(module, "stores", connectors.stores)
    monkeypatch.setattr(attempts, "FIRST_DELAY", datetime.timedelta(0))
    request, staff = erasure.run(request_of_account), people.staff()
    liar.erases = clears
    services.retry(request=request, by=staff, at=timezone.now())
    request = erasure.complete(request)
    assert request.state == ErasureRequest.State.COMPLETED
    assert request.steps.get(store="liar").deleted == 3
    with pytest.raises(services.NotBlocked):
        services.retry(request=request, by=staff, at=timezone.now())
