"""Entry points of the agreement's background work: load by id, call one work function, safe to run twice."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from dpa import announcing, documents, executing, publication
from dpa.models import Acceptance, AgreementText, AgreementVersion
from evidence.services import seal
from jobs.registry import PermanentFailure, job
from pdf import RenderFailed


@job("dpa.render", at_most=1)
def render(subject: str) -> None:
    """Render the PDF of an approved text; the last one publishes the version if its day has come. Run twice it does both once."""
    now = timezone.now()
    try:
        documents.render_text(AgreementText.objects.select_related("version").get(pk=int(subject)), at=now)
    except RenderFailed as failure:
        raise PermanentFailure(str(failure)) from failure
    publication.put_into_force_if_due(now)


@job("dpa.execute", at_most=1)
def execute(subject: str) -> None:
    """Render the executed agreement and send it."""
    try:
        executing.execute(Acceptance.objects.get(reference=subject), at=timezone.now())
    except RenderFailed as failure:
        raise PermanentFailure(str(failure)) from failure


@job("dpa.seal")
def seal_now(_subject: str) -> None:
    """Give the acceptance's event its place at once."""
    seal(at=timezone.now())


@job("dpa.announce")
def announce(subject: str) -> None:
    """Tell every customer of a new version."""
    announcing.announce(version=AgreementVersion.objects.get(pk=int(subject)))


@shared_task(name="dpa.keep_time")
def keep_time() -> None:
    """Publish what was planned for today, and remind customers in the last week before the gate closes; run every hour."""
    now = timezone.now()
    publication.put_into_force_if_due(now)
    announcing.remind_outstanding(at=now)
