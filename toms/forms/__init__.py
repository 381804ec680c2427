"""Input about measures, checked; every refusal says what to do."""

from toms.forms.plan import MeasuresPlanForm
from toms.forms.rows import CategoryForm, ControlForm, EvidenceForm, ImportForm, MeasureForm, ReviewForm

__all__ = ["CategoryForm", "ControlForm", "EvidenceForm", "ImportForm", "MeasureForm", "MeasuresPlanForm", "ReviewForm"]
