"""The ledger of deliveries for staff: what waits, went out, came back or failed, and once more."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from customers.access import StaffRequest, staff_page
from jobs.services import NotDead
from notifications import ledger, services
from notifications.forms import DeliveryFilter
from notifications.models import Delivery
from publishing.tables import csv_bytes

SEE, CHANGE = "notifications.view_delivery", "notifications.change_delivery"
ROWS_A_PAGE = 50


@staff_page(SEE)
@require_safe
def deliveries(request: StaffRequest) -> HttpResponse:
    form = DeliveryFilter(request.GET)
    rows = ledger.found(form.cleaned_data if form.is_valid() else {}, request.GET.get("broadcast", ""))
    context = {
        "section": "manage",
        "form": form,
        "page": Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page")),
        "counts": ledger.counts(request.GET.get("broadcast", "")),
        "may_send": request.user.has_perm(CHANGE),
        "broadcast": request.GET.get("broadcast", ""),
    }
    return TemplateResponse(request, "notifications/manage_deliveries.html", context)


@staff_page(SEE)
@require_safe
def deliveries_csv(request: StaffRequest) -> HttpResponse:
    form = DeliveryFilter(request.GET)
    rows = ledger.found(form.cleaned_data if form.is_valid() else {}, request.GET.get("broadcast", ""))
    table = csv_bytes(ledger.header(), (ledger.row(delivery) for delivery in rows.iterator(chunk_size=1000)))
    response = HttpResponse(table, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="deliveries.csv"'
    return response


@staff_page(CHANGE)
@require_POST
def send_again(request: StaffRequest, number: str) -> HttpResponse:
    """Give one failed delivery all its attempts again."""
    delivery = get_object_or_404(Delivery, pk=number)
    try:
        services.send_again(delivery=delivery)
    except (services.NotFailed, NotDead):  # its job may still be on its last attempt
        messages.error(request, _("Only a failed delivery can be sent again."))
    else:
        messages.success(request, _("The delivery is being sent again."))
    return redirect("manage_deliveries")
