"""Work that a publication leaves behind."""

from __future__ import annotations

from django.utils import timezone

from jobs.registry import job
from toms import documents
from toms.models import MeasureSet

RENDER = "toms.render"


@job(RENDER)
def render(subject: str) -> None:
    """Make the PDFs of the published set; run twice it makes them once."""
    documents.render_missing(MeasureSet.objects.get(pk=int(subject)), timezone.now())
