from dpa.models.acceptance import Acceptance, AcceptanceParty, Channel, Decline, Delegation, ExecutedAgreement, PaperAgreement, Serving
from dpa.models.version import AgreementDocument, AgreementText, AgreementVersion

__all__ = [
    "Acceptance",
    "AcceptanceParty",
    "AgreementDocument",
    "AgreementText",
    "AgreementVersion",
    "Channel",
    "Decline",
    "Delegation",
    "ExecutedAgreement",
    "PaperAgreement",
    "Serving",
]
