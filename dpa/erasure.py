"""What the deletion of an account does to the agreement: concluded contracts stay as long as claims may arise (Art. 17(3)(e) GDPR)."""

from __future__ import annotations

from django.db.models import Model
from django.utils.translation import gettext_noop as _

from dpa.models import (
    Acceptance,
    AcceptanceParty,
    AgreementDocument,
    AgreementText,
    AgreementVersion,
    Decline,
    Delegation,
    ExecutedAgreement,
    PaperAgreement,
    Serving,
)

AFTER_THE_CONTRACT = _("six years from the end of the year in which the deletion of the account begins")
LIMITATION = _("Art. 17(3)(e) GDPR, §§ 195, 199 BGB, § 257(1) no. 2 and (4) HGB")
TEXT = (
    _("The text of agreements that were concluded; names the people of the provider who wrote and approved it, and nobody else."),
    _("Art. 28(3) and (9) and Art. 5(2) GDPR"),
    _("as long as an agreement refers to it, and six years from the end of that year"),
)

ERASES: tuple[type[Model], ...] = (Delegation, Decline)
KEEPS: dict[type[Model], tuple[str, str, str]] = {
    Acceptance: (
        _("Proof that the agreement was concluded; names the version by its hash, and the company by a random reference."),
        LIMITATION,
        AFTER_THE_CONTRACT,
    ),
    AcceptanceParty: (
        _(
            "Who accepted and for whom, with the same details beside the ledger: without it nobody can say with whom the contract was concluded."
        ),
        LIMITATION,
        AFTER_THE_CONTRACT,
    ),
    ExecutedAgreement: (
        _("The concluded agreement as a document, which either party may have to present."),
        LIMITATION,
        AFTER_THE_CONTRACT,
    ),
    PaperAgreement: (
        _("An agreement concluded outside the portal, which either party may have to present."),
        LIMITATION,
        AFTER_THE_CONTRACT,
    ),
    Serving: (
        _("Proof that the text was shown before it was accepted; holds no personal data."),
        LIMITATION,
        AFTER_THE_CONTRACT,
    ),
    AgreementVersion: TEXT,
    AgreementText: TEXT,
    AgreementDocument: TEXT,
}
