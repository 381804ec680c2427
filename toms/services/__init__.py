"""What the register of measures can do, by noun; its own services are all named here."""

from toms.coverage import LettersMissing
from toms.services.drafts import start_draft
from toms.services.versions import Incomplete, approve, job_key, load_sample, make_documents_again, plan, publish, reopen, send_test_mail
from toms.weakening import ReplacementMissing, Statement

__all__ = [
    "Incomplete",
    "LettersMissing",
    "ReplacementMissing",
    "Statement",
    "approve",
    "job_key",
    "load_sample",
    "make_documents_again",
    "plan",
    "publish",
    "reopen",
    "send_test_mail",
    "start_draft",
]
