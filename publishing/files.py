"""Published files over HTTP: what is published does not change, so that its hash says whether a reader's copy is still good."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, http_date, quote_etag
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe
from django.views.decorators.vary import vary_on_cookie

KEPT_FOR_GOOD = "public, max-age=31536000, immutable"
ASKED_ABOUT_EACH_TIME = "public, no-cache"


def public_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Serve a page to everybody, by reading alone; who has it already gets 304 (RFC 9110, 13.1)."""
    page: Any = vary_on_cookie(conditional_page(view))
    served: Callable[..., HttpResponse] = require_safe(login_not_required(cache_control(public=True, no_cache=True)(page)))
    return served


def public_file(
    request: HttpRequest,
    *,
    name: str,
    content_type: str,
    sha256: str,
    changed_at: datetime,
    content: Callable[[], bytes],
    is_permanent: bool,
) -> HttpResponse:
    """Answer with the file, or 304 where the reader has it (RFC 9110, 13.1); a permanent address names one version for good."""
    seconds = int(changed_at.timestamp())
    answer = get_conditional_response(request, etag=quote_etag(sha256), last_modified=seconds)
    if not isinstance(answer, HttpResponse):
        answer = HttpResponse(content(), content_type=content_type)
        answer.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    answer.headers["ETag"] = quote_etag(sha256)
    answer.headers["Last-Modified"] = http_date(seconds)
    answer.headers["Cache-Control"] = KEPT_FOR_GOOD if is_permanent else ASKED_ABOUT_EACH_TIME
    return answer


def not_made_yet() -> HttpResponse:
    """Answer for a document that a job is still making: come back in a moment (RFC 9110, 15.6.4)."""
    answer = HttpResponse(status=503, content_type="text/plain; charset=utf-8")
    answer.headers["Retry-After"] = "10"
    answer.headers["Cache-Control"] = "no-store"
    return answer
