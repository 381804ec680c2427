"""What the rest of the portal does with the ledger: record, redact, seal. No feature reads from it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from evidence import canonical, merkle
from evidence.models import Event, Personal
from evidence.sealing import seal

__all__ = ["NothingToRedact", "record", "redact", "seal"]


class NothingToRedact(LookupError):
    """No personal data are stored under this commitment (any more)."""


def record(*, kind: str, facts: Mapping[str, Any], subject: str, happened_at: datetime, personal: Mapping[str, str] | None = None) -> Event:
    """Append one event in the caller's transaction, by one plain INSERT; personal data go to the erasable table.

    Facts and subject hold no personal data: they cannot be erased. Raises canonical.NotCanonical, before anything is
    written, for floats, integers beyond 2^53 - 1 and times without zone.
    """
    kept = committed(personal) if personal is not None else None
    commitment = kept.commitment if kept else None
    content = canonical.event_bytes(
        log=settings.EVIDENCE_LOG, kind=kind, subject=subject, happened_at=happened_at, facts=facts, commitment=commitment
    )
    with transaction.atomic(savepoint=False):
        if kept:
            kept.save(force_insert=True)
        return Event.objects.create(canonical=content, leaf_hash=merkle.leaf(content), commitment=commitment)


def committed(personal: Mapping[str, str]) -> Personal:
    """Return the row that will stand beside the ledger, with the commitment that the ledger holds instead of the data."""
    salt = secrets.token_bytes(canonical.SALT_LENGTH)
    content = canonical.encode(personal)
    return Personal(commitment=canonical.commitment_of(salt=salt, content=content), salt=salt, content=content)


@transaction.atomic
def redact(*, commitment: bytes, legal_basis: str, at: datetime) -> Event:
    """Erase the personal data under the commitment with their salt and record that it was done (Art. 17 GDPR).

    All proofs stay valid. A restored backup brings the data back: redact them again. Raises NothingToRedact.
    """
    deleted, _ = Personal.objects.filter(commitment=commitment).delete()
    if not deleted:
        raise NothingToRedact(commitment.hex())
    facts = {"commitment": commitment.hex(), "legal_basis": legal_basis}
    return record(kind="redacted", facts=facts, subject=f"commitment:{commitment.hex()}", happened_at=at)
