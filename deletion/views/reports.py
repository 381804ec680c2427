"""Figures of the desk, and the cancellations of contracts that came in."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from customers.access import StaffRequest, staff_page
from deletion import ending, queue, reporting, services
from deletion.models import Cancellation, CaseFile
from notifications.models import Delivery
from publishing.tables import csv_bytes

ROWS_A_PAGE = 25


@never_cache
@staff_page("deletion.view_casefile")
@require_safe
def reports(request: StaffRequest) -> HttpResponse:
    """What came in by month, what ended in time, and the median days until the end."""
    context = {"section": "manage", "months": reporting.months(timezone.localdate())}
    return TemplateResponse(request, "desk/reports.html", context)


@never_cache
@staff_page("deletion.view_casefile")
@require_safe
def reports_csv(request: StaffRequest) -> HttpResponse:
    header = [_("Month"), _("Received"), _("Ended"), _("In time"), _("Open"), _("Median days")]
    rows = ([f"{month.first:%Y-%m}", *map(as_cell, month[1:])] for month in reporting.months(timezone.localdate()))
    response = HttpResponse(csv_bytes(header, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="requests.csv"'
    return response


def as_cell(number: float | None) -> str:
    return "" if number is None else str(number)


@never_cache
@staff_page("deletion.view_cancellation")
@require_safe
def cancellations(request: StaffRequest) -> HttpResponse:
    """Contracts that customers cancelled, the newest first, with a search in the address."""
    search = request.GET.get("q", "").strip()
    found = Cancellation.objects.select_related("customer")
    if search:
        found = found.filter(Q(reference__icontains=search) | Q(name__icontains=search) | Q(identification__iexact=search))
    page = Paginator(found, ROWS_A_PAGE).get_page(request.GET.get("page"))
    rows = [{"cancellation": row, "ends_date": ending.end_of_contract(row)} for row in page]
    return TemplateResponse(request, "desk/cancellations.html", {"section": "manage", "page": page, "rows": rows, "q": search})


@never_cache
@staff_page("deletion.view_cancellation")
@require_safe
def cancellation(request: StaffRequest, reference: str) -> HttpResponse:
    """One cancellation: kind, effective day, the deletion that follows, whose contract it ends, and when the confirmation went out."""
    row = get_object_or_404(Cancellation.objects.select_related("customer"), reference=reference)
    case = CaseFile.objects.with_status().filter(cancellation=row).first()
    search = request.GET.get("company", "" if row.customer_id else row.identification).strip()
    is_undecided = case is None or (case.state == "open" and case.erasure_id is None)
    may_link = request.user.has_perm("deletion.verify_casefile") and is_undecided
    may_link = may_link and (case is None or not ending.is_from_account(row))
    context = {
        "section": "manage",
        "cancellation": row,
        "ending": ending.of(row),
        "case": queue.as_row(case, timezone.localdate()) if case else None,
        "may_link": may_link,
        "company": search,
        "companies": queue.customers_like(search) if may_link else [],
        "confirmation": Delivery.objects.filter(key=f"cancellation_received:{row.reference}").first(),
    }
    return TemplateResponse(request, "desk/cancellation.html", context)


@staff_page("deletion.verify_casefile")
@require_POST
def link(request: StaffRequest, reference: str) -> HttpResponse:
    """Say whose contract the cancellation ends; until the deletion is approved another choice corrects it."""
    row = get_object_or_404(Cancellation, reference=reference)
    companies = queue.customers_like(request.POST.get("customer", ""))
    if len(companies) != 1:
        messages.error(request, _("Choose the customer whose contract is meant."))
        return redirect("desk_cancellation", reference)
    try:
        services.link_cancellation(cancellation=row, customer=companies[0], by=request.user, at=timezone.now())
    except services.Closed:
        messages.error(request, _("The deletion is approved, or the request has ended. Nothing was changed."))
        return redirect("desk_cancellation", reference)
    except services.CustomerSettled:
        messages.error(request, _("It was cancelled from this customer’s account. Nothing was changed."))
        return redirect("desk_cancellation", reference)
    messages.success(request, _("The cancellation belongs to this customer now."))
    return redirect("desk_cancellation", reference)
