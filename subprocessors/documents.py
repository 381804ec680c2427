"""The PDF of a list."""

from __future__ import annotations

import datetime

from django.template.loader import render_to_string
from django.utils.translation import gettext

import pdf
from customers.models import Provider
from publishing import printing
from subprocessors.models import SubprocessorList

RENDER = "subprocessors.render"


def render_missing(subprocessor_list: SubprocessorList, at: datetime.datetime) -> None:
    """Make the document of every language that has none yet."""
    printing.render_missing(subprocessor_list, subprocessor_list.documents, lambda language: of_language(subprocessor_list, language), at)


def of_language(subprocessor_list: SubprocessorList, language: str) -> printing.Print:
    provider, title = Provider.current(), gettext("Subprocessors")
    context = {
        "title": title,
        "version": subprocessor_list,
        "subprocessors": subprocessor_list.as_annex(language),
        "recipients": subprocessor_list.independent_recipients(language),
        "provider": provider,
        "language": language,
    }
    description = gettext("The subprocessors in both languages")
    data = pdf.Attachment(name="subprocessors.json", content=subprocessor_list.content_json(), description=description)
    html = render_to_string("pdf/subprocessors.html", context)
    return printing.Print(title=title, author=provider.legal_name, html=html, data=data)
