"""Who may see a page: decorators for the views of customers and of staff."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode

from customers.models import Customer, Role, User

P = ParamSpec("P")


class CustomerRequest(HttpRequest):
    """A request of a person who acts for a company, as views behind ``customer_page`` see it."""

    user: User
    customer: Customer
    roles: frozenset[str]


class StaffRequest(HttpRequest):
    """A request of the provider's staff, as views behind ``staff_page`` see it."""

    user: User


CustomerView = Callable[Concatenate[CustomerRequest, P], HttpResponse]
StaffView = Callable[Concatenate[StaffRequest, P], HttpResponse]
AnyView = Callable[Concatenate[HttpRequest, P], HttpResponse]


def customer_page(view: CustomerView[P]) -> AnyView[P]:
    """Let people of a company in and set ``request.customer`` and ``request.roles``; roles are read anew on every request."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        user = signed_in(request)
        customer = user.customer
        roles = user.roles_for(customer) if customer else frozenset()
        if customer is None or not roles:
            return TemplateResponse(request, "customers/no_company.html", {"section": "account"}, status=403)
        acting = cast(CustomerRequest, request)
        acting.customer, acting.roles = customer, roles
        return view(acting, *args, **kwargs)

    return guarded


def role_required(*roles: str) -> Callable[[CustomerView[P]], AnyView[P]]:
    """Let people in who hold one of the roles for their company; others learn whom to ask."""

    def decorate(view: CustomerView[P]) -> AnyView[P]:
        @wraps(view)
        def guarded(request: CustomerRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.roles.isdisjoint(roles):
                return role_needed(request, roles)
            return view(request, *args, **kwargs)

        return customer_page(guarded)

    return decorate


def role_needed(request: CustomerRequest, roles: tuple[str, ...]) -> HttpResponse:
    context = {
        "section": "account",
        "needed": [Role(role).label for role in roles],
        "owners": request.customer.people_with(Role.OWNER),
    }
    return TemplateResponse(request, "customers/role_needed.html", context, status=403)


def staff_page(permission: str = "") -> Callable[[StaffView[P]], AnyView[P]]:
    """Let staff in who hold the permission, or any staff where none is named, after a second factor in the same sign-in."""

    def decorate(view: StaffView[P]) -> AnyView[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            user = signed_in(request)
            if not user.is_staff or (permission and not user.has_perm(permission)):
                raise PermissionDenied
            if not has_second_factor(request):
                return ask_for_second_factor(request)
            return view(cast(StaffRequest, request), *args, **kwargs)

        return guarded

    return decorate


def signed_in(request: HttpRequest) -> User:
    """Return the person; LoginRequiredMiddleware has turned visitors away before."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def has_second_factor(request: HttpRequest) -> bool:
    """Say whether the sign-in was confirmed with a second factor by the person who is signed in."""
    records: list[dict[str, Any]] = get_authentication_records(request, request.user)
    return any(record.get("method") == "mfa" for record in records)


def ask_for_second_factor(request: HttpRequest) -> HttpResponse:
    """Ask for the second factor, or, where none is set up, explain how to set one up."""
    user = signed_in(request)
    if not get_adapter().is_mfa_enabled(user):
        return TemplateResponse(request, "customers/second_factor_needed.html", {"section": "account"}, status=403)
    return HttpResponseRedirect(f"{second_factor_url(user)}?{urlencode({'next': request.get_full_path()})}")


def second_factor_url(user: User) -> str:
    """Return the page that asks for a factor that the person has: an app or recovery code, else a security key."""
    from allauth.mfa.models import Authenticator

    has_codes = Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.WEBAUTHN).exists()
    return reverse("mfa_reauthenticate" if has_codes else "mfa_reauthenticate_webauthn")
