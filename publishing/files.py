"""Published files over HTTP: what is published does not change, so that its hash says whether a reader's copy is still good."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, http_date, quote_etag
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe
from django.views.decorators.vary import vary_on_cookie

from pdf import storage

KEPT_FOR_GOOD = "public, max-age=31536000, immutable"
ASKED_ABOUT_EACH_TIME = "public, no-cache"


class PublishedRegister(Protocol):
    """A published version whose rows are exported as files."""

    @property
    def sha256(self) -> str: ...
    @property
    def published_at(self) -> datetime | None: ...
    def content_json(self) -> bytes: ...


class PrintedFile(Protocol):
    """A PDF that is kept under its hash."""

    @property
    def sha256(self) -> str: ...
    @property
    def created_at(self) -> datetime: ...


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


def printed_file(request: HttpRequest, document: PrintedFile | None, *, name: str, is_permanent: bool) -> HttpResponse:
    """Answer with the kept PDF, or where there is none yet, with the time after which to ask again."""
    if document is None:
        return not_made_yet()
    return public_file(
        request,
        name=name,
        content_type="application/pdf",
        sha256=document.sha256,
        changed_at=document.created_at,
        content=lambda: storage.read(document.sha256),
        is_permanent=is_permanent,
    )


def table_file(request: HttpRequest, version: PublishedRegister, content: bytes, *, name: str) -> HttpResponse:
    """Answer with the version's rows as a table; its address is never permanent, since headings may be worded better one day."""
    assert version.published_at is not None
    return public_file(
        request,
        name=name,
        content_type="text/csv; charset=utf-8",
        sha256=hashlib.sha256(content).hexdigest(),
        changed_at=version.published_at,
        content=lambda: content,
        is_permanent=False,
    )


def content_file(request: HttpRequest, version: PublishedRegister, *, name: str, is_permanent: bool) -> HttpResponse:
    """Answer with the bytes whose SHA-256 is the hash of the version, so that anybody can check it."""
    assert version.published_at is not None
    return public_file(
        request,
        name=name,
        content_type="application/json",
        sha256=version.sha256,
        changed_at=version.published_at,
        content=version.content_json,
        is_permanent=is_permanent,
    )


def not_made_yet() -> HttpResponse:
    """Answer for a document that a job is still making: come back in a moment (RFC 9110, 15.6.4)."""
    answer = HttpResponse(status=503, content_type="text/plain; charset=utf-8")
    answer.headers["Retry-After"] = "10"
    answer.headers["Cache-Control"] = "no-store"
    return answer
