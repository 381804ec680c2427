"""Work that a publication or an announcement leaves behind, and work that the calendar asks for."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from jobs.registry import job
from subprocessors import documents, telling
from subprocessors.models import SubprocessorList

RENDER = "subprocessors.render"
TELL = "subprocessors.tell"
TELL_WITHDRAWAL = "subprocessors.tell_withdrawal"


@job(RENDER)
def render(subject: str) -> None:
    """Make the PDFs of the published list; run twice it makes them once."""
    documents.render_missing(SubprocessorList.objects.get(pk=int(subject)), timezone.now())


@job(TELL, transactional=False, time_limit=600)
def tell(subject: str) -> None:
    """Tell all customers and subscribers in chunks that are kept one by one; run again it goes on where it stood."""
    telling.tell(int(subject), timezone.now())


@job(TELL_WITHDRAWAL, transactional=False, time_limit=600)
def tell_withdrawal(subject: str) -> None:
    """Tell everybody who was told that the announcement is withdrawn."""
    telling.tell_withdrawal(int(subject), timezone.now())


@shared_task(name="subprocessors.keep_time")
def keep_time() -> None:
    """Remind of periods that end, and move those of customers whose mail went out on a later day; run every hour."""
    now = timezone.now()
    telling.move_deadlines()
    telling.remind(now)
