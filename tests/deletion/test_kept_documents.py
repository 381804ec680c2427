"""What is kept goes as a whole when its time is over, with its file and its details beside the ledger, and takes nothing of another account."""

from __future__ import annotations

import datetime
import importlib
import json
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection
from django.db.models import Model
from django.utils import timezone

import evidence.services
from customers.models import Customer, User
from deletion import discarding, expiring, retention, scope, supplementing, tasks
from deletion.models import ErasureCertificate, ErasureRequest, RetentionRule
from dpa.models import PaperAgreement
from dpa.services import import_paper
from evidence.models import Personal
from jobs.models import Job
from pdf import storage
from publishing.models import PrintedDocument
from tests.deletion.test_retention import erased_on, shorten
from tests.factories import agreement, erasure
from tests.factories import customers as people

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.usefixtures("verifier", "not_drawn")]
FRAME = b"%PDF-1.7 the frame agreement of a group of companies"


def paper(company: Customer, staff: User, document: bytes = FRAME) -> PaperAgreement:
    return import_paper(
        customer=company,
        document=document,
        signed_date=timezone.localdate(),
        ends_date=None,
        signed_for_customer_by="Paula Papier",
        note="negotiated",
        by=staff,
        at=timezone.now(),
    )


def expired(company: Customer, owner: User) -> ErasureRequest:
    request = erased_on(erasure.due(company, owner), timezone.now() - datetime.timedelta(days=10))
    assert request.state == ErasureRequest.State.COMPLETED
    shorten()
    expiring.expire(at=timezone.now())
    return request


def discard() -> list[str]:
    """Do the jobs that look after documents, as a worker does after the commit."""
    subjects = list(Job.objects.filter(kind=discarding.DISCARD).order_by("key").values_list("subject", flat=True))
    for sha256 in subjects:
        tasks.discard_document(sha256)
    return subjects


def named_by_paper() -> int:
    return sum(b"Paula Papier" in row.content for row in Personal.objects.all())


# --- documents ----------------------------------------------------------------------------------------------------------


def test_the_document_of_two_accounts_goes_with_the_last() -> None:
    people.provider()
    (company, owner), (other, other_owner), staff = erasure.account(1), erasure.account(1), people.staff()
    paper(company, staff)
    theirs = paper(other, staff)
    own = paper(company, staff, b"%PDF-1.7 of this company alone").document_sha256
    request = expired(company, owner)
    assert not PaperAgreement.objects.filter(customer_id=request.number).exists()
    assert set(discard()) == {theirs.document_sha256, own}
    assert storage.read(theirs.document_sha256) == FRAME
    with pytest.raises(storage.DocumentMissing):
        storage.read(own)
    RetentionRule.objects.filter(dataset="dpa.paperagreement").update(months=72)
    expired(other, other_owner)
    discard()
    with pytest.raises(storage.DocumentMissing):
        storage.read(theirs.document_sha256)


def test_a_document_stays_when_the_supplement_that_tells_of_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    people.provider()
    (company, owner), staff = erasure.account(1), people.staff()
    kept = paper(company, staff)

    def fail(*_arguments: Any, **_options: Any) -> None:
        raise OSError

    monkeypatch.setattr(supplementing, "supplement", fail)
    with pytest.raises(OSError):  # noqa: PT011
        expired(company, owner)
    discard()
    assert PaperAgreement.objects.filter(pk=kept.pk).exists()
    assert storage.read(kept.document_sha256) == FRAME


def test_every_model_that_names_a_kept_document_is_asked() -> None:
    printed = {model for model in apps.get_models() if issubclass(model, PrintedDocument)}
    assert printed <= discarding.NAMED_IN.keys()
    names = {"pdf_sha256", "document_sha256"}
    found: set[type[Model]] = {model for model in apps.get_models() if names & {field.name for field in model._meta.concrete_fields}}
    copies = {"Acceptance", "LedgerCertificate"}  # the one repeats a published document, the other stands in the other database
    assert {model for model in found if model.__name__ not in copies} <= discarding.NAMED_IN.keys()


# --- details beside the ledger ------------------------------------------------------------------------------------------


def test_the_details_of_an_agreement_on_paper_go_with_it() -> None:
    people.provider()
    (company, owner), staff = erasure.account(1), people.staff()
    agreement.accept(company, owner, agreement.published())
    paper(company, staff)
    others = paper(people.customer(), staff)
    assert named_by_paper() == 2
    request = expired(company, owner)
    assert named_by_paper() == 1
    assert Personal.objects.filter(commitment=bytes.fromhex(others.commitment)).exists()
    rows = {row["dataset"]: row for row in json.loads(bytes(ErasureCertificate.objects.get(kind="supplement").canonical))["datasets"]}
    assert (rows["evidence.personal"]["deleted"], rows["evidence.personal"]["left"]) == (2, 0)
    assert not Personal.objects.filter(content__contains=owner.email.encode()).exists()
    assert request.certificates.count() == 2


def test_the_certificate_names_the_details_that_stay_and_deletes_none() -> None:
    people.provider()
    (company, owner), staff = erasure.account(1), people.staff()
    agreement.accept(company, owner, agreement.published())
    paper(company, staff)
    paper(people.customer(), staff)
    said = {row.label: row for row in retention.stays(company, at=timezone.now())}
    assert said[scope.label_of(Personal)].number == 2
    before = Personal.objects.count()
    erasure.complete(erasure.due(company, owner))
    content = json.loads(bytes(ErasureCertificate.objects.get().canonical))
    assert Personal.objects.count() == before
    assert "evidence.personal" not in {row["dataset"] for row in content["datasets"]}
    kept = {row["dataset"]: row for row in content["kept"]}
    assert kept["evidence.personal"]["number"] == 2
    assert kept["evidence.personal"]["until"] == kept["dpa.acceptanceparty"]["until"] == kept["dpa.paperagreement"]["until"]


def test_the_details_have_the_period_of_the_agreements_that_they_belong_to() -> None:
    names = ("start", "months", "days", "to_year_end", "norm_de", "norm_en")
    rules = RetentionRule.objects.filter(dataset__in=["evidence.personal", "dpa.acceptanceparty", "dpa.paperagreement"])
    assert rules.count() == 3
    assert len(set(rules.values_list(*names))) == 1


def test_agreements_on_paper_of_an_earlier_version_find_their_details() -> None:
    people.provider()
    company, staff = people.customer(), people.staff()
    new = paper(company, staff)
    event = evidence.services.record(
        kind="agreement.paper_entered", facts={}, subject="AVP-2026-OLD", happened_at=timezone.now(), personal={"note": "old"}
    )
    facts: dict[str, Any] = {field.attname: getattr(new, field.attname) for field in new._meta.concrete_fields if not field.primary_key}
    old = PaperAgreement.objects.create(**{**facts, "reference": "AVP-2026-OLD", "commitment": ""})
    migration = importlib.import_module("dpa.migrations.0006_commitments_of_paper")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(migration.FIND)
    old.refresh_from_db()
    assert old.commitment == bytes(event.commitment or b"").hex()
    assert PaperAgreement.objects.get(pk=new.pk).commitment == new.commitment
    with pytest.raises(DatabaseError, match="is refused"):
        PaperAgreement.objects.filter(pk=old.pk).update(commitment="")
