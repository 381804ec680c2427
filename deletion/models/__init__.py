"""Rows about leaving: what was asked for, how the erasure went, what stays and what proves it."""

from deletion.models.cases import OPEN_STATUSES, TONES, CaseFile, Status
from deletion.models.engine import ErasureContact, ErasureEvent, ErasureFence, ErasureStep, SubprocessorNotice, Tombstone
from deletion.models.exports import AccountExport
from deletion.models.handwork import HandWork
from deletion.models.machines import MachineRequest, StatusCall
from deletion.models.papers import CaseEvent, CaseNote, CasePerson
from deletion.models.proof import ErasureCertificate, LedgerCertificate, LedgerEntry, LedgerHold
from deletion.models.receipts import Cancellation, ErasureRequest
from deletion.models.retention import LegalHold, RetentionRule

__all__ = [
    "OPEN_STATUSES",
    "TONES",
    "AccountExport",
    "Cancellation",
    "CaseEvent",
    "CaseFile",
    "CaseNote",
    "CasePerson",
    "ErasureCertificate",
    "ErasureContact",
    "ErasureEvent",
    "ErasureFence",
    "ErasureRequest",
    "ErasureStep",
    "HandWork",
    "LedgerCertificate",
    "LedgerEntry",
    "LedgerHold",
    "LegalHold",
    "MachineRequest",
    "RetentionRule",
    "Status",
    "StatusCall",
    "SubprocessorNotice",
    "Tombstone",
]
