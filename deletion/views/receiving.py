"""Requests come in: with the public form, or recorded by support; whoever asked sees with reference and code where it stands."""

from __future__ import annotations

import datetime
import hmac
import re
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from customers.access import StaffRequest, staff_page
from customers.secrets import digest
from customers.throttling import is_too_often
from deletion import answers, handling, queue, services
from deletion.forms import SECRET, PublicRequestForm, RecordForm, StatusForm
from deletion.models import CaseFile
from publishing.references import read_reference

READABLE_FOR = datetime.timedelta(days=30)
TOO_OFTEN = gettext_lazy("Too many requests came from your network within one minute. Wait a minute, then send the form again.")


@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("identifier", "email", "message")
def new(request: HttpRequest) -> HttpResponse:
    """The public form; the answer is the same whether or not anything is stored."""
    form, status = PublicRequestForm(request.POST or None), 200
    if form.is_bound:
        status = 422
        if is_too_often(request, "request"):
            form.add_error(None, TOO_OFTEN)
            status = 429
        if form.is_valid():
            secret = form.cleaned_data["secret"]
            services.receive_request(asked=form.asked(), secret=secret, at=timezone.now())
            return redirect("request_received", secret)
    return TemplateResponse(request, "deletion/request_new.html", {"form": form}, status=status)


@require_safe
@login_not_required
@never_cache
def received(request: HttpRequest, secret: str) -> HttpResponse:
    """The receipt, under an address that only the sender knows, for thirty days; the mail says the same for good."""
    rows = CaseFile.objects.filter(recorded_at__gt=timezone.now() - READABLE_FOR).select_related("person")
    case = rows.filter(secret_sha256=digest(secret)).first() if re.match(SECRET, secret) else None
    if case is None:
        raise Http404
    return TemplateResponse(request, "deletion/request_received.html", {"case": case})


@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("code")
def status(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask for the code, then show where the request stands; the code travels in the body, since addresses are logged."""
    form = StatusForm(request.POST or None)
    if not form.is_bound:
        return TemplateResponse(request, "deletion/request_status.html", {"form": form, "reference": reference})
    if is_too_often(request, "request_status"):
        form.add_error(None, TOO_OFTEN)
        return TemplateResponse(request, "deletion/request_status.html", {"form": form, "reference": reference}, status=429)
    case = case_of(reference, form.cleaned_data["code"]) if form.is_valid() else None
    if case is None:
        if form.is_valid():
            form.add_error("code", _("Reference and code do not belong together. Compare both with our e-mail."))
        return TemplateResponse(request, "deletion/request_status.html", {"form": form, "reference": reference}, status=422)
    return answer(request, case, form)


def case_of(reference: str, code: str) -> Any:
    """Return the file when the code is the one that was mailed for it."""
    case = CaseFile.objects.with_status().filter(reference=read_reference(reference) or "").exclude(code_sha256="").first()
    return case if case is not None and hmac.compare_digest(case.code_sha256, digest(code)) else None


def answer(request: HttpRequest, case: Any, form: StatusForm) -> HttpResponse:
    """Show the status, or hand out the copy; whoever has the code reads the mailbox."""
    now = timezone.now()
    services.confirm_mailbox(case=case, at=now)
    case = CaseFile.objects.with_status().get(pk=case.pk)
    if request.POST.get("act") == "copy" and handling.is_copy_readable(case, now):
        response = JsonResponse(handling.copy_for(case), json_dumps_params={"ensure_ascii": False, "indent": 2})
        response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=f"{case.reference}.json") or ""
        return response
    context = {
        "case": case,
        "code": form.cleaned_data["code"],
        "row": queue.as_row(case, timezone.localdate(now)),
        "can_copy": handling.is_copy_readable(case, now),
        "refused_because": answers.REFUSALS[CaseFile.Refusal(case.refusal)] if case.refusal else "",
    }
    return TemplateResponse(request, "deletion/request_seen.html", context)


@never_cache
@staff_page("deletion.add_casefile")
@sensitive_post_parameters("identifier", "email")
def record(request: StaffRequest) -> HttpResponse:
    """Record a request that reached support by letter, mail or telephone."""
    form = RecordForm(request.POST or None)
    if form.is_valid():
        now = timezone.now()
        case, _code = services.record_case(asked=form.asked(), received_at=form.received_at(now), by=request.user, at=now)
        messages.success(request, _("The request is recorded."))
        return redirect("desk_request", case.reference)
    return TemplateResponse(request, "desk/record.html", {"section": "manage", "form": form}, status=422 if form.errors else 200)
