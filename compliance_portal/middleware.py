"""What every answer carries: a request identifier and the headers that Django does not set itself."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import structlog
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

Answer = Callable[[HttpRequest], HttpResponse]


class RequestIdentifier:
    """Give each request an identifier of our own making; a client's is never taken over (OWASP ASVS v5.0.0-16.2)."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = secrets.token_hex(16)  # type: ignore[attr-defined]
        with structlog.contextvars.bound_contextvars(request_id=request.request_id):  # type: ignore[attr-defined]
            response = self.get_response(request)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        return response


class LoginRequired(LoginRequiredMiddleware):
    """Ask for a login wherever a view does not say otherwise, and whether a view says otherwise before the session is opened."""

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        if not getattr(view_func, "login_required", True):
            return None
        answer = super().process_view(request, view_func, view_args, view_kwargs)
        if answer is not None and request.headers.get("HX-Request"):  # or the form to sign in would stand inside a part of the page
            return HttpResponse(status=401, headers={"HX-Refresh": "true"})
        return answer


class ResponseHeaders:
    """Keep answers made for one person out of every cache and name the browser features that pages may use."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), clipboard-write=(self)")
        if hasattr(request, "session") and request.session.accessed:
            response.headers["Cache-Control"] = "no-store"
        return response
