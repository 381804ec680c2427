"""Documents whose row has gone: they lie under their hash, so that one file may be named by two accounts, and goes with the last."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Model

import jobs.services
from deletion.models import ErasureCertificate
from dpa.models import AgreementDocument, ExecutedAgreement, PaperAgreement
from pdf.storage import forget
from subprocessors.models import SubprocessorListDocument
from toms.models import MeasureSetDocument

DISCARD = "deletion.discard_document"
NAMED_IN: dict[type[Model], str] = {
    AgreementDocument: "sha256",
    ErasureCertificate: "pdf_sha256",
    ExecutedAgreement: "sha256",
    MeasureSetDocument: "sha256",
    PaperAgreement: "document_sha256",
    SubprocessorListDocument: "sha256",
}
"""Every model whose rows name a kept document, of whichever account or of nobody, and the field with the hash."""


def put(hashes: Iterable[str], *, occasion: str) -> None:
    """Have these documents looked at once the caller's transaction stands: a file that was deleted before would not come back with it."""
    for sha256 in sorted(hashes):
        jobs.services.put(kind=DISCARD, key=f"{DISCARD}:{occasion}:{sha256}", subject=sha256)


def discard(sha256: str) -> bool:
    """Delete the document unless a row names it; return whether it went. Safe to run again."""
    is_named = any(model._default_manager.filter(**{field: sha256}).exists() for model, field in NAMED_IN.items())  # noqa: SLF001
    if not is_named:
        forget(sha256)
    return not is_named
