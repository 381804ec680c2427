"""The public pages and files of the register of measures: no login, no cookie, no script."""

from __future__ import annotations

import datetime
import hashlib

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from pdf import storage
from publishing.files import not_made_yet, public_file, public_page
from publishing.pages import chosen_pair, difference_page
from toms import pages
from toms.models import MeasureSet
from toms.wizard import REGISTER


def reading_language() -> str:
    return get_language() or settings.LANGUAGE_CODE


def set_or_404(number: int | None) -> MeasureSet:
    measure_set = pages.find_set(number)
    if measure_set is None:
        raise Http404
    return measure_set


@public_page
def register(request: HttpRequest) -> HttpResponse:
    """The register as it applies, or with ``?on=`` as it applied on a day."""
    day = parse_day(request.GET.get("on", ""))
    chosen = pages.find_set_on(day) if day else pages.find_set(None)
    context = pages.register_page(chosen, reading_language(), request.GET.get("order", "")) | {"as_of": day}
    return TemplateResponse(request, "toms/register.html", context)


def parse_day(text: str) -> datetime.date | None:
    """Return the day that the address asks for, or None for none that could be meant."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


@public_page
def version(request: HttpRequest, number: int) -> HttpResponse:
    context = pages.register_page(set_or_404(number), reading_language(), request.GET.get("order", ""))
    return TemplateResponse(request, "toms/register.html", context)


@public_page
def versions(request: HttpRequest) -> HttpResponse:
    return TemplateResponse(request, "toms/versions.html", {"section": "measures", "events": pages.history(reading_language())})


@public_page
def compare(request: HttpRequest) -> HttpResponse:
    """Any two versions at an address that stays; without a choice the newest and the one before it."""
    asked = request.GET
    listed = REGISTER.versions().readable()
    old, new = chosen_pair(listed, asked.get("from"), asked.get("to"))
    if (old is None and asked.get("from")) or (new is None and asked.get("to")):
        raise Http404
    context = {"section": "measures", "register_title": REGISTER.title, "listed": listed, "old": old, "new": new}
    context |= {"back_url": reverse("toms_versions"), "query": f"from={old.number if old else ''}&to={new.number if new else ''}&"}
    if old is not None and new is not None:
        context |= difference_page(REGISTER, old, new, language=asked.get("language"), view=asked.get("view"), reading=reading_language())
    return TemplateResponse(request, "publishing/compare.html", context)


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
    content = pages.csv_file(measure_set, language, request.GET.get("order", ""))
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
