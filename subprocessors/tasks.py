"""Work that an approval or an announcement leaves behind, and work that the calendar asks for."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from jobs.registry import job
from subprocessors import documents, publication, telling
from subprocessors.documents import RENDER
from subprocessors.models import SubprocessorList
from subprocessors.telling import TELL, TELL_WITHDRAWAL


@job(RENDER)
def render(subject: str) -> None:
    """Make the PDFs of the approved list and publish it if its day has come; run twice it does both once."""
    now = timezone.now()
    documents.render_missing(SubprocessorList.objects.get(pk=int(subject)), now)
    publication.put_into_force_if_due(now)


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
    """Move the periods of customers whose mail went out on a later day, remind of those that end, and publish what nothing stands against.

    Run every hour.
    """
    now = timezone.now()
    telling.move_deadlines()
    telling.remind(now)
    publication.put_into_force_if_due(now)
