"""The PDFs of a version: ordered with its approval, made once by a job, kept under their hash, and never made again."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import override

import jobs.services
import pdf
from jobs.models import Job
from pdf import storage
from publishing.models import PrintedVersion, PublishedVersion


@dataclass(frozen=True)
class Print:
    """What a PDF is made from, in one language; ``data`` holds the same for programs."""

    title: str
    author: str
    html: str
    data: pdf.Attachment


def render_missing(version: PrintedVersion, documents: Any, of_language: Callable[[str], Print], at: datetime.datetime) -> None:
    """Make the PDF of every language that has none yet; ``documents`` is the version's manager of them.

    The time of approval makes equal versions equal files. A version that was opened again meanwhile needs none.
    """
    if version.approved_at is None:
        return
    made = version.printed()
    for language, _name in settings.LANGUAGES:
        if language not in made:
            with override(language):
                keep(version, documents, language, of_language(language), at)


def keep(version: PrintedVersion, documents: Any, language: str, chosen: Print, at: datetime.datetime) -> None:
    assert version.approved_at is not None
    rendered = pdf.render(
        html=chosen.html,
        title=chosen.title,
        author=chosen.author,
        language=language,
        created_at=version.approved_at,
        attachments=[chosen.data],
    )
    storage.keep(rendered.content)
    facts = {"sha256": rendered.sha256, "pages": rendered.pages, "size": len(rendered.content), "created_at": at}
    documents.get_or_create(language=language, approved_as=version.printed_sha256(), defaults=facts)


# --- the job ----------------------------------------------------------------------------------------------------------


def job_key(kind: str, version: PublishedVersion) -> str:
    """Return the key of the job for exactly this approval and this day."""
    assert version.approved_at is not None
    return f"{kind}:{version.pk}:{version.printed_sha256()}:{version.approved_at:%Y%m%d%H%M%S%f}"


def order(kind: str, version: PublishedVersion) -> None:
    """Have the PDFs of an approved version made, in the caller's transaction."""
    jobs.services.put(kind=kind, key=job_key(kind, version), subject=str(version.pk))


def failed_job(kind: str, version: PublishedVersion) -> Job | None:
    """Return the job of the approved version that gave up, or None."""
    return Job.objects.filter(key=job_key(kind, version), state=Job.State.DEAD).first() if version.approved_at else None


def order_again(kind: str, version: PublishedVersion) -> None:
    """Give a job that gave up all its attempts again; nothing happens while it is still at work."""
    job = failed_job(kind, version)
    if job is not None:
        jobs.services.replay(job=job)
