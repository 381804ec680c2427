"""Who acts for the company, and who is invited to."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from customers.access import CustomerRequest, customer_page, role_required
from customers.forms import InvitationForm, RolesForm
from customers.models import Role, User
from customers.services import (
    AlreadyInvited,
    AlreadyMember,
    InvitationOver,
    LastOwner,
    MailAskedTooOften,
    invite,
    remove_person,
    resend_invitation,
    set_roles,
    withdraw_invitation,
)


@require_safe
@customer_page
def people(request: CustomerRequest) -> HttpResponse:
    """List the people, their roles, and open invitations."""
    context = {
        "section": "account",
        "people": request.customer.people_with_roles(),
        "invitations": request.customer.invitations.pending().order_by("email"),
        "is_owner": Role.OWNER in request.roles,
        "now": timezone.now(),
    }
    return TemplateResponse(request, "customers/people.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.OWNER)
def invite_person(request: CustomerRequest) -> HttpResponse:
    """Invite somebody by e-mail."""
    form = InvitationForm(request.POST or None)
    if form.is_valid() and send(form, request):
        messages.success(request, _("The invitation is on its way."))
        return redirect("account_people")
    return TemplateResponse(request, "customers/invite.html", {"section": "account", "form": form})


def send(form: InvitationForm, request: CustomerRequest) -> bool:
    """Invite, or say beside the field why not."""
    email, roles, language = form.cleaned_data["email"], form.cleaned_data["roles"], get_language() or "de"
    try:
        invite(customer=request.customer, email=email, roles=roles, language=language, by=request.user, at=timezone.now())
    except AlreadyMember:
        form.add_error("email", _("Somebody with this address acts for your company already."))
    except AlreadyInvited:
        form.add_error("email", _("This address is invited already. You can send the invitation again from the list."))
    except MailAskedTooOften:
        form.add_error(None, _("Your company sent many invitations within an hour. Try again later."))
    else:
        return True
    return False


@require_POST
@role_required(Role.OWNER)
def resend(request: CustomerRequest, number: int) -> HttpResponse:
    """Send an invitation again, with a new link."""
    invitation = get_object_or_404(request.customer.invitations, pk=number)
    try:
        resend_invitation(invitation=invitation, by=request.user, at=timezone.now())
    except InvitationOver:
        messages.error(request, _("This invitation was used or withdrawn."))
    except MailAskedTooOften:
        messages.error(request, _("The invitation was sent a moment ago. Wait ten minutes before sending it again."))
    else:
        messages.success(request, _("The invitation is on its way. The earlier link no longer works."))
    return redirect("account_people")


@require_POST
@role_required(Role.OWNER)
def withdraw(request: CustomerRequest, number: int) -> HttpResponse:
    """Withdraw an invitation."""
    invitation = get_object_or_404(request.customer.invitations, pk=number)
    try:
        withdraw_invitation(invitation=invitation, by=request.user, at=timezone.now())
    except InvitationOver:
        messages.error(request, _("This invitation was used or withdrawn."))
    else:
        messages.success(request, _("The invitation is withdrawn. Its link no longer works."))
    return redirect("account_people")


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.OWNER)
def person(request: CustomerRequest, number: int) -> HttpResponse:
    """Change the roles of one person."""
    user = get_object_or_404(request.customer.people(), pk=number)
    form = RolesForm(request.POST or None, initial={"roles": sorted(user.roles_for(request.customer))})
    if form.is_valid() and change_roles(form, user, request):
        messages.success(request, _("The roles are saved."))
        return redirect("account_people")
    return TemplateResponse(request, "customers/person.html", {"section": "account", "form": form, "person": user})


def change_roles(form: RolesForm, user: User, request: CustomerRequest) -> bool:
    """Change the roles, or say beside the field why not."""
    try:
        set_roles(customer=request.customer, user=user, roles=form.cleaned_data["roles"], by=request.user, at=timezone.now())
    except LastOwner:
        form.add_error("roles", _("Your company needs at least one account owner. Make somebody else owner first."))
        return False
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.OWNER)
def remove(request: CustomerRequest, number: int) -> HttpResponse:
    """Ask, then remove one person."""
    user = get_object_or_404(request.customer.people(), pk=number)
    context = {"section": "account", "person": user, "is_last_owner": False}
    if request.method == "POST":
        try:
            remove_person(customer=request.customer, user=user, by=request.user, at=timezone.now())
        except LastOwner:
            context["is_last_owner"] = True
        else:
            messages.success(request, _("The person no longer acts for your company."))
            return redirect("account" if user == request.user else "account_people")
    return TemplateResponse(request, "customers/remove.html", context)
