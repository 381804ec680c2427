"""Send a stored PDF."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from pdf.storage import read


def pdf_response(sha256: str, name: str) -> HttpResponse:
    """Return the stored bytes, checked against their hash, as a download."""
    response = HttpResponse(read(sha256), content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    response["ETag"] = f'"{sha256}"'
    return response
