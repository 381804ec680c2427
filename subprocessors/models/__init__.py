"""Rows of the register of subprocessors, of announced changes and of what customers agreed on."""

from subprocessors.models.annex import AnnexEntry
from subprocessors.models.announcement import AnnouncedChange, Announcement
from subprocessors.models.document import SubprocessorListDocument
from subprocessors.models.entry import Subprocessor
from subprocessors.models.lists import SubprocessorList
from subprocessors.models.notices import Notice, Objection, Override
from subprocessors.models.terms import AgreedTerms, Authorisation, TermsDeviation

__all__ = [
    "AgreedTerms",
    "AnnexEntry",
    "AnnouncedChange",
    "Announcement",
    "Authorisation",
    "Notice",
    "Objection",
    "Override",
    "Subprocessor",
    "SubprocessorList",
    "SubprocessorListDocument",
    "TermsDeviation",
]
