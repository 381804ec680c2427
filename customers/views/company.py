"""The company's own details."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from customers.access import CustomerRequest, role_required
from customers.forms import CompanyForm
from customers.models import Role
from customers.services import change_company


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.OWNER)
def company(request: CustomerRequest) -> HttpResponse:
    """Let an owner mend what agreements will say about the company."""
    form = CompanyForm(request.POST or None, customer=request.customer)
    if form.is_valid():
        change_company(customer=request.customer, company=form.company(), by=request.user, at=timezone.now())
        messages.success(request, _("The company’s details are saved."))
        return redirect("account_company")
    return TemplateResponse(request, "customers/company.html", {"section": "account", "form": form})
