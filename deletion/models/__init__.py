"""Rows about leaving: what was asked for, how the erasure went, what stays and what proves it."""

from deletion.models.engine import ErasureContact, ErasureEvent, ErasureFence, ErasureStep, SubprocessorNotice, Tombstone
from deletion.models.proof import ErasureCertificate, LedgerEntry
from deletion.models.receipts import Cancellation, ErasureRequest
from deletion.models.retention import LegalHold, RetentionRule

__all__ = [
    "Cancellation",
    "ErasureCertificate",
    "ErasureContact",
    "ErasureEvent",
    "ErasureFence",
    "ErasureRequest",
    "ErasureStep",
    "LedgerEntry",
    "LegalHold",
    "RetentionRule",
    "SubprocessorNotice",
    "Tombstone",
]
