"""Every request knows the company that the signed-in person works for."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from customers.models import Customer


class CustomerOfRequest:
    """Set ``request.customer``; lazy, since looking at it opens the session and makes a public page private.

    Test it for truth, not for ``is None``. Behind ``customer_page`` it is the real row.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.customer = SimpleLazyObject(lambda: customer_of(request))  # type: ignore[attr-defined]
        return self.get_response(request)


def customer_of(request: HttpRequest) -> Customer | None:
    """Return the company of the person or of the token's system; None for visitors and for staff."""
    return request.user.customer if request.user.is_authenticated else None
