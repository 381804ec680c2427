"""The public pages of the sample texts: no login, no cookie, no script needed; what readers enter stands in the address alone."""

from __future__ import annotations

import hashlib
import json

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header

import pdf
from customers.models import ChannelType
from customers.throttling import is_too_often
from privacy_text import handing_out, pages
from privacy_text.composing import Composed, Kind
from privacy_text.models import SampleText
from privacy_text.wizard import REGISTER
from publishing.files import public_page
from publishing.pages import comparison_page, day_asked_for, reading_language

KINDS: dict[str, Kind] = {"opt-in": "opt_in", "passage": "passage"}
KEPT_SECONDS = 3600


def version_asked_for(request: HttpRequest) -> SampleText | None:
    """Return the version that the address names by its number or by a day, or the current one.

    Raises Http404 for a number that never was in force; on a day before the first version there was none.
    """
    day = day_asked_for(request.GET.get("on", ""))
    if day is not None:
        return pages.find_version_on(day)
    number = request.GET.get("version", "")
    version = pages.find_version(number)
    if version is None and number:
        raise Http404
    return version


@public_page
def texts(request: HttpRequest) -> HttpResponse:
    context = pages.texts_page(version_asked_for(request), reading_language())
    return TemplateResponse(request, "privacy_text/texts.html", context | {"as_of": day_asked_for(request.GET.get("on", ""))})


@public_page
def channel_type(request: HttpRequest, key: str) -> HttpResponse:
    row, language = get_object_or_404(ChannelType, key=key), reading_language()
    form = pages.switch_form(request.GET.dict(), row, language)
    context = pages.channel_type_page(version_asked_for(request), row, language, form, timezone.localdate())
    return TemplateResponse(request, "privacy_text/channel_type.html", context, status=422 if form.errors else 200)


@public_page
def text_file(request: HttpRequest, key: str, kind: str, form: str) -> HttpResponse:
    """Answer with the text as a file; with an open place or a wrong choice, with the page that says what is missing (422)."""
    row, language, version = get_object_or_404(ChannelType, key=key), reading_language(), version_asked_for(request)
    if version is None or not version.has_texts_for(row) or kind not in KINDS or form not in handing_out.FORMS:
        raise Http404
    switches, today = pages.switch_form(request.GET.dict(), row, language), timezone.localdate()
    composed = pages.composed_text(version, row, language, KINDS[kind], switches, today)
    if composed.missing or switches.errors:
        context = pages.channel_type_page(version, row, language, switches, today)
        return TemplateResponse(request, "privacy_text/channel_type.html", context, status=422)
    return take_away(request, composed, form, version)


def take_away(request: HttpRequest, composed: Composed, form: str, version: SampleText) -> HttpResponse:
    """Answer with the file; a PDF costs seconds, so that one address gets a few a minute and equal ones are kept for an hour."""
    assert version.published_at is not None
    name = f"texts:{form}:{hashlib.sha256(json.dumps(handing_out.content(composed)).encode()).hexdigest()}"
    content: bytes | None = cache.get(name)
    if content is None:
        if form == "pdf" and is_too_often(request, "texts_pdf"):
            return TemplateResponse(request, "429.html", status=429)
        try:
            content = handing_out.hand_out(composed=composed, form=form, at=version.published_at)
        except pdf.DocumentRefused:
            return TemplateResponse(request, "400.html", status=400)
        cache.set(name, content, KEPT_SECONDS)
    answer = HttpResponse(content, content_type=handing_out.FORMS[form].content_type)
    answer.headers["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=file_name(composed, form)) or "attachment"
    )
    return answer


def file_name(composed: Composed, form: str) -> str:
    kind = {"passage": "Passage", "opt_in": "Opt-In"}[composed.kind]
    return f"{kind}_{composed.channel_type}_{composed.number}_{composed.language}.{handing_out.FORMS[form].extension}"


@public_page
def versions(request: HttpRequest) -> HttpResponse:
    events = pages.history(reading_language())
    return TemplateResponse(request, "privacy_text/versions.html", {"section": "texts", "events": events})


@public_page
def compare(request: HttpRequest) -> HttpResponse:
    """Any two versions at an address that stays; without a choice the newest and the one before it."""
    context = comparison_page(REGISTER, request.GET.dict(), section="texts", back_url=reverse("texts_versions"))
    return TemplateResponse(request, "publishing/compare.html", context)
