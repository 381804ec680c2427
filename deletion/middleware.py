"""A write to an account that is being erased is answered with 410 Gone (RFC 9110, 15.5.11), whatever page or address took it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse

from deletion.fencing import is_late_write

GONE = {"type": "about:blank", "title": "This account is being deleted or was deleted.", "status": 410, "code": "account_erased"}


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
