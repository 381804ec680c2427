"""Subprocessors of a deletion on the desk: who was told, and who confirmed (Art. 28(4) GDPR)."""

from __future__ import annotations

import hashlib

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from customers.access import StaffRequest, staff_page
from deletion import letters, services
from deletion.forms import CertificateFileForm
from deletion.models import SubprocessorNotice
from deletion.views.acts import page, take
from deletion.views.desk import demand_account, found


@never_cache
@staff_page("deletion.run_casefile")
def subprocessor(request: StaffRequest, reference: str, notice: int) -> HttpResponse:
    """Note that a subprocessor was told, then that it confirmed, with the hash of what it wrote; the file itself is discarded."""
    case = found(reference)
    demand_account(case)
    row = get_object_or_404(SubprocessorNotice, pk=notice, request=case.erasure)
    if request.method == "POST" and row.told_at is None:
        return take(
            request, reference, lambda: services.note_told(notice=row, by=request.user, at=timezone.now()), _("Noted: it was told.")
        )
    form = CertificateFileForm(request.POST or None, request.FILES or None)
    if not form.is_valid():
        more = {"notice": row, "mail": letters.mail_to(row), "has_certificate": case.erasure.certificates.exists()}
        return page(request, "desk/subprocessor.html", case, form, **more)
    document = form.cleaned_data["document"]
    proof = hashlib.sha256(document.read()).hexdigest() if document else form.cleaned_data["checksum"].lower()
    return take(
        request,
        reference,
        lambda: services.note_confirmation(notice=row, proof_sha256=proof, by=request.user, at=timezone.now()),
        _("Noted: it has confirmed the deletion."),
    )
