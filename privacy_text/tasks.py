"""Work around the texts of channels: look for changes, take over what was announced, look at public pages."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from jobs.registry import job
from privacy_text import checking, drifting, publication
from privacy_text.drifting import LOOK, LOOK_AT_COMPANY
from privacy_text.publication import PUBLISH

CHECK = "privacy_text.check"

__all__ = ["CHECK", "LOOK", "LOOK_AT_COMPANY", "PUBLISH", "check", "keep_current", "look", "look_at_company", "publish"]


@job(PUBLISH)
def publish(_subject: str) -> None:
    """Publish the approved texts if their day has come; run twice it does so once."""
    publication.put_into_force_if_due(timezone.now())


@job(LOOK, transactional=False, time_limit=600)
def look(subject: str) -> None:
    """Compare the texts of all channels with templates and facts as they are now; run twice it tells each once."""
    drifting.look_at_all(subject, timezone.now())


@job(LOOK_AT_COMPANY)
def look_at_company(subject: str) -> None:
    """Compare the texts of one company that changed its name or the addresses of a channel."""
    drifting.look_at_company(int(subject), timezone.now())


@job(CHECK, transactional=False, at_most=2)
def check(subject: str) -> None:
    """Look at a company's page; run twice it looks twice."""
    checking.check(int(subject), timezone.now())


@shared_task(name="privacy_text.keep_current")
def keep_current() -> None:
    """Publish what was planned for today, put a look where templates or facts changed, and take over what was announced; run every minute."""
    now = timezone.now()
    publication.put_into_force_if_due(now)
    drifting.look_if_changed(now)
    drifting.take_over_due(now)
