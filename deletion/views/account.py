"""Delete the account, take the data along: an owner's pages, open while the agreement's gate is closed."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from customers.access import CustomerRequest, role_required
from customers.models import Role
from deletion import letters, scope, services
from deletion.deadlines import GRACE
from deletion.exporting import FILES
from deletion.forms import ErasureForm
from deletion.models import ErasureRequest


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@role_required(Role.OWNER)
def delete(request: CustomerRequest) -> HttpResponse:
    """Show what goes and what stays; then ask for the company's name, the password and the deletion."""
    open_request = ErasureRequest.objects.filter(customer=request.customer).open().first()
    if open_request is not None:
        return redirect("account_delete_status", open_request.reference)
    form = ErasureForm(request.POST or None, customer=request.customer)
    if form.is_valid():
        answer: HttpResponse = ask_for_deletion(request)
        return answer
    context = {
        "section": "account",
        "form": form,
        "customer": request.customer,
        "goes": scope.goes(request.customer),
        "stays": scope.stays(request.customer),
        "grace_days": GRACE.days,
    }
    return TemplateResponse(request, "deletion/delete.html", context, status=422 if form.errors else 200)


@reauthentication_required  # type: ignore[untyped-decorator]  # allauth brings no types
def ask_for_deletion(request: CustomerRequest) -> HttpResponse:
    """Note the request, once the password or second factor was entered within the last minutes."""
    made = services.request_erasure(customer=request.customer, by=request.user, at=timezone.now())
    return redirect("account_delete_status", made.reference)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@role_required(Role.OWNER)
def status(request: CustomerRequest, reference: str) -> HttpResponse:
    """Show where the request stands; until the grace period ends it can be withdrawn here."""
    now = timezone.now()
    found = get_object_or_404(ErasureRequest, customer=request.customer, reference=reference)
    if request.method == "POST":
        try:
            services.withdraw_erasure(request=found, by=request.user, at=now)
            messages.success(request, _("The deletion is withdrawn. Nothing was deleted."))
        except services.TooLateToWithdraw:
            messages.error(request, _("The request can no longer be withdrawn here."))
        return redirect("account_delete_status", reference)
    if found.state not in (ErasureRequest.State.REQUESTED, ErasureRequest.State.WITHDRAWN):
        return redirect(letters.progress_path(found))
    context = {
        "section": "account",
        "progress_url": letters.progress_path(found),
        "erasure": found,
        "can_be_withdrawn": found.can_be_withdrawn(now),
        "days_left": (found.due_date - timezone.localdate(now)).days,
    }
    return TemplateResponse(request, "deletion/status.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@reauthentication_required  # type: ignore[untyped-decorator]
@role_required(Role.OWNER)
def export(request: CustomerRequest) -> HttpResponse:
    """Say what the archive holds, then hand it out."""
    if request.method != "POST":
        return TemplateResponse(request, "deletion/export.html", {"section": "account", "customer": request.customer, "files": FILES})
    now = timezone.now()
    content = services.export_account(customer=request.customer, by=request.user, at=now)
    answer = HttpResponse(content, content_type="application/zip")
    name = f"{_('account')}_{timezone.localdate(now):%Y-%m-%d}.zip"
    answer.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return answer
