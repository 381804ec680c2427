"""Between publications: evidence is filed, measures are reviewed."""

from __future__ import annotations

import datetime
import hashlib
import uuid
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction

import evidence.services
from toms import files
from toms.models import EvidenceFile, Review

if TYPE_CHECKING:
    from customers.models import User


@transaction.atomic
def file_evidence(*, measure_key: str, name: str, content: bytes, note: str, by: User, at: datetime.datetime) -> EvidenceFile:
    """File evidence for a measure. Raises files.UnfitFile."""
    content_type = files.type_of(name, content)
    number = uuid.uuid4()
    return EvidenceFile.objects.create(
        id=number,
        measure_key=measure_key,
        name=name[-150:],
        note=note,
        content_type=content_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        stored_as=files.keep(number, content),
        added_by=by,
        added_at=at,
    )


@transaction.atomic
def remove_evidence(*, evidence_file: EvidenceFile, by: User, at: datetime.datetime) -> None:
    """Remove a file; the ledger keeps that it was there, by its hash."""
    facts = {"measure": evidence_file.measure_key, "sha256": evidence_file.sha256, "removed_by": str(by.pk)}
    evidence.services.record(kind="toms.evidence_removed", facts=facts, subject=f"evidence-file:{evidence_file.pk}", happened_at=at)
    transaction.on_commit(partial(files.forget, evidence_file.stored_as))
    evidence_file.delete()


@transaction.atomic
def record_review(*, measure_key: str, next_review_date: datetime.date, note: str, by: User, at: datetime.datetime) -> Review:
    """Write down that somebody looked at a measure and found it in place; the next review counts from here."""
    return Review.objects.create(measure_key=measure_key, reviewed_by=by, reviewed_at=at, next_review_date=next_review_date, note=note)
