"""The desk of the provider's support: find a subscription by its identifier and end it. And the customer's own numbers and switch."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from customers.access import CustomerRequest, StaffRequest, role_required, staff_page
from customers.models import Role
from subscriptions import services
from subscriptions.forms import CancelForm, LookUpForm
from subscriptions.models import StatisticsSwitch, Subscription


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters("identifier")
@staff_page("subscriptions.view_subscription")
def look_up(request: StaffRequest) -> HttpResponse:
    """Look an identifier up; it travels in the body of the request, since addresses are logged."""
    form = LookUpForm(request.POST or None)
    context = {"section": "manage", "form": form, "may_cancel": request.user.has_perm("subscriptions.cancel_subscription"), "found": None}
    if form.is_valid():
        found = services.look_up(identifier=form.cleaned_data["identifier"], by=request.user, at=timezone.now())
        context["found"] = [row_of(subscription) for subscription in found]
        if not context["found"]:
            context["suppressed"] = suppressed_rows(form.cleaned_data["identifier"])
    return TemplateResponse(request, "subscriptions/look_up.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@staff_page("subscriptions.cancel_subscription")
def cancel(request: StaffRequest, number: int) -> HttpResponse:
    """Ask why, then end the subscription; of one that has ended, show that it has."""
    subscription = get_object_or_404(Subscription.objects.with_proof(timezone.now()), pk=number)
    form = CancelForm(request.POST or None)
    if form.is_valid():
        try:
            services.cancel(subscription=subscription, by=request.user, why=form.cleaned_data["why"], at=timezone.now())
            messages.success(request, _("The subscription is cancelled and its identifier erased."))
        except services.AlreadyCancelled:
            messages.info(request, _("The subscription had been cancelled before."))
        except services.NotEntered:
            messages.error(request, _("The ledger of erasures does not answer, so nothing was changed. Try again in a few minutes."))
        return redirect("desk_subscription_cancel", number)
    context = {"section": "manage", "form": form, "row": row_of(subscription)}
    return TemplateResponse(request, "subscriptions/cancel.html", context, status=422 if form.errors else 200)


def suppressed_rows(identifier: str) -> list[dict[str, object]]:
    """Return where an identifier without a subscription is suppressed: it was erased, and still cannot come back."""
    rows = services.suppressed(identifier, at=timezone.now())
    return [{"suppression": row, "channel": row.channel_type.label(get_language() or "de")} for row in rows]


def row_of(subscription: Any) -> dict[str, object]:
    """Return the subscription with its proof, as ``with_proof`` loaded it."""
    counts = {"shown": subscription.shown, "clicked": subscription.clicked}
    return {
        "subscription": subscription,
        "channel": subscription.channel_type.label(get_language() or "de"),
        "activity": counts if any(counts.values()) else None,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@role_required(Role.OWNER, Role.PRIVACY_CONTACT)
def of_account(request: CustomerRequest) -> HttpResponse:
    """How many subscriptions the company has, and the switch that allows activity to be recorded."""
    if request.method == "POST":
        is_on = request.POST.get("statistics") == "on"
        services.switch_statistics(customer=request.customer, is_on=is_on, by=request.user, at=timezone.now())
        messages.success(request, _("Activity is recorded from now on.") if is_on else _("Activity is no longer recorded."))
        return redirect("account_subscriptions")
    language = get_language() or "de"
    context = {
        "section": "account",
        "customer": request.customer,
        "rows": [
            {**row, "label": row["channel_type__label_de" if language == "de" else "channel_type__label_en"]} for row in numbers_of(request)
        ],
        "switch": StatisticsSwitch.objects.filter(customer=request.customer).first(),
    }
    return TemplateResponse(request, "subscriptions/account.html", context)


def numbers_of(request: CustomerRequest) -> list[dict[str, Any]]:
    """Count the company's subscriptions by type of channel, in one query."""
    return list(Subscription.objects.numbers(request.customer))
