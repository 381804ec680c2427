"""Each day that a certificate names is the one until which the data really stay: they are there on it, and gone on the next."""

from __future__ import annotations

import datetime
import json
import secrets
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone
from django.utils.translation import override

from customers.models import Customer, User
from deletion import calling, certifying, expiring, handling, retention, services
from deletion.models import Cancellation, CasePerson, ErasureCertificate, ErasureContact, ErasureRequest, MachineRequest, StatusCall
from deletion.scope import BY_REFERENCE
from evidence.models import Personal
from tests.factories import agreement, erasure
from tests.factories import customers as people

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.usefixtures("verifier", "not_drawn")]
DAY = datetime.timedelta(days=1)
OF_CONTRACT = {
    "dpa.acceptance": "customer_id",
    "dpa.acceptanceparty": "acceptance__customer_id",
    "dpa.executedagreement": "acceptance__customer_id",
    "dpa.serving": "customer_id",
}
BY_KEY = {model._meta.label_lower: path for model, path in BY_REFERENCE.items()}


def noon(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time(12)))


def cancelled(company: Customer | None, at: datetime.datetime) -> Cancellation:
    said = services.Declaration(kind="ordinary", name="Erika Muster", identification="4711", email="erika@example.com")
    return services.cancel_contract(declaration=said, secret=secrets.token_hex(16), language="de", received_at=at, customer=company)


def held(request: ErasureRequest, by: User, at: datetime.datetime) -> Any:
    day = timezone.localdate(at)
    placed: dict[str, Any] = {"ground": "claims", "file_number": "7 O 12/26", "review_date": day, "by": by, "at": at}
    return services.place_hold(customer_reference=request.customer_reference, **placed)


@pytest.fixture
def request_of_account() -> ErasureRequest:
    """Return the due request of an account that leaves something of every kind that can stay."""
    people.provider()
    company, owner = erasure.account(2)
    staff, now = people.staff(), timezone.now()
    agreement.accept(company, owner, agreement.published())
    for days in (30, 400):
        follows = cancelled(company, now - days * DAY).case_file
        services.reject(case=follows, reason="duplicate", explanation="", by=staff, at=now)
    earlier = services.request_erasure(customer=company, by=owner, at=now - 500 * DAY)
    services.withdraw_erasure(request=earlier, by=owner, at=now - 499 * DAY)
    request = erasure.due(company, owner)
    services.release_hold(hold=held(request, staff, now - 20 * DAY), by=staff, at=now - 19 * DAY)
    services.add_note(case=request.case_file, text="Looked at it.", by=staff, at=now)
    CasePerson.objects.create(case=request.case_file, name="Erika Muster", email="erika@example.com")
    asked = {"subject_request_id": uuid4(), "body_sha256": "0" * 64, "received_at": now, "callback_urls": ["https://example.com/called"]}
    MachineRequest.objects.create(request=request, **asked)
    calling.announce(request)
    return request


def set_clock(moment: datetime.datetime) -> None:
    """Have the database's functions take this for now; the tests cannot wait ten years."""
    path = "clock, public, pg_catalog"
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA IF NOT EXISTS clock")
        said = f"SELECT '{moment.isoformat()}'::timestamptz"
        cursor.execute(f"CREATE OR REPLACE FUNCTION clock.now() RETURNS timestamptz LANGUAGE sql STABLE AS $$ {said} $$")
        cursor.execute(f"SET LOCAL search_path = {path}")
        for function in ("deletion_erase_expired(bigint)", "deletion_erase_files(integer)"):
            cursor.execute(f"ALTER FUNCTION {function} SET search_path = {path}")


def day_passes(day: datetime.date) -> None:
    set_clock(noon(day))
    expiring.expire(at=noon(day))
    handling.forget_people(at=noon(day))


def rows_of(dataset: str, request: ErasureRequest) -> int:
    if dataset == retention.DETAILS:
        return Personal.objects.count()  # they name no company, and there is no other one
    path, value = (BY_KEY[dataset], request.customer_reference) if dataset in BY_KEY else (OF_CONTRACT[dataset], request.number)
    return int(apps.get_model(dataset)._default_manager.filter(**{path: value}).count())


def kept_by(certificate: ErasureCertificate) -> dict[str, dict[str, Any]]:
    return {row["dataset"]: row for row in json.loads(bytes(certificate.canonical))["kept"]}


def test_every_day_of_a_certificate_is_the_one_on_which_the_data_go(request_of_account: ErasureRequest) -> None:
    request = erasure.complete(request_of_account)
    kept = kept_by(request.certificates.get())
    assert kept.keys() >= BY_KEY.keys() | {"dpa.acceptance", "dpa.acceptanceparty", "dpa.serving"}
    before = {dataset: rows_of(dataset, request) for dataset in kept}
    assert all(before.values())
    days = {
        dataset: [datetime.date.fromisoformat(row.get(name, row["until"])) for name in ("first_until", "until")]
        for dataset, row in kept.items()
    }
    assert len({last for _first, last in days.values()}) > 3
    for day in sorted({day for each in days.values() for day in each}):
        day_passes(day)
        on_it = {dataset: rows_of(dataset, request) for dataset in kept}
        day_passes(day + DAY)
        after = {dataset: rows_of(dataset, request) for dataset in kept}
        for dataset, (first, last) in days.items():
            if day == first:
                assert on_it[dataset] == before[dataset] > after[dataset], (dataset, day)
            if day == last:
                assert on_it[dataset] > after[dataset] == 0, (dataset, day)


def test_what_the_page_says_before_is_what_the_certificate_says(request_of_account: ErasureRequest) -> None:
    company = request_of_account.customer
    assert company is not None
    said = {kept.dataset: (kept.first, kept.last) for kept in retention.forecast(company, timezone.now())}
    request = erasure.complete(request_of_account)
    for dataset, row in kept_by(request.certificates.get()).items():
        first, last = said[dataset]
        if dataset in ("deletion.caseperson", "deletion.erasurecontact", "deletion.statuscall"):
            assert abs((datetime.date.fromisoformat(row["until"]) - last).days) <= 1  # the erasure of a test ends a day later
        else:
            assert row["until"] == last.isoformat(), dataset
            assert row.get("first_until", row["until"]) == first.isoformat(), dataset


@pytest.mark.parametrize(("language", "words"), [("de", "Frühestens"), ("en", "At the earliest")])
def test_a_day_that_can_move_on_says_by_what(request_of_account: ErasureRequest, language: str, words: str) -> None:
    request = erasure.complete(request_of_account)
    row = kept_by(request.certificates.get())["deletion.casefile"]
    with override(language):
        assert certifying.in_words_of_rule(row)["depends_on"].startswith(words)
        assert certifying.in_words_of_rule(kept_by(request.certificates.get())["deletion.cancellation"])["depends_on"] == ""


def test_cancellations_of_a_certified_account_go_with_a_supplement_and_no_others(request_of_account: ErasureRequest) -> None:
    living, now = people.customer(), timezone.now()
    for company in (living, None):
        cancelled(company, now - 400 * DAY)
    request = erasure.complete(request_of_account)
    kept = kept_by(request.certificates.get())
    assert (kept["deletion.cancellation"]["number"], kept["evidence.personal"]["number"]) == (2, 3)
    last = datetime.date.fromisoformat(kept_by(request.certificates.get())["deletion.cancellation"]["first_until"])
    assert expiring.erase_cancellations(noon(last)) == 0
    assert expiring.erase_cancellations(noon(last + DAY)) == 3
    supplement = ErasureCertificate.objects.get(kind="supplement")
    assert supplement.request == request
    content = json.loads(bytes(supplement.canonical))
    assert content["reason"] == "retention_expired"
    for dataset, row in zip(("deletion.cancellation", "evidence.personal"), content["datasets"], strict=True):
        assert (row["dataset"], row["deleted"], row["left"], row["kept_until"]) == (dataset, 1, 0, last.isoformat())
    assert Cancellation.objects.count() == 1


def test_a_hold_keeps_cancellations_recipients_people_and_addresses(request_of_account: ErasureRequest) -> None:
    request, staff = erasure.complete(request_of_account), people.staff()
    hold, later = held(request, staff, timezone.now()), timezone.now() + 4000 * DAY
    kinds = (Cancellation, ErasureContact, CasePerson, StatusCall)
    before = [model.objects.count() for model in kinds]
    expiring.expire(at=later)
    handling.forget_people(at=later)
    assert [model.objects.count() for model in kinds] == before
    services.release_hold(hold=hold, by=staff, at=timezone.now())
    expiring.expire(at=later)
    handling.forget_people(at=later)
    assert [model.objects.count() for model in kinds] == [0, 0, 0, 0]


def test_a_cancellation_of_the_public_page_belongs_to_the_account_that_the_desk_links_it_to() -> None:
    people.provider()
    company, staff = people.customer(), people.staff()
    found = cancelled(None, timezone.now())
    assert found.customer_reference is None
    services.link_cancellation(cancellation=found, customer=company, by=staff, at=timezone.now())
    found.refresh_from_db()
    assert found.customer_reference == company.reference


def test_a_request_that_is_still_open_says_that_its_period_has_not_begun(request_of_account: ErasureRequest) -> None:
    cancelled(request_of_account.customer, timezone.now())
    request = erasure.complete(request_of_account)
    kept = kept_by(request.certificates.get())
    assert {kept[f"deletion.{name}"]["depends_on"] for name in ("casefile", "casenote", "caseperson")} == {retention.OPEN}
