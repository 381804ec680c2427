"""The public pages and files of the register of measures: no login, no cookie, no script."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe
from django.views.decorators.vary import vary_on_cookie

from pdf import storage
from publishing.files import not_made_yet, public_file
from toms import pages
from toms.models import MeasureSet


def reading_language() -> str:
    return get_language() or settings.LANGUAGE_CODE


def set_or_404(number: int | None) -> MeasureSet:
    measure_set = pages.find_set(number)
    if measure_set is None:
        raise Http404
    return measure_set


@require_safe
@login_not_required
@cache_control(public=True, no_cache=True)
@vary_on_cookie
@conditional_page
def register(request: HttpRequest) -> HttpResponse:
    return TemplateResponse(request, "toms/register.html", pages.register_page(pages.find_set(None), reading_language()))


@require_safe
@login_not_required
@cache_control(public=True, no_cache=True)
@vary_on_cookie
@conditional_page
def version(request: HttpRequest, number: int) -> HttpResponse:
    return TemplateResponse(request, "toms/register.html", pages.register_page(set_or_404(number), reading_language()))


@require_safe
@login_not_required
@cache_control(public=True, no_cache=True)
@vary_on_cookie
@conditional_page
def versions(request: HttpRequest) -> HttpResponse:
    return TemplateResponse(request, "toms/versions.html", {"section": "measures", "events": pages.history(reading_language())})


@require_safe
@login_not_required
def pdf_file(request: HttpRequest, number: int | None = None) -> HttpResponse:
    measure_set, language = set_or_404(number), reading_language()
    document = measure_set.printed().get(language)
    if document is None:
        return not_made_yet()
    return public_file(
        request,
        name=f"TOM_{measure_set.number}_{language}.pdf",
        content_type="application/pdf",
        sha256=document.sha256,
        changed_at=document.created_at,
        content=lambda: storage.read(document.sha256),
        is_permanent=number is not None,
    )


@require_safe
@login_not_required
def csv_file(request: HttpRequest, number: int | None = None) -> HttpResponse:
    measure_set, language = set_or_404(number), reading_language()
    content = pages.csv_file(measure_set, language)
    assert measure_set.published_at is not None
    return public_file(
        request,
        name=f"TOM_{measure_set.number}_{language}.csv",
        content_type="text/csv; charset=utf-8",
        sha256=hashlib.sha256(content).hexdigest(),
        changed_at=measure_set.published_at,
        content=lambda: content,
        is_permanent=False,  # headings may be worded better one day
    )


@require_safe
@login_not_required
def json_file(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """Answer with the bytes whose SHA-256 is the hash of the set, so that anybody can check it."""
    measure_set = set_or_404(number)
    assert measure_set.published_at is not None
    return public_file(
        request,
        name=f"TOM_{measure_set.number}.json",
        content_type="application/json",
        sha256=measure_set.sha256,
        changed_at=measure_set.published_at,
        content=measure_set.content_json,
        is_permanent=number is not None,
    )
