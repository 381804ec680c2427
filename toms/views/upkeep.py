"""Between publications: which reviews are due, and the evidence and reviews of one measure."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from customers.access import StaffRequest, staff_page
from publishing.pages import reading_language
from toms import files, pages, services
from toms.forms import EvidenceForm, ReviewForm
from toms.models import EvidenceFile
from toms.wizard import REGISTER

LOOK, EDIT = REGISTER.look, REGISTER.edit


@staff_page(LOOK)
@require_safe
def reviews(request: StaffRequest) -> HttpResponse:
    return TemplateResponse(request, "toms/manage_reviews.html", pages.reviews_page(timezone.localdate(), reading_language()))


@staff_page(LOOK)
def upkeep(request: StaffRequest, key: str) -> HttpResponse:
    """The files and reviews of one measure, through all versions; a form adds to each."""
    context = pages.upkeep_page(key, reading_language())
    if context is None:
        raise Http404
    if request.method == "POST" and not request.user.has_perm(EDIT):
        raise PermissionDenied
    step = request.POST.get("step", "")
    review = ReviewForm(request.POST if step == "review" else None, today=timezone.localdate())
    evidence = EvidenceForm(request.POST if step == "evidence" else None, request.FILES if step == "evidence" else None)
    if step == "review" and review.is_valid():
        services.record_review(measure_key=key, by=request.user, at=timezone.now(), **review.cleaned_data)
        messages.success(request, _("The review is recorded."))
        return redirect("manage_toms_upkeep", key)
    if step == "evidence" and evidence.is_valid():
        file, note = evidence.cleaned_data["file"], evidence.cleaned_data["note"]
        services.file_evidence(measure_key=key, name=file.name, content=evidence.content, note=note, by=request.user, at=timezone.now())
        messages.success(request, _("The file is kept."))
        return redirect("manage_toms_upkeep", key)
    context |= {"review_form": review, "evidence_form": evidence, "may_edit": request.user.has_perm(EDIT)}
    context["form"] = review if step == "review" else evidence
    return TemplateResponse(request, "toms/manage_upkeep.html", context, status=422 if step else 200)


@staff_page(LOOK)
@require_safe
def evidence_file(request: StaffRequest, number: UUID) -> HttpResponse:
    """Give the file away as one to keep, never to be shown or run by the browser."""
    kept = get_object_or_404(EvidenceFile, pk=number)
    response = HttpResponse(files.read(kept.stored_as, kept.sha256), content_type=kept.content_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=kept.name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "no-store"
    return response


@staff_page(EDIT)
@require_POST
def remove_evidence(request: StaffRequest, number: UUID) -> HttpResponse:
    kept = get_object_or_404(EvidenceFile, pk=number)
    services.remove_evidence(evidence_file=kept, by=request.user, at=timezone.now())
    messages.success(request, _("The file is removed."))
    return redirect("manage_toms_upkeep", kept.measure_key)
