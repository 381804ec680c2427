"""The PDF of a list: made once when it is published, kept under its hash, and never made again."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext, override

import pdf
from customers.models import Provider
from pdf import storage
from subprocessors.models import SubprocessorList, SubprocessorListDocument


def render_missing(subprocessor_list: SubprocessorList, at: datetime.datetime) -> None:
    """Make the document of every language that has none yet; the time of publication makes equal lists equal files."""
    made = set(subprocessor_list.documents.values_list("language", flat=True))
    for language, _name in settings.LANGUAGES:
        if language not in made:
            render(subprocessor_list, language, at)


def render(subprocessor_list: SubprocessorList, language: str, at: datetime.datetime) -> SubprocessorListDocument:
    assert subprocessor_list.published_at is not None
    provider = Provider.current()
    with override(language):
        title = gettext("Subprocessors")
        rows = {"subprocessors": subprocessor_list.as_annex(language), "recipients": subprocessor_list.independent_recipients(language)}
        html = render_to_string(
            "pdf/subprocessors.html", {"title": title, "version": subprocessor_list, "provider": provider, "language": language, **rows}
        )
        description = gettext("The subprocessors in both languages")
    rendered = pdf.render(
        html=html,
        title=title,
        author=provider.legal_name,
        language=language,
        created_at=subprocessor_list.published_at,
        attachments=[pdf.Attachment(name="subprocessors.json", content=subprocessor_list.content_json(), description=description)],
    )
    storage.keep(rendered.content)
    return SubprocessorListDocument.objects.create(
        subprocessor_list=subprocessor_list,
        language=language,
        sha256=rendered.sha256,
        pages=rendered.pages,
        size=len(rendered.content),
        created_at=at,
    )
