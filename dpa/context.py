"""What every page may ask about the agreement; nothing is read until a template asks."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from customers.models import User
from dpa import reading, standing
from dpa.gate import is_open


def agreement(request: HttpRequest) -> dict[str, Any]:
    """Give templates ``agreement_notice`` (a version that waits, or nothing) and ``agreement_task``; visitors open no session."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return {}
    return {
        "agreement_notice": SimpleLazyObject(lambda: notice_for(request)),
        "agreement_task": SimpleLazyObject(lambda: task_for(request)),
    }


def notice_for(request: HttpRequest) -> dict[str, Any]:
    """Return what the banner says; an empty mapping, and no query beyond the user's row, when nothing waits."""
    user = request.user
    if not isinstance(user, User) or not standing.is_pending(user, timezone.now()):
        return {}
    current = reading.current()
    return {"version": current, "must_accept_by": user.agreement_valid_until} if current else {}


def task_for(request: HttpRequest) -> dict[str, Any]:
    user = request.user
    return {"is_open": isinstance(user, User) and is_open(user, timezone.now()), "notice": notice_for(request)}
