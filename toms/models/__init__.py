"""Rows of the register of measures, by noun."""

from toms.models.annex import AnnexCategory, AnnexControl
from toms.models.register import Category, Control, Measure, MeasureSet
from toms.models.upkeep import EvidenceFile, MeasureSetDocument, Review, Weakening

__all__ = [
    "AnnexCategory",
    "AnnexControl",
    "Category",
    "Control",
    "EvidenceFile",
    "Measure",
    "MeasureSet",
    "MeasureSetDocument",
    "Review",
    "Weakening",
]
