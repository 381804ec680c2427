"""The page on which a deletion is watched to its end, and its certificate: without a login, since nobody can sign in any more.

The address is signed: whoever got it by mail may look. It shows numbers and nobody's name.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from deletion import verifying
from deletion.letters import is_signature
from deletion.models import ErasureCertificate, ErasureRequest, LegalHold
from deletion.progress import progress_of
from pdf import storage

CONTENTS: dict[str, Callable[[ErasureCertificate], bytes]] = {
    "json": lambda certificate: bytes(certificate.canonical),
    "pdf": lambda certificate: storage.read(certificate.pdf_sha256),
    "sig": verifying.signature_of,
}
LIVE = (ErasureRequest.State.FENCED, ErasureRequest.State.ERASING, ErasureRequest.State.VERIFYING)


def found(reference: str, signature: str) -> ErasureRequest:
    if not is_signature(reference, signature):
        raise Http404
    return get_object_or_404(ErasureRequest, reference=reference)


@never_cache
@login_not_required
@require_safe
def progress(request: HttpRequest, reference: str, signature: str) -> HttpResponse:
    """Show how far the deletion is; a poll that brings nothing new is answered with 204, so that nothing is announced again."""
    erasure = found(reference, signature)
    numbers = progress_of(erasure)
    is_poll = bool(request.headers.get("HX-Request"))
    if is_poll and request.GET.get("seen") == numbers.mark:
        return HttpResponse(status=204)
    certificates = list(erasure.certificates.order_by("pk"))
    context = {
        "section": "account",
        "erasure": erasure,
        "signature": signature,
        "progress": numbers,
        "is_live": erasure.state in LIVE,
        "is_held": erasure.is_held,
        "can_be_withdrawn": erasure.can_be_withdrawn(timezone.now()),
        "held_by_law": LegalHold.objects.standing(erasure.customer_reference).exists(),
        "certificates": certificates,
        "notices": erasure.notices.all(),
        "now": timezone.now(),
    }
    return TemplateResponse(request, "deletion/_progress.html" if is_poll else "deletion/progress.html", context)


@never_cache
@login_not_required
@require_safe
def certificate_file(request: HttpRequest, reference: str, signature: str, certificate: str, form: str) -> HttpResponse:
    """Hand out a certificate as the bytes that were hashed: canonical JSON, PDF, or the signature of the JSON."""
    erasure = found(reference, signature)
    kept = get_object_or_404(ErasureCertificate, request=erasure, reference=certificate)
    if form == "sig" and not kept.signature:
        raise Http404
    content = CONTENTS[form](kept)
    answer = HttpResponse(content, content_type="application/pdf" if form == "pdf" else "application/json")
    answer.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=f"{certificate}.{form}") or "attachment"
    return answer
