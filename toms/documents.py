"""The PDF of a set: made once when it is approved, kept under its hash, and never made again."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext, override

import pdf
from customers.models import Provider
from pdf import storage
from toms.models import MeasureSet, MeasureSetDocument


def render_missing(measure_set: MeasureSet, at: datetime.datetime) -> None:
    """Make the document of every language that has none yet; the time of approval makes equal sets equal files.

    A set that was opened again meanwhile needs none.
    """
    if not measure_set.approved_at:
        return
    made = measure_set.printed()
    for language, _name in settings.LANGUAGES:
        if language not in made:
            render(measure_set, language, at)


def render(measure_set: MeasureSet, language: str, at: datetime.datetime) -> MeasureSetDocument:
    assert measure_set.approved_at is not None
    provider = Provider.current()
    with override(language):
        title = gettext("Technical and organisational measures")
        context = {
            "title": title,
            "version": measure_set,
            "measures": measure_set.as_annex(language),
            "provider": provider,
            "language": language,
        }
        html = render_to_string("pdf/measures.html", context)
        data = pdf.Attachment(
            name="measures.json", content=measure_set.content_json(), description=gettext("The measures in both languages")
        )
    rendered = pdf.render(
        html=html, title=title, author=provider.legal_name, language=language, created_at=measure_set.approved_at, attachments=[data]
    )
    storage.keep(rendered.content)
    document, _is_new = MeasureSetDocument.objects.get_or_create(
        measure_set=measure_set,
        language=language,
        approved_as=measure_set.printed_sha256(),
        defaults={"sha256": rendered.sha256, "pages": rendered.pages, "size": len(rendered.content), "created_at": at},
    )
    return document
