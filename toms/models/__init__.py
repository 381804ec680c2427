"""Rows of the register of measures, by noun."""

from toms.models.register import AnnexCategory, AnnexControl, Category, Control, Measure, MeasureSet
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
