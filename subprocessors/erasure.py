"""What the deletion of an account does: notices, objections and agreed terms go; the register holds no data of customers and stays."""

from __future__ import annotations

from django.db.models import Model
from django.utils.translation import gettext_noop as _

from subprocessors.models import (
    AgreedTerms,
    AnnouncedChange,
    Announcement,
    Notice,
    Objection,
    Override,
    Subprocessor,
    SubprocessorList,
    SubprocessorListDocument,
    TermsDeviation,
)

ANNEX = (
    _("Annex of agreements that were concluded; names the people of the provider who wrote and approved it, and nobody else."),
    _("Art. 28(3) and Art. 5(2) GDPR"),
    _("as long as an agreement names it, and six years from the end of that year"),
)

ANNOUNCED = (
    _("What was announced to all customers alike, and by whom of the provider’s people; names no customer."),
    _("Art. 28(2) and Art. 5(2) GDPR"),
    _("as long as the portal is in use"),
)

ERASES: tuple[type[Model], ...] = (Override, Objection, Notice, AgreedTerms, TermsDeviation)
KEEPS: dict[type[Model], tuple[str, str, str]] = {
    SubprocessorList: ANNEX,
    Subprocessor: ANNEX,
    SubprocessorListDocument: ANNEX,
    Announcement: ANNOUNCED,
    AnnouncedChange: ANNOUNCED,
}
