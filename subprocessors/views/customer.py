"""A customer's notices: what is to change, until when it can object, its objections and consents."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from customers.access import CustomerRequest, customer_page, role_required
from subprocessors import noticing, services
from subprocessors.forms import ObjectionForm
from subprocessors.models import Notice, Objection
from subprocessors.services.objections import MAY_DECIDE


@require_safe
@never_cache
@customer_page
def notices(request: CustomerRequest) -> HttpResponse:
    now = timezone.now()
    rows = [{"notice": notice, "status": noticing.status_of(notice, now)} for notice in noticing.notices_of(request.customer)[:100]]
    context = {"section": "account", "customer": request.customer, "rows": rows}
    return TemplateResponse(request, "subprocessors/notices.html", context)


@require_safe
@never_cache
@customer_page
def notice(request: CustomerRequest, reference: str) -> HttpResponse:
    """Show everything that the company needs to decide; that somebody opened it is noted."""
    found, now = notice_or_404(request, reference), timezone.now()
    may_decide = not request.roles.isdisjoint(MAY_DECIDE)
    if may_decide and found.seen_at is None:
        services.note_seen(notice=found, at=now)
    context = {"section": "account", "may_decide": may_decide, **noticing.notice_page(found, get_language() or "de", now)}
    return TemplateResponse(request, "subprocessors/notice.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@role_required(*MAY_DECIDE)
def object_to(request: CustomerRequest, reference: str) -> HttpResponse:
    """Ask for the grounds, then object."""
    found, now = notice_or_404(request, reference), timezone.now()
    form = ObjectionForm(request.POST or None)
    if form.is_valid():
        try:
            objection = services.object_to(notice=found, grounds=form.cleaned_data["grounds"], by=request.user, at=now)
        except services.ObjectionTooLate:
            messages.error(request, _("The objection period is over. Write to us if you still have concerns."))
            return redirect("account_notice", reference)
        except services.AlreadyObjected:
            messages.error(request, _("Your company has already objected."))
            return redirect("account_notice", reference)
        return redirect("account_objection", objection.reference)
    context = {"section": "account", "form": form, **noticing.notice_page(found, get_language() or "de", now)}
    return TemplateResponse(request, "subprocessors/object.html", context, status=422 if form.errors else 200)


@require_POST
@role_required(*MAY_DECIDE)
def consent(request: CustomerRequest, reference: str) -> HttpResponse:
    found = notice_or_404(request, reference)
    try:
        services.consent(notice=found, by=request.user, at=timezone.now())
    except services.AlreadyObjected:
        messages.error(request, _("Your company objected. Withdraw the objection first."))
    except services.ObjectionTooLate:
        messages.error(request, _("The announcement was withdrawn."))
    else:
        messages.success(request, _("Your consent is recorded."))
    return redirect("account_notice", reference)


@require_safe
@never_cache
@customer_page
def objection(request: CustomerRequest, reference: str) -> HttpResponse:
    """Where the objection stands; the page stays."""
    found = objection_or_404(request, reference)
    context = {"section": "account", "objection": found, "names": services.objections.names_of(found)}
    return TemplateResponse(request, "subprocessors/objection.html", context | {"may_decide": not request.roles.isdisjoint(MAY_DECIDE)})


@require_POST
@role_required(*MAY_DECIDE)
def withdraw(request: CustomerRequest, reference: str) -> HttpResponse:
    found = objection_or_404(request, reference)
    try:
        services.withdraw_objection(objection=found, by=request.user, at=timezone.now())
    except (services.NotOpen, services.ObjectionTooLate):
        messages.error(request, _("The objection is closed."))
    else:
        messages.success(request, _("The objection is withdrawn."))
    return redirect("account_objection", reference)


def notice_or_404(request: CustomerRequest, reference: str) -> Notice:
    return get_object_or_404(noticing.notices_of(request.customer), announcement__reference=reference)


def objection_or_404(request: CustomerRequest, reference: str) -> Objection:
    rows = Objection.objects.select_related("notice__announcement", "notice__customer")
    return get_object_or_404(rows, reference=reference, notice__customer=request.customer)
