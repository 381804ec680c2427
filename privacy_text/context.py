"""What pages may ask about texts of channels; counted when a page asks."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from customers.models import Customer
from privacy_text.models import TextUpdate


def badge(request: HttpRequest) -> dict[str, Any]:
    """Give templates ``text_updates_waiting``; visitors open no session."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return {}
    return {"text_updates_waiting": SimpleLazyObject(lambda: count_for(request))}


def count_for(request: HttpRequest) -> int:
    customer = getattr(request.user, "customer", None)
    return TextUpdate.objects.open().of_customer(customer).count() if isinstance(customer, Customer) else 0
