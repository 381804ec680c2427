"""What the deletion of an account does to the requests that led to it and to cancellations (Art. 17(3)(b) and (e) GDPR)."""

from __future__ import annotations

from django.db.models import Model
from django.utils.translation import gettext_noop as _

from deletion.models import (
    AccountExport,
    Cancellation,
    CaseEvent,
    CaseFile,
    CaseNote,
    CasePerson,
    ErasureCertificate,
    ErasureContact,
    ErasureEvent,
    ErasureFence,
    ErasureRequest,
    ErasureStep,
    HandWork,
    LedgerCertificate,
    LedgerEntry,
    LedgerHold,
    LegalHold,
    MachineRequest,
    RetentionRule,
    StatusCall,
    SubprocessorNotice,
    Tombstone,
)

FILE_PERIOD = _(
    "three years from the end of the year in which it ended; where an account was deleted, of the year of the last supplement to the"
    " certificate, and one follows when the account’s agreements and cancellations go"
)
FILE = (
    _("Shows how the deletion was carried out and verified; holds numbers, codes, times and random references."),
    _("Art. 5(2) GDPR, §§ 195, 199 BGB"),
    FILE_PERIOD,
)
NEVER_AGAIN = (
    _("Keeps an erased account from coming back: by a late message, a stale client or a restored backup. Names it by random references."),
    _("Art. 5(1)(f) and Art. 17(1) GDPR"),
    _("as long as the portal is in use"),
)

ERASES: tuple[type[Model], ...] = (AccountExport,)
KEEPS: dict[type[Model], tuple[str, str, str]] = {
    ErasureRequest: (
        _(
            "Shows that deletion was asked for and until when it was due; afterwards it names company and people by random references at most."
        ),
        _("Art. 5(2) GDPR, §§ 195, 199 BGB"),
        FILE_PERIOD,
    ),
    Cancellation: (
        _("A commercial letter that ended or was to end a contract, with the same details beside the ledger."),
        _("§ 257(1) no. 2 and (4) HGB, § 147(1) no. 2 and (3) AO"),
        _("six years from the end of the year of receipt"),
    ),
    ErasureContact: (
        _("Where the certificate of deletion is sent, since the account is gone by then."),
        _("Art. 12(3) GDPR"),
        _("30 days from the certificate"),
    ),
    CaseFile: FILE,
    CaseEvent: FILE,
    CaseNote: (
        _("What staff decided about a request and why; notes name a customer’s people only where the decision needs it."),
        _("Art. 5(2) GDPR, §§ 195, 199 BGB"),
        FILE_PERIOD,
    ),
    CasePerson: (
        _("Who asked, so that the answer reaches the person; an identifier goes as soon as it was erased."),
        _("Art. 12(3) GDPR"),
        _("30 days from the end of the request"),
    ),
    HandWork: FILE,
    ErasureStep: FILE,
    ErasureEvent: FILE,
    ErasureCertificate: FILE,
    LedgerCertificate: FILE,
    SubprocessorNotice: FILE,
    LegalHold: (
        _("Shows who forbade a deletion, for how long and on which ground."),
        _("Art. 5(2) and Art. 17(3) GDPR"),
        _("three years from the end of the year of the release"),
    ),
    MachineRequest: (
        _("Under which number a system of the company asked for the deletion; the addresses that it named are emptied."),
        _("Art. 5(2) GDPR, §§ 195, 199 BGB"),
        FILE_PERIOD,
    ),
    StatusCall: (
        _("Tells the system that asked how its request goes."),
        _("Art. 12(3) GDPR"),
        _("30 days from the certificate"),
    ),
    ErasureFence: NEVER_AGAIN,
    Tombstone: NEVER_AGAIN,
    LedgerEntry: NEVER_AGAIN,
    LedgerHold: (
        _("Keeps a held account from being erased after a restored backup. Names it by a random reference."),
        _("Art. 5(1)(f) and Art. 17(3) GDPR"),
        _("as long as the portal is in use"),
    ),
    RetentionRule: (
        _("The periods themselves; say nothing about a customer."),
        _("not personal data of the customer"),
        _("as long as the portal is in use"),
    ),
}
