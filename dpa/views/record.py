"""The record of processing activities (Art. 30(2) GDPR) for staff: to look at, as PDF and as CSV."""

from __future__ import annotations

from django.http import HttpResponse
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
MOST_IN_A_PDF = 1000  # more rows take longer than anybody waits; the table holds all of them


@staff_page(SEE)
@require_safe
def page(request: StaffRequest) -> HttpResponse:
    listed = recording.rows(timezone.localdate())
    context = recording.common(get_language() or "de") | {
        "section": "manage",
        "rows": listed[:ROWS_SHOWN],
        "count": len(listed),
        "has_pdf": len(listed) <= MOST_IN_A_PDF,
        "most": MOST_IN_A_PDF,
    }
    return TemplateResponse(request, "dpa/manage_record.html", context)


@staff_page(SEE)
@require_safe
def csv_file(request: StaffRequest) -> HttpResponse:
    content = recording.csv_file(recording.rows(timezone.localdate()), recording.common(get_language() or "de"))
    return as_file(content, "text/csv; charset=utf-8", "csv")


@staff_page(SEE)
@require_safe
def pdf_file(request: StaffRequest) -> HttpResponse:
    """Make the document for the day; it names customers, so it is kept nowhere."""
    now, language = timezone.now(), get_language() or "de"
    facts = recording.common(language)
    context = facts | {"rows": recording.rows(timezone.localdate(now))[:MOST_IN_A_PDF], "day": timezone.localdate(now)}
    title = _("Record of processing activities (Art. 30(2) GDPR)")
    html = render_to_string("pdf/record.html", context | {"title": title})
    author = facts["provider"].legal_name if facts["provider"] else ""
    made = pdf.render(html=html, title=title, author=author, language=language, created_at=now)
    return as_file(made.content, "application/pdf", "pdf")


def as_file(content: bytes, content_type: str, ending: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    name = f"Art-30-2_{timezone.localdate().isoformat()}.{ending}"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    response["Cache-Control"] = "no-store"
    return response
