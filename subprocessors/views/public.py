"""The public pages and files of the register of subprocessors: no login, no cookie, no script."""

from __future__ import annotations

import datetime
import hashlib

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe
from django.views.decorators.vary import vary_on_cookie

from pdf import storage
from publishing.files import not_made_yet, public_file
from publishing.pages import chosen_pair, difference_page
from subprocessors import pages
from subprocessors.models import Announcement, Subprocessor, SubprocessorList
from subprocessors.wizard import REGISTER


def reading_language() -> str:
    return get_language() or settings.LANGUAGE_CODE


def list_or_404(number: int | None) -> SubprocessorList:
    subprocessor_list = pages.find_list(number)
    if subprocessor_list is None:
        raise Http404
    return subprocessor_list


@require_safe
@login_not_required
@cache_control(public=True, no_cache=True)
@vary_on_cookie
@conditional_page
def register(request: HttpRequest) -> HttpResponse:
    asked = request.GET.dict()
    day = parse_day(asked.get("on", ""))
    chosen = pages.find_list_on(day) if day else pages.find_list(None)
    context = pages.register_page(chosen, asked, reading_language()) | {"as_of": day, "today": timezone.localdate()}
    if day is None:
        context["planned"] = Announcement.objects.running().prefetch_related("changes")
    return TemplateResponse(request, "subprocessors/register.html", context)


def parse_day(text: str) -> datetime.date | None:
    """Return the day that the address asks for, or None for none that could be meant."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


@require_safe
@login_not_required
@cache_control(public=True, no_cache=True)
@vary_on_cookie
@conditional_page
def version(request: HttpRequest, number: int) -> HttpResponse:
    context = pages.register_page(list_or_404(number), request.GET.dict(), reading_language())
    return TemplateResponse(request, "subprocessors/register.html", context)


@require_safe
@login_not_required
@cache_control(public=True, no_cache=True)
@vary_on_cookie
@conditional_page
def versions(request: HttpRequest) -> HttpResponse:
    context = {"section": "subprocessors", "events": pages.history(reading_language())}
    return TemplateResponse(request, "subprocessors/versions.html", context)


@require_safe
@login_not_required
@cache_control(public=True, no_cache=True)
@vary_on_cookie
@conditional_page
def compare(request: HttpRequest) -> HttpResponse:
    """Any two versions at an address that stays; without a choice the newest and the one before it."""
    asked = request.GET
    listed = REGISTER.versions().readable().prefetch_related("entries")
    old, new = chosen_pair(listed, asked.get("from"), asked.get("to"))
    if (old is None and asked.get("from")) or (new is None and asked.get("to")):
        raise Http404
    context = {"section": "subprocessors", "register_title": REGISTER.title, "listed": listed, "old": old, "new": new}
    context |= {"back_url": reverse("subprocessors_versions"), "query": f"from={old.number if old else ''}&to={new.number if new else ''}&"}
    if old is not None and new is not None:
        context |= difference_page(REGISTER, old, new, language=asked.get("language"), view=asked.get("view"), reading=reading_language())
    return TemplateResponse(request, "publishing/compare.html", context)


@require_safe
@login_not_required
@cache_control(public=True, no_cache=True)
@vary_on_cookie
@conditional_page
def entry(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one company; one that has left the register is gone (410) with a pointer to the list that last named it."""
    found = Subprocessor.objects.last_published(slug)
    if found is None:
        raise Http404
    context = pages.entry_page(found, reading_language())
    return TemplateResponse(request, "subprocessors/entry.html", context, status=200 if context["is_current"] else 410)


@require_safe
@login_not_required
def pdf_file(request: HttpRequest, number: int | None = None) -> HttpResponse:
    subprocessor_list, language = list_or_404(number), reading_language()
    document = next((document for document in subprocessor_list.documents.all() if document.language == language), None)
    if document is None:
        return not_made_yet()
    return public_file(
        request,
        name=f"{file_stem(subprocessor_list, language)}.pdf",
        content_type="application/pdf",
        sha256=document.sha256,
        changed_at=document.created_at,
        content=lambda: storage.read(document.sha256),
        is_permanent=number is not None,
    )


@require_safe
@login_not_required
def csv_file(request: HttpRequest, number: int | None = None) -> HttpResponse:
    subprocessor_list, language = list_or_404(number), reading_language()
    content = pages.csv_file(subprocessor_list, language)
    assert subprocessor_list.published_at is not None
    return public_file(
        request,
        name=f"{file_stem(subprocessor_list, language)}.csv",
        content_type="text/csv; charset=utf-8",
        sha256=hashlib.sha256(content).hexdigest(),
        changed_at=subprocessor_list.published_at,
        content=lambda: content,
        is_permanent=False,  # headings may be worded better one day
    )


@require_safe
@login_not_required
def json_file(request: HttpRequest, number: int | None = None) -> HttpResponse:
    """Answer with the bytes whose SHA-256 is the hash of the list, so that anybody can check it."""
    subprocessor_list = list_or_404(number)
    assert subprocessor_list.published_at is not None
    return public_file(
        request,
        name=f"{file_stem(subprocessor_list, reading_language())}.json",
        content_type="application/json",
        sha256=subprocessor_list.sha256,
        changed_at=subprocessor_list.published_at,
        content=subprocessor_list.content_json,
        is_permanent=number is not None,
    )


def file_stem(subprocessor_list: SubprocessorList, language: str) -> str:
    name = "Unterauftragsverarbeiter" if language == "de" else "Subprocessors"
    return f"{name}_{subprocessor_list.number}_{language}"
