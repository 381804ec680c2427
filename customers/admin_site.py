"""The stock admin behind the portal's own login and a second factor."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse

from customers.access import ask_for_second_factor, has_second_factor


def protect_admin(site: AdminSite) -> None:
    """Demand our login and a second factor for every page of the site; call it once, before the site's addresses are made."""
    permitted = site.has_permission

    def permitted_with_second_factor(request: HttpRequest) -> bool:
        return permitted(request) and has_second_factor(request)

    site.has_permission = permitted_with_second_factor  # type: ignore[method-assign]
    site.login = secure_admin_login(demand_second_factor(site.login, permitted))  # type: ignore[method-assign]


def demand_second_factor(login: Callable[..., HttpResponse], permitted: Callable[[HttpRequest], bool]) -> Callable[..., HttpResponse]:
    """Show staff the way to their second factor instead of the admin's own login form."""

    @wraps(login)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if permitted(request) and not has_second_factor(request):
            return ask_for_second_factor(request)
        return login(request, *args, **kwargs)

    return guarded
