"""What the agreement's app can do; every function is one transaction and writes its own evidence."""

from dpa.announcing import remind
from dpa.publication import AnnexOutdated
from dpa.services.acceptance import (
    Circumstances,
    MayNotSign,
    NotShown,
    Person,
    TextChanged,
    VersionSuperseded,
    accept,
    decline,
    note_serving,
)
from dpa.services.forwarding import ForwardingClosed, TooManyInvitations, close_forwarded, forward, open_forwarded, resend, withdraw
from dpa.services.paper import NotAPdf, import_paper
from dpa.services.sample import load_sample
from dpa.services.versions import (
    BodyLocked,
    Incomplete,
    PdfMissing,
    approve,
    draft_from,
    failed_documents,
    make_documents_again,
    missing_around,
    plan,
    publish,
    reopen,
    save_draft,
    send_test_mail,
)

__all__ = [
    "AnnexOutdated",
    "BodyLocked",
    "Circumstances",
    "ForwardingClosed",
    "Incomplete",
    "MayNotSign",
    "NotAPdf",
    "NotShown",
    "PdfMissing",
    "Person",
    "TextChanged",
    "TooManyInvitations",
    "VersionSuperseded",
    "accept",
    "approve",
    "close_forwarded",
    "decline",
    "draft_from",
    "failed_documents",
    "forward",
    "import_paper",
    "load_sample",
    "make_documents_again",
    "missing_around",
    "note_serving",
    "open_forwarded",
    "plan",
    "publish",
    "remind",
    "reopen",
    "resend",
    "save_draft",
    "send_test_mail",
    "withdraw",
]
