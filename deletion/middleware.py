"""A write to an account that is being erased is answered with 410 Gone (RFC 9110, 15.5.11), whatever page or address took it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils.translation import override

from deletion.fencing import is_late_write
from deletion.replaying import DOOR

GONE = {"type": "about:blank", "title": "This account is being deleted or was deleted.", "status": 410, "code": "account_erased"}


CLOSED = {"type": "about:blank", "title": "The portal is being brought up to date.", "status": 503, "code": "restored_backup"}
WATCHED = ("/livez", "/readyz")


class ClosedAfterRestore:
    """Let nobody in while erased accounts are back from a restored backup: their data must not be seen or written by anyone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if DOOR.is_open() or request.path in WATCHED:
            return self.get_response(request)
        return closed(request)


def closed(request: HttpRequest) -> HttpResponse:
    """Answer 503 without a look into the database: whatever stands there may be somebody's who was erased."""
    headers = {"Retry-After": "60", "Cache-Control": "no-store"}
    if request.path.startswith("/api/"):
        return JsonResponse(CLOSED, status=503, content_type="application/problem+json", headers=headers)
    with override("en" if request.path.startswith("/en/") else "de"):
        return HttpResponse(render_to_string("deletion/closed.html"), status=503, headers=headers)


class LateWrites:
    """Turn the refusal of the database's trigger into an answer that a client understands: do not try again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not is_late_write(exception):
            return None
        if request.path.startswith("/api/"):
            return gone()
        return TemplateResponse(request, "deletion/gone.html", {"section": "account"}, status=410)


def gone() -> JsonResponse:
    return JsonResponse(GONE, status=410, content_type="application/problem+json")
