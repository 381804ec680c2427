"""The ledger of erasures: a second database with a backup of its own, written before the first row is deleted.

It holds numbers, random references and times, and nothing that could say whom they belonged to.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from deletion.models import ErasureRequest, LedgerEntry

ALIAS = "ledger"


class Router:
    """Send the ledger's one table to its own database, and everything else to the other one."""

    def db_for_read(self, model: type[Model], **_hints: Any) -> str | None:
        return ALIAS if getattr(model, "in_ledger", False) else None

    db_for_write = db_for_read

    def allow_migrate(self, db: str, _app_label: str, model_name: str | None = None, **hints: Any) -> bool:
        return (db == ALIAS) == (model_name == "ledgerentry" or bool(hints.get(ALIAS)))


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
