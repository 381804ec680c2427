"""The ledger of erasures: a second database with a backup of its own, written before the first row is deleted.

It holds numbers, random references and times, and nothing that could say whom they belonged to.
"""

from __future__ import annotations

from typing import Any

from django.db import connections
from django.db.models import Model

from deletion.models import ErasureCertificate, ErasureRequest, LedgerCertificate, LedgerEntry, Tombstone

ALIAS = "ledger"
TABLES = ("ledgerentry", "ledgercertificate")


class Router:
    """Send the ledger's tables to their own database, and everything else to the other one."""

    def db_for_read(self, model: type[Model], **_hints: Any) -> str | None:
        return ALIAS if getattr(model, "in_ledger", False) else None

    db_for_write = db_for_read

    def allow_migrate(self, db: str, _app_label: str, model_name: str | None = None, **hints: Any) -> bool:
        return (db == ALIAS) == (model_name in TABLES or bool(hints.get(ALIAS)))


def enter(request: ErasureRequest) -> LedgerEntry:
    """Write the entry once per request and return it; whatever the other database raises stops the erasure."""
    entry, _is_new = LedgerEntry.objects.using(ALIAS).get_or_create(
        request_reference=request.reference,
        defaults={
            "customer_number": request.number,
            "customer_reference": request.customer_reference,
            "requested_at": request.requested_at,
            "due_date": request.due_date,
        },
    )
    return entry


def keep_certificates() -> int:
    """Copy every certificate that the ledger does not have yet, and return how many those were; safe to run again."""
    known = set(LedgerCertificate.objects.using(ALIAS).values_list("reference", flat=True))
    missing = ErasureCertificate.objects.exclude(reference__in=known).select_related("request", "supplements").order_by("pk")
    made = [copy_of(certificate) for certificate in missing]
    LedgerCertificate.objects.using(ALIAS).bulk_create(made, ignore_conflicts=True)
    return len(made)


def forget_certificates() -> int:
    """Erase copies of certificates whose file the portal has erased; this database refuses before three years are over."""
    copied = set(LedgerCertificate.objects.using(ALIAS).values_list("request_reference", flat=True))
    closed = copied & set(Tombstone.objects.filter(request_reference__in=copied).values_list("request_reference", flat=True))
    gone = closed - set(ErasureRequest.objects.filter(reference__in=closed).values_list("reference", flat=True))
    with connections[ALIAS].cursor() as cursor:
        cursor.execute("SELECT COALESCE(sum(deletion_ledger_erase(reference)), 0) FROM unnest(%s::text[]) AS reference", [sorted(gone)])
        (number,) = cursor.fetchone()
    return int(number)


def copy_of(certificate: ErasureCertificate) -> LedgerCertificate:
    return LedgerCertificate(
        reference=certificate.reference,
        request_reference=certificate.request.reference,
        kind=certificate.kind,
        supplements=certificate.supplements.reference if certificate.supplements else "",
        canonical=bytes(certificate.canonical),
        pdf_sha256=certificate.pdf_sha256,
        leaf_hash=certificate.leaf_hash,
        signature=certificate.signature,
        public_key=certificate.public_key,
        issued_at=certificate.issued_at,
        language=certificate.request.language,
        data_return=certificate.request.data_return,
    )
