"""What people enter: filters, entries of the register and files of them, announcements, objections, agreed terms."""

from subprocessors.forms.entries import CSV_COLUMNS, EntryForm, ImportForm, TransferRules
from subprocessors.forms.notices import (
    AnnounceForm,
    AnswerForm,
    DeviationForm,
    FilterForm,
    ObjectionForm,
    OutcomeForm,
    ReasonForm,
)

__all__ = [
    "CSV_COLUMNS",
    "AnnounceForm",
    "AnswerForm",
    "DeviationForm",
    "EntryForm",
    "FilterForm",
    "ImportForm",
    "ObjectionForm",
    "OutcomeForm",
    "ReasonForm",
    "TransferRules",
]
