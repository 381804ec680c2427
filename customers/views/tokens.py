"""Tokens for the company's systems."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from customers.access import CustomerRequest, role_required
from customers.forms import TokenForm
from customers.models import Role
from customers.services import issue_token, revoke_token


@require_safe
@role_required(Role.OWNER)
def tokens(request: CustomerRequest) -> HttpResponse:
    """List the tokens without their secrets, which nobody has."""
    now = timezone.now()
    live = request.customer.api_tokens.live(now).select_related("created_by").order_by("-created_at", "-pk")
    return TemplateResponse(request, "customers/tokens.html", {"section": "account", "tokens": live})


@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth brings no types
@role_required(Role.OWNER)
@sensitive_variables("secret")
def new_token(request: CustomerRequest) -> HttpResponse:
    """Issue a token and show its secret, this once."""
    form = TokenForm(request.POST or None)
    if not form.is_valid():
        return TemplateResponse(
            request, "customers/token_new.html", {"section": "account", "form": form}, status=422 if form.errors else 200
        )
    now = timezone.now()
    token, secret = issue_token(
        customer=request.customer,
        name=form.cleaned_data["name"],
        scopes=form.cleaned_data["scopes"],
        expires_at=now + form.lifetime(),
        by=request.user,
        at=now,
    )
    return TemplateResponse(request, "customers/token_issued.html", {"section": "account", "token": token, "secret": secret})


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.OWNER)
def revoke(request: CustomerRequest, number: int) -> HttpResponse:
    """Ask, then revoke a token."""
    token = get_object_or_404(request.customer.api_tokens, pk=number)
    if request.method == "POST":
        revoke_token(token=token, by=request.user, at=timezone.now())
        messages.success(request, _("The token is revoked."))
        return redirect("account_tokens")
    return TemplateResponse(request, "customers/token_revoke.html", {"section": "account", "token": token})
