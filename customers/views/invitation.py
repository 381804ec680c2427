"""The page that an invitation's link opens; whoever has the link holds the mailbox."""

from __future__ import annotations

from http import HTTPStatus

from allauth.account.utils import perform_login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from customers.forms import InvitedPersonForm
from customers.models import Invitation, User
from customers.services import EmailTaken, accept_invitation, invitation_of, register_invited


@login_not_required
@sensitive_post_parameters("password1")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Let the invited person join: signed in by one click, known by signing in, new by registering."""
    found = invitation_of(token)
    if found is None or not found.is_live(timezone.now()):
        status = HTTPStatus.GONE if found else HTTPStatus.NOT_FOUND
        return TemplateResponse(request, "customers/invitation_over.html", {"invitation": found}, status=status)
    if isinstance(request.user, User):
        return join(request, found, request.user)
    if found.has_account():
        return TemplateResponse(request, "customers/invitation_sign_in.html", {"invitation": found})
    return register(request, found)


def join(request: HttpRequest, found: Invitation, user: User) -> HttpResponse:
    """Ask a signed-in person, then let her join; somebody else's invitation is not offered."""
    is_mine = user.email == found.email
    if is_mine and request.method == "POST":
        accept_invitation(invitation=found, user=user, at=timezone.now())
        return redirect("account")
    context = {"invitation": found, "is_mine": is_mine}
    status = HTTPStatus.OK if is_mine else HTTPStatus.FORBIDDEN
    return TemplateResponse(request, "customers/invitation_join.html", context, status=status)


def register(request: HttpRequest, found: Invitation) -> HttpResponse:
    """Register a new person for the company and sign her in; the link has verified the address."""
    form = InvitedPersonForm(request.POST or None)
    if not form.is_valid():
        return TemplateResponse(request, "customers/invitation_register.html", {"invitation": found, "form": form})
    try:
        user = register_invited(invitation=found, person=form.person(found), at=timezone.now())
    except EmailTaken:  # registered in another window a moment ago
        return redirect(request.path)
    response: HttpResponse = perform_login(request, user)
    return response
