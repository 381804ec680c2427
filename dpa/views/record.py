"""The record of processing activities (Art. 30(2) GDPR) for staff: to look at, as PDF and as CSV."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

import pdf
from customers.access import StaffRequest, staff_page
from dpa import recording

SEE = "dpa.view_acceptance"
ROWS_SHOWN = 50
MOST_IN_A_PDF = 1000  # more rows take longer than anybody waits; there are as many PDFs as it takes


@staff_page(SEE)
@require_safe
def page(request: StaffRequest) -> HttpResponse:
    listed = recording.rows(timezone.localdate())
    context = recording.common(get_language() or "de") | {
        "section": "manage",
        "rows": listed[:ROWS_SHOWN],
        "count": len(listed),
        "parts": parts_of(len(listed)),
    }
    return TemplateResponse(request, "dpa/manage_record.html", context)


@dataclass(frozen=True)
class Part:
    """A PDF with some of the companies, counted by name from one."""

    number: int
    first: int
    last: int


def parts_of(count: int) -> list[Part]:
    """Return the PDFs that together hold all companies; without companies one that says so."""
    firsts = range(1, max(count, 1) + 1, MOST_IN_A_PDF)
    return [Part(number, first, min(first + MOST_IN_A_PDF - 1, count)) for number, first in enumerate(firsts, start=1)]


@staff_page(SEE)
@require_safe
def csv_file(request: StaffRequest) -> HttpResponse:
    content = recording.csv_file(recording.rows(timezone.localdate()), recording.common(get_language() or "de"))
    return as_file(content, "text/csv; charset=utf-8", "csv")


@staff_page(SEE)
@require_safe
def pdf_file(request: StaffRequest) -> HttpResponse:
    """Make the document for the day, or with ``?part=`` one of several; it names customers, so it is kept nowhere."""
    now, language = timezone.now(), get_language() or "de"
    facts, listed = recording.common(language), recording.rows(timezone.localdate(now))
    parts = parts_of(len(listed))
    part = next((each for each in parts if str(each.number) == request.GET.get("part", "1")), None)
    if part is None:
        raise Http404
    context = facts | {"rows": listed[part.first - 1 : part.last], "part": part, "parts": parts, "day": timezone.localdate(now)}
    title = _("Record of processing activities (Art. 30(2) GDPR)")
    html = render_to_string("pdf/record.html", context | {"title": title})
    author = facts["provider"].legal_name if facts["provider"] else ""
    made = pdf.render(html=html, title=title, author=author, language=language, created_at=now)
    return as_file(made.content, "application/pdf", "pdf" if len(parts) == 1 else f"{part.number}.pdf")


def as_file(content: bytes, content_type: str, ending: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    name = f"Art-30-2_{timezone.localdate().isoformat()}.{ending}"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    response["Cache-Control"] = "no-store"
    return response
