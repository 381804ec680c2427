"""Work that an approval leaves behind, and work that the calendar asks for."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from jobs.registry import job
from toms import documents, publication, reviewing
from toms.models import MeasureSet

RENDER = "toms.render"


@job(RENDER)
def render(subject: str) -> None:
    """Make the PDFs of the approved set and publish it if its day has come; run twice it does both once."""
    now = timezone.now()
    documents.render_missing(MeasureSet.objects.get(pk=int(subject)), now)
    publication.put_into_force_if_due(now)


@shared_task(name="toms.keep_time")
def keep_time() -> None:
    """Publish what was planned for today, and remind of reviews that are due; run every hour."""
    now = timezone.now()
    publication.put_into_force_if_due(now)
    reviewing.remind(now)
