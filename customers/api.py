"""What every part of the API asks: which company, and what its token may do."""

from __future__ import annotations

from django.http import Http404
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from customers.models import ApiToken, Customer


class HasScope(BasePermission):
    """A token needs the view's scope; a signed-in person of the company needs none."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        token = request.auth
        scope: str = getattr(view, "scope", "")
        return token.may(scope) if isinstance(token, ApiToken) else bool(getattr(request.user, "customer_id", None))


def company_of(request: Request) -> Customer:
    """Return the company that the token belongs to, or that the person works for now."""
    customer = request.auth.customer if isinstance(request.auth, ApiToken) else getattr(request.user, "customer", None)
    if customer is None:
        raise Http404
    return customer
