"""The gate in front of every view that is not on the closed list (Art. 28(3) GDPR: no processing without an agreement)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone

from dpa.exemptions import EXEMPT
from dpa.gate import is_open

SEE_OTHER = 303


class AgreementGate:
    """Stop signed-in people without an agreement in force, decided on the resolved view and never on the path's text."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: object, _args: Any, _kwargs: Any) -> HttpResponse | None:
        """Return the refusal, or None to go on; a request without a session costs no look at the user."""
        match = request.resolver_match
        if match is not None and match.view_name in EXEMPT:
            return None
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        user = request.user
        if not user.is_authenticated or is_open(user, timezone.now()):
            return None
        if user.is_staff and match is not None and is_staff_view(match.view_name):
            return None
        return refuse(request)


def is_staff_view(view_name: str) -> bool:
    """Staff work on the provider's side of the agreement; their views ask for a permission and a second factor themselves."""
    return view_name.startswith(("admin:", "manage", "desk"))


def refuse(request: HttpRequest) -> HttpResponse:
    """Send a reading browser to the agreement with a way back; tell every other client in words for machines."""
    if request.method in ("GET", "HEAD") and not wants_data(request):
        way_back = urlencode({"next": request.get_full_path()})
        response: HttpResponse = HttpResponseRedirect(f"{reverse('agreement')}?{way_back}")
        response.status_code = SEE_OTHER
        return response
    refusal = JsonResponse(problem(), status=403, content_type="application/problem+json")
    if request.headers.get("HX-Request"):
        refusal["HX-Redirect"] = reverse("agreement")
    return refusal


def wants_data(request: HttpRequest) -> bool:
    is_script = request.headers.get("X-Requested-With") == "XMLHttpRequest" or "HX-Request" in request.headers
    return is_script or not request.accepts("text/html") or request.path.startswith("/api/")


def problem() -> dict[str, object]:
    """Return the refusal as problem details (RFC 9457) with the address to accept at."""
    return {
        "type": "about:blank",
        "title": "The data processing agreement has not been accepted.",
        "status": 403,
        "code": "dpa_required",
        "accept_url": settings.PORTAL_ORIGIN + reverse("agreement"),
    }
