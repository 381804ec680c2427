"""Legal holds on a company: placed, reviewed on another day, released (Art. 17(3) GDPR)."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from customers.access import StaffRequest, staff_page
from deletion import services
from deletion.forms import HoldForm, ReviewForm
from deletion.models import LegalHold
from deletion.views.acts import page, take
from deletion.views.desk import found


@never_cache
@staff_page("deletion.add_legalhold")
def hold(request: StaffRequest, reference: str) -> HttpResponse:
    """Place a legal hold on the company: whatever runs stops, whatever waits does not begin."""
    case = found(reference)
    if case.customer_reference is None:
        raise Http404
    form = HoldForm(request.POST or None)
    if not form.is_valid():
        return page(request, "desk/hold.html", case, form)
    return take(
        request,
        reference,
        lambda: services.place_hold(customer_reference=case.customer_reference, by=request.user, at=timezone.now(), **form.cleaned_data),
        _("The legal hold stands."),
    )


@staff_page("deletion.add_legalhold")
@require_POST
def release(request: StaffRequest, reference: str, hold: int) -> HttpResponse:
    row = hold_of(found(reference), hold)
    return take(request, reference, lambda: services.release_hold(hold=row, by=request.user, at=timezone.now()), _("The hold is released."))


@never_cache
@staff_page("deletion.add_legalhold")
def move_review(request: StaffRequest, reference: str, hold: int) -> HttpResponse:
    """Have a hold that is still needed reviewed on another day."""
    case = found(reference)
    row, form = hold_of(case, hold), ReviewForm(request.POST or None)
    if not form.is_valid():
        return page(request, "desk/review.html", case, form, hold=row)
    day = form.cleaned_data["review_date"]
    return take(
        request,
        reference,
        lambda: services.move_review(hold=row, review_date=day, by=request.user, at=timezone.now()),
        _("The review is moved."),
    )


def hold_of(case: Any, number: int) -> LegalHold:
    return get_object_or_404(LegalHold, pk=number, customer_reference=case.customer_reference)
