"""Agreements concluded outside the portal: entered by staff with a note, their document kept by its hash."""

from __future__ import annotations

import datetime

from django.db import transaction

from customers.models import Customer, User
from dpa.gate import write_standing
from dpa.models import PaperAgreement
from evidence.services import record
from pdf.storage import keep
from publishing.references import new_reference
from subprocessors.models import AgreedTerms, Authorisation
from subprocessors.services import agree_on_terms

LARGEST = 10 * 1024 * 1024


class NotAPdf(Exception):
    """The document is no PDF or larger than 10 MB."""


@transaction.atomic
def import_paper(
    *,
    customer: Customer,
    document: bytes,
    signed_date: datetime.date,
    ends_date: datetime.date | None,
    signed_for_customer_by: str,
    note: str,
    by: User,
    at: datetime.datetime,
) -> PaperAgreement:
    """Enter an agreement on paper; it opens the gate until its end, or without an end."""
    if not document.startswith(b"%PDF-") or len(document) > LARGEST:
        raise NotAPdf
    sha256 = keep(document)
    reference = new_reference("AVP", at.year)
    facts = {"customer": str(customer.reference), "document_sha256": sha256, "signed_date": signed_date.isoformat()}
    event = record(
        kind="agreement.paper_entered",
        facts=facts,
        subject=reference,
        happened_at=at,
        personal={"signed_for_customer_by": signed_for_customer_by, "note": note, "entered_by": by.email},
    )
    paper = PaperAgreement.objects.create(
        customer=customer,
        reference=reference,
        signed_date=signed_date,
        ends_date=ends_date,
        signed_for_customer_by=signed_for_customer_by,
        note=note,
        document_sha256=sha256,
        document_size=len(document),
        commitment=bytes(event.commitment or b"").hex(),
        imported_by=by,
        imported_at=at,
    )
    write_standing(customer.pk)
    if not AgreedTerms.objects.filter(customer=customer).exists():
        # what the paper says of subprocessors is not known here: silence counts for nothing until somebody records the terms
        agree_on_terms(customer=customer, source="paper", source_number=reference, at=at, authorisation=Authorisation.SPECIFIC)
    return paper
