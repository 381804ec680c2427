"""The signed-in person's own pages."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from customers.access import CustomerRequest, customer_page, signed_in
from customers.forms import ProfileForm
from customers.models import Role
from customers.services import switch_customer


@require_safe
@customer_page
def account(request: CustomerRequest) -> HttpResponse:
    """Show what is to do and how it stands."""
    context = {"section": "account", "customer": request.customer, "is_owner": Role.OWNER in request.roles}
    return TemplateResponse(request, "customers/account.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Let a person change her own name, function and language."""
    form = ProfileForm(request.POST or None, instance=signed_in(request))
    if form.is_valid():
        form.save()
        messages.success(request, _("Your details are saved."))
        return redirect("account_profile")
    return TemplateResponse(request, "customers/profile.html", {"section": "account", "form": form})


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Lead to password, e-mail address, second factor and sessions."""
    return TemplateResponse(request, "customers/security.html", {"section": "account"})


@require_http_methods(["GET", "HEAD", "POST"])
def switch(request: HttpRequest) -> HttpResponse:
    """Let a person who acts for several companies choose one."""
    user = signed_in(request)
    companies = user.companies()
    if request.method != "POST":
        return TemplateResponse(request, "customers/switch.html", {"section": "account", "companies": companies})
    chosen = next((company for company in companies if str(company.reference) == request.POST.get("company")), None)
    if chosen is None:
        raise Http404
    switch_customer(user=user, customer=chosen)
    return redirect("account")
