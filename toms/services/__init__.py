"""What the register of measures can do, by noun; its own services are all named here."""

from toms.coverage import LettersMissing
from toms.exchange import LinesRefused
from toms.files import UnfitFile
from toms.services.drafts import start_draft
from toms.services.rows import StillHolds, import_rows, move_row, remove_row, save_row
from toms.services.upkeep import file_evidence, record_review, remove_evidence
from toms.services.versions import Incomplete, approve, load_sample, plan, publish, reopen, send_test_mail
from toms.weakening import ReplacementMissing, Statement

__all__ = [
    "Incomplete",
    "LettersMissing",
    "LinesRefused",
    "ReplacementMissing",
    "Statement",
    "StillHolds",
    "UnfitFile",
    "approve",
    "file_evidence",
    "import_rows",
    "load_sample",
    "move_row",
    "plan",
    "publish",
    "record_review",
    "remove_evidence",
    "remove_row",
    "reopen",
    "save_row",
    "send_test_mail",
    "start_draft",
]
