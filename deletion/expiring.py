"""The daily job: what the law made the portal keep goes when its time is over, with a supplement to the certificate."""

from __future__ import annotations

import contextlib
import datetime
import uuid
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

import evidence.services
from deletion import calling, discarding, ledger, parting, stating, supplementing
from deletion.datasets import STORE
from deletion.models import Cancellation, ErasureCertificate, ErasureContact, ErasureRequest, LegalHold
from deletion.retention import DETAILS, rule_of
from dpa.models import Acceptance, ExecutedAgreement, PaperAgreement
from evidence.models import Personal
from notifications.models import Delivery

CANCELLATION = "deletion.cancellation"
KEPT = {
    "dpa.acceptance": "SELECT count(*) FROM dpa_acceptance WHERE customer_id = %s",
    "dpa.acceptanceparty": "SELECT count(*) FROM dpa_acceptanceparty p JOIN dpa_acceptance a ON a.id = p.acceptance_id WHERE a.customer_id = %s",
    "dpa.executedagreement": "SELECT count(*) FROM dpa_executedagreement e JOIN dpa_acceptance a ON a.id = e.acceptance_id WHERE a.customer_id = %s",
    "dpa.serving": "SELECT count(*) FROM dpa_serving WHERE customer_id = %s",
    "dpa.paperagreement": "SELECT count(*) FROM dpa_paperagreement WHERE customer_id = %s",
}
"""What is counted after the deletion, by a statement of its own."""


def expire(*, at: datetime.datetime) -> dict[str, int]:
    """Erase whatever has had its time by the database's clock; return how many rows of each kind. Safe to run again."""
    gone = {"contacts": erase_contacts(at), "addresses": calling.forget(at), "cancellations": erase_cancellations(at), "kept": 0}
    gone |= {"holds": erase_holds(at), "files": 0, "logins": parting.erase_logins(at)}
    for request in ErasureRequest.objects.filter(state=ErasureRequest.State.COMPLETED).order_by("pk"):
        gone["kept"] += erase_kept(request, at)
    while number := erase_files():
        gone["files"] += number
    gone["copies"] = ledger.forget_certificates()
    return gone


@transaction.atomic
def erase_kept(request: ErasureRequest, at: datetime.datetime) -> int:
    """Erase the account's expired rows and issue the supplement in one transaction; a legal hold stops both."""
    documents, commitments = documents_of(request), commitments_of(request)
    with connection.cursor() as cursor:
        cursor.execute("SELECT dataset, number FROM deletion_erase_expired(%s)", [request.number])
        deleted = {dataset: number for dataset, number in cursor.fetchall() if number}
    if not deleted:
        return 0
    discarding.put(documents - documents_of(request), occasion=f"{request.reference}:{at:%Y%m%d}")
    rows = [row_of_contract(dataset, number, request, at) for dataset, number in sorted(deleted.items())]
    assert request.started_at is not None
    until = rule_of(DETAILS).ends(request.started_at)
    rows += redacted([each for dataset in deleted for each in commitments.get(dataset, ())], until=until, at=at)
    supplementing.supplement(request, reason=supplementing.RETENTION, rows=rows, at=at)
    return sum(deleted.values())


def documents_of(request: ErasureRequest) -> set[str]:
    """Return the hashes of the account's own documents; published texts are everybody's and not among them."""
    executed = ExecutedAgreement.objects.filter(acceptance__customer_id=request.number).values_list("sha256", flat=True)
    return {*executed, *PaperAgreement.objects.filter(customer_id=request.number).values_list("document_sha256", flat=True)}


def commitments_of(request: ErasureRequest) -> dict[str, list[str]]:
    """Return by dataset under which commitments details of the account stand beside the ledger; they go with its rows."""
    accepted = Acceptance.objects.filter(customer_id=request.number).values_list("commitment", flat=True)
    on_paper = PaperAgreement.objects.filter(customer_id=request.number).exclude(commitment="").values_list("commitment", flat=True)
    return {"dpa.acceptanceparty": list(accepted), "dpa.paperagreement": list(on_paper)}


def row_of_contract(dataset: str, number: int, request: ErasureRequest, at: datetime.datetime) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(KEPT[dataset], [request.number])
        (left,) = cursor.fetchone()
    assert request.started_at is not None
    return row_of(dataset, number, left, until=rule_of(dataset).ends(request.started_at), at=at)


def row_of(dataset: str, number: int, left: int, *, until: datetime.date, at: datetime.datetime) -> dict[str, Any]:
    return {
        "dataset": dataset,
        "store": STORE,
        "method": "rows deleted",
        "deleted": number,
        "left": left,
        "verified_at": stating.utc(at),
        "norm": rule_of(dataset).norm_en,
        "kept_until": until.isoformat(),
    }


@transaction.atomic
def erase_contacts(at: datetime.datetime) -> int:
    """Delete the recipients of certificates, and the mails to them, when the period after the certificate is over and no hold stands."""
    rule = rule_of("deletion.erasurecontact")
    over = ErasureContact.objects.filter(request__state=ErasureRequest.State.COMPLETED).select_related("request")
    over = over.exclude(request__customer_reference__in=LegalHold.objects.held_accounts())
    expired = [
        contact for contact in over if contact.request.finished_at and rule.ends(contact.request.finished_at) < timezone.localdate(at)
    ]
    certificates = ErasureCertificate.objects.filter(request__in=[contact.request_id for contact in expired])
    references = [*certificates.values_list("reference", flat=True), *(contact.request.reference for contact in expired)]
    for contact in expired:
        letters = Delivery.objects.filter(recipient=contact.email, kind__in=("deletion_started", "deletion_completed"))
        for reference in references:
            letters.filter(key__contains=reference).delete()
        contact.delete()
    return len(expired)


@transaction.atomic
def erase_cancellations(at: datetime.datetime) -> int:
    """Delete cancellations whose period is over and on whose company no hold stands, with a supplement where a certificate names them."""
    rule = rule_of(CANCELLATION)
    free = Cancellation.objects.exclude(customer_reference__in=LegalHold.objects.held_accounts())
    expired = [
        row for row in free.only("received_at", "customer_reference", "commitment") if rule.ends(row.received_at) < timezone.localdate(at)
    ]
    companies = {row.customer_reference for row in expired}
    for reference in sorted(companies, key=str):
        go_with_supplement(reference, [row for row in expired if row.customer_reference == reference], at)
    return len(expired)


def go_with_supplement(reference: uuid.UUID | None, going: list[Cancellation], at: datetime.datetime) -> None:
    """Delete these cancellations and say so in a supplement; of a company that was not deleted there is nothing to supplement."""
    rows = Cancellation.objects.filter(pk__in=[row.pk for row in going])
    until = max(rule_of(CANCELLATION).ends(row.received_at) for row in going)
    details = redacted([row.commitment for row in going], until=until, at=at)
    rows.delete()
    completed = ErasureRequest.objects.filter(state=ErasureRequest.State.COMPLETED)
    request = completed.filter(customer_reference=reference).first() if reference else None
    if request is not None and request.certificates.exists():
        said = [row_of(CANCELLATION, len(going), rows.count(), until=until, at=at), *details]
        supplementing.supplement(request, reason=supplementing.RETENTION, rows=said, at=at)


def redacted(commitments: list[str], *, until: datetime.date, at: datetime.datetime) -> list[dict[str, Any]]:
    """Erase what stands beside the ledger under these commitments and return the row that says so; none where all was gone before."""
    number = 0
    for commitment in commitments:
        with contextlib.suppress(evidence.services.NothingToRedact):
            evidence.services.redact(commitment=bytes.fromhex(commitment), legal_basis="Art. 17(1)(a) GDPR", at=at)
            number += 1
    left = Personal.objects.filter(commitment__in=[bytes.fromhex(each) for each in commitments]).count()
    return [row_of(DETAILS, number, left, until=until, at=at)] if number else []


FILES_AT_ONCE = 100


@transaction.atomic
def erase_files() -> int:
    """Erase files of requests with their certificates, a hundred at most, when their period is over; return how many went.

    The account's fence, tombstone and entry in the ledger stay: nothing of it may come back. A legal hold keeps the file.
    """
    papers = ErasureCertificate.objects.values_list("pdf_sha256", flat=True)
    with connection.cursor() as cursor:
        before = set(papers)
        cursor.execute("SELECT deletion_erase_files(%s)", [FILES_AT_ONCE])
        (number,) = cursor.fetchone()
    if number:
        discarding.put(before - set(papers.all()), occasion=f"files:{timezone.localdate():%Y%m%d}")
    return int(number)


@transaction.atomic
def erase_holds(at: datetime.datetime) -> int:
    """Delete released holds whose period is over."""
    rule, released = rule_of("deletion.legalhold"), LegalHold.objects.exclude(released_at=None)
    expired = [hold.pk for hold in released if hold.released_at and rule.ends(hold.released_at) < timezone.localdate(at)]
    LegalHold.objects.filter(pk__in=expired).delete()
    return len(expired)
