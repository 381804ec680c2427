"""What the deletion of an account does to the register of measures: nothing, since it holds no data of customers."""

from __future__ import annotations

from django.db.models import Model
from django.utils.translation import gettext_noop as _

from toms.models import Category, Control, EvidenceFile, Measure, MeasureSet, MeasureSetDocument, Review, Weakening

ANNEX = (
    _("Annex of agreements that were concluded; names the people of the provider who wrote and approved it, and nobody else."),
    _("Art. 28(3) and Art. 5(2) GDPR"),
    _("as long as an agreement names it, and six years from the end of that year"),
)
PROOF = (
    _("Shows that the provider's measures are in place; names the people of the provider who filed it, and no customer."),
    _("Art. 32(1)(d) and Art. 5(2) GDPR"),
    _("as long as the measure is in force, and three years from the end of that year"),
)

ERASES: tuple[type[Model], ...] = ()
KEEPS: dict[type[Model], tuple[str, str, str]] = {
    MeasureSet: ANNEX,
    Category: ANNEX,
    Control: ANNEX,
    Measure: ANNEX,
    MeasureSetDocument: ANNEX,
    Weakening: ANNEX,
    EvidenceFile: PROOF,
    Review: PROOF,
}
