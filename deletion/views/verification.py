"""The printed address of a certificate of deletion."""

from __future__ import annotations

import hashlib

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from deletion import verifying
from deletion.forms import CertificateFileForm


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def certificate(request: HttpRequest, reference: str) -> HttpResponse:
    """Say whether the certificate is ours, and of a file whether it is; the file is hashed and discarded."""
    form = CertificateFileForm(request.POST or None, request.FILES or None)
    checksum = request.GET.get("checksum", "")
    if request.method == "POST" and form.is_valid():
        document = form.cleaned_data["document"]
        checksum = hashlib.sha256(document.read()).hexdigest() if document else form.cleaned_data["checksum"]
    result = verifying.verify(reference=reference, checksum=checksum)
    context = {"section": "verify", "form": form, "result": result, "reference": reference}
    return TemplateResponse(request, "deletion/verify.html", context, status=200 if result else 404)
