"""The PDF of a set: in the order of the register, and by the headings of Annex III to the standard contractual clauses."""

from __future__ import annotations

import datetime

from django.template.loader import render_to_string
from django.utils.translation import gettext

import pdf
from customers.models import Provider
from publishing import printing
from toms import reading
from toms.models import MeasureSet


def render_missing(measure_set: MeasureSet, at: datetime.datetime) -> None:
    """Make the document of every language that has none yet."""
    printing.render_missing(measure_set, measure_set.documents, lambda language: of_language(measure_set, language), at)


def of_language(measure_set: MeasureSet, language: str) -> printing.Print:
    provider, title = Provider.current(), gettext("Technical and organisational measures")
    context = {
        "title": title,
        "version": measure_set,
        "measures": measure_set.as_annex(language),
        "headings": reading.by_scc_heading(measure_set, language),
        "provider": provider,
        "language": language,
    }
    data = pdf.Attachment(name="measures.json", content=measure_set.content_json(), description=gettext("The measures in both languages"))
    return printing.Print(title=title, author=provider.legal_name, html=render_to_string("pdf/measures.html", context), data=data)
