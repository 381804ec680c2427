"""Hand the agreement on to the colleague who may sign."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from customers.access import CustomerRequest, customer_page
from dpa import services
from dpa.forms import ForwardingForm


@customer_page
def forward(request: CustomerRequest) -> HttpResponse:
    """Hand the agreement to the colleague who may sign, and follow what became of it."""
    form = ForwardingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.forward(
                customer=request.customer,
                email=form.cleaned_data["email"],
                message=form.cleaned_data["message"],
                language=get_language() or "de",
                by=request.user,
                at=timezone.now(),
            )
        except services.TooManyInvitations:
            form.add_error("email", _("Today's invitations have all been sent. Try again tomorrow."))
        else:
            messages.success(request, _("The agreement was forwarded."))
            return redirect("agreement_delegate")
    now = timezone.now()
    sent = [
        {"delegation": delegation, "state": delegation.state(now)}
        for delegation in request.customer.delegations.select_related("created_by")
    ]
    context = {"section": "dpa", "form": form, "sent": sent, "signatories": request.customer.people_with("signatory")}
    return TemplateResponse(request, "dpa/forward.html", context, status=422 if form.errors else 200)


@customer_page
@require_POST
def forwarded_again(request: CustomerRequest, delegation_id: int) -> HttpResponse:
    """Send the link again, or withdraw it."""
    delegation = request.customer.delegations.filter(pk=delegation_id).first()
    if delegation is None:
        raise Http404
    try:
        if "withdraw" in request.POST:
            services.withdraw(delegation=delegation, at=timezone.now())
            messages.success(request, _("The invitation was withdrawn."))
        else:
            services.resend(delegation=delegation, language=get_language() or "de", by=request.user, at=timezone.now())
            messages.success(request, _("The invitation was sent again."))
    except services.TooManyInvitations:
        messages.error(request, _("This invitation was sent a moment ago. Wait two minutes."))
    except services.ForwardingClosed:
        messages.error(request, _("This invitation is used or withdrawn."))
    return redirect("agreement_delegate")
