"""Delete the account, take the data along: an owner's pages, open while the agreement's gate is closed."""

from __future__ import annotations

import uuid
from typing import IO, Any

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from customers.access import CustomerRequest, role_required
from customers.models import Role
from deletion import contents, handing_over, letters, retention, scope, services
from deletion.forms import ErasureForm
from deletion.models import AccountExport, ErasureRequest, LegalHold


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
        answer: HttpResponse = ask_for_deletion(request, form.cleaned_data["data_return"])
        return answer
    context = {
        "section": "account",
        "form": form,
        "customer": request.customer,
        "export": AccountExport.objects.handed_out(request.customer).first(),
        "goes": scope.goes(request.customer),
        "stays": retention.stays(request.customer, at=timezone.now()),
        "grace_days": settings.ERASURE_GRACE_DAYS,
    }
    return TemplateResponse(request, "deletion/delete.html", context, status=422 if form.errors else 200)


@reauthentication_required  # type: ignore[untyped-decorator]  # allauth brings no types
def ask_for_deletion(request: CustomerRequest, data_return: str) -> HttpResponse:
    """Note the request, once the password or second factor was entered within the last minutes."""
    made = services.request_erasure(customer=request.customer, by=request.user, at=timezone.now(), data_return=data_return)
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
        "is_held": found.is_held,
        "held_by_law": LegalHold.objects.standing(found.customer_reference).exists(),
        "days_left": (found.due_date - timezone.localdate(now)).days,
    }
    return TemplateResponse(request, "deletion/status.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@role_required(Role.OWNER)
def export(request: CustomerRequest) -> HttpResponse:
    """Say what the archive holds, have it made, show how far it is, and lead to the file.

    To have it made and to take it needs the password; to watch it needs the session alone, since a large one takes longer than a
    password is good for.
    """
    if request.method == "POST":
        answer: HttpResponse = ask_for_export(request)
        return answer
    latest = AccountExport.objects.filter(customer=request.customer).first()
    is_poll = bool(request.headers.get("HX-Request"))
    if is_poll and latest is not None and request.GET.get("seen") == mark_of(latest):
        return HttpResponse(status=204)
    context = context_of_export(request, latest)
    return TemplateResponse(request, "deletion/_export.html" if is_poll else "deletion/export.html", context)


@reauthentication_required  # type: ignore[untyped-decorator]
def ask_for_export(request: CustomerRequest) -> HttpResponse:
    services.export_account(customer=request.customer, by=request.user, at=timezone.now())
    return redirect("account_export")


def context_of_export(request: CustomerRequest, latest: AccountExport | None) -> dict[str, Any]:
    return {
        "section": "account",
        "customer": request.customer,
        "export": latest,
        "is_live": latest is not None and latest.is_at_work,
        "mark": mark_of(latest) if latest else "",
        "holds": contents.HOLDS,
        "omits": contents.NOT_INCLUDED,
        "csv_rule": contents.CSV_RULE,
    }


def mark_of(export: AccountExport) -> str:
    return f"{export.state}-{export.percent}"


@require_safe
@never_cache
@reauthentication_required  # type: ignore[untyped-decorator]
@role_required(Role.OWNER)
def export_file(request: CustomerRequest, reference: uuid.UUID) -> HttpResponse:
    """Hand the archive out, to owners of its company alone; when its file is gone, say so where a new one is made."""
    exports = AccountExport.objects.filter(customer=request.customer)
    found = exports.filter(reference=reference, state=AccountExport.State.DONE).first()
    try:
        file = file_of(request, found) if found else None
    except FileNotFoundError:  # it goes a moment before its row
        file = None
    if found is None or file is None:
        context = {**context_of_export(request, exports.exclude(reference=reference).first()), "is_gone": True}
        return TemplateResponse(request, "deletion/export.html", context, status=404)
    name = f"{_('account')}_{timezone.localdate(found.requested_at):%Y-%m-%d}.zip"
    answer: Any = FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")  # streamed
    return answer  # type: ignore[no-any-return]


def file_of(request: CustomerRequest, export: AccountExport) -> IO[bytes]:
    """Return the open file; whoever asks for its headers alone has not taken the data along. Raises FileNotFoundError."""
    if request.method == "HEAD":
        file: IO[bytes] = default_storage.open(handing_over.path_of(export))
        return file
    return handing_over.hand_out(export=export, by=request.user, at=timezone.now())
