"""Work that a publication leaves behind."""

from __future__ import annotations

from django.utils import timezone

from jobs.registry import job
from subprocessors import documents
from subprocessors.models import SubprocessorList

RENDER = "subprocessors.render"


@job(RENDER)
def render(subject: str) -> None:
    """Make the PDFs of the published list; run twice it makes them once."""
    documents.render_missing(SubprocessorList.objects.get(pk=int(subject)), timezone.now())
