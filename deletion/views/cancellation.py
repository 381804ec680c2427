"""Cancel the contract in two pages (§ 312k BGB): without signing in, or from the account with the known fields filled."""

from __future__ import annotations

import datetime
import re

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from customers.access import CustomerRequest, role_required
from customers.models import Customer, Role
from customers.secrets import digest
from customers.throttling import is_too_often
from deletion import ending, letters, services
from deletion.forms import SECRET, CancellationForm
from deletion.models import Cancellation

READABLE_FOR = datetime.timedelta(days=30)


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@never_cache
def public(request: HttpRequest) -> HttpResponse:
    """The page behind “Cancel contracts here”."""
    return form_page(request, CancellationForm(request.POST or None), customer=None)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@role_required(Role.OWNER, Role.SIGNATORY)
def of_account(request: CustomerRequest) -> HttpResponse:
    """The same for somebody who signed in: nothing is asked that is known."""
    known = {"name": request.customer.legal_name, "identification": request.user.email, "email": request.user.email}
    return form_page(request, CancellationForm(request.POST or None, initial=known), customer=request.customer)


def form_page(request: HttpRequest, form: CancellationForm, customer: Customer | None) -> HttpResponse:
    """Receive the cancellation, or show the form, with what was entered."""
    status = 200
    if form.is_bound:
        status = 422
        if is_too_often(request, "cancel"):
            form.add_error(
                None, _("Too many cancellations came from your network within one minute. Wait a minute, then send the form again.")
            )
            status = 429
        if form.is_valid():
            return take(form, customer)
    return TemplateResponse(request, "deletion/cancel.html", {"form": form, "customer": customer}, status=status)


def take(form: CancellationForm, customer: Customer | None) -> HttpResponse:
    secret = form.cleaned_data["secret"]
    services.cancel_contract(
        declaration=form.declaration(), secret=secret, language=get_language() or "de", received_at=timezone.now(), customer=customer
    )
    return redirect("cancel_received", secret)


@require_safe
@login_not_required
@never_cache
def received(request: HttpRequest, secret: str) -> HttpResponse:
    """The confirmation, under an address that only the sender knows, for thirty days; the mail says the same for good."""
    found = cancellation_of(secret)
    context = {
        "cancellation": found,
        "secret": secret,
        "ends": letters.ends_in_words(found),
        "ending": ending.of(found),
        "what_follows": ending.in_words(found),
        "received": letters.as_minute(found.received_at),
        "readable_until": timezone.localdate(found.received_at + READABLE_FOR),
    }
    return TemplateResponse(request, "deletion/received.html", context)


@require_safe
@login_not_required
@never_cache
def received_pdf(request: HttpRequest, secret: str) -> HttpResponse:
    """The confirmation to keep; made when it is asked for, so that no copy lies about."""
    found = cancellation_of(secret)
    if is_too_often(request, "cancel_pdf"):
        return HttpResponse(status=429)
    answer = HttpResponse(ending.confirmation_pdf(found), content_type="application/pdf")
    name = _("cancellation_%(reference)s.pdf") % {"reference": found.reference}
    answer.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return answer


def cancellation_of(secret: str) -> Cancellation:
    rows = Cancellation.objects.filter(received_at__gt=timezone.now() - READABLE_FOR)
    found = rows.filter(secret_sha256=digest(secret)).first() if re.match(SECRET, secret) else None
    if found is None:
        raise Http404
    return found
