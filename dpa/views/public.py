"""What anybody may read: the agreement, its versions, their differences, and the check of a reference."""

from __future__ import annotations

import datetime
import hashlib
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from dpa import reading, verifying, wordfile
from dpa.forms import VerificationForm
from dpa.models import AgreementVersion
from pdf.storage import read
from publishing.files import public_file, public_page
from publishing.pages import day_asked_for


def language_of(request: HttpRequest) -> str:
    """Return the language of the text: the address's, unless another is asked for."""
    return request.GET.get("language") or get_language() or "de"


def found(number: str) -> AgreementVersion:
    try:
        return reading.version_numbered(number)
    except AgreementVersion.DoesNotExist as missing:
        raise Http404 from missing


def text_page(request: HttpRequest, version: AgreementVersion, as_of: datetime.date | None = None) -> HttpResponse:
    text = version.text(language_of(request))
    context = reading.page_of(text, None) | {"section": "dpa", "current": reading.current(), "is_current": version.state == "published"}
    context["as_of"] = as_of
    return TemplateResponse(request, "dpa/read.html", context)


@public_page
def dpa(request: HttpRequest) -> HttpResponse:
    """The current version, or with ``?on=`` the one that applied on a day."""
    day = day_asked_for(request.GET.get("on", ""))
    version = reading.versions().in_force_on(day) if day else reading.current()
    if version is None:
        return TemplateResponse(request, "dpa/none.html", {"section": "dpa", "as_of": day}, status=200 if day else 404)
    return text_page(request, version, day)


@public_page
def version(request: HttpRequest, number: str) -> HttpResponse:
    """One version that is or was in force, at an address that stays."""
    return text_page(request, found(number))


@public_page
def versions(request: HttpRequest) -> HttpResponse:
    return TemplateResponse(request, "dpa/versions.html", {"section": "dpa", "versions": reading.versions()})


@login_not_required
@require_safe
def current_pdf(request: HttpRequest) -> HttpResponse:
    current = reading.current()
    if current is None:
        raise Http404
    return HttpResponseRedirect(f"{reverse('dpa_version_pdf', args=[current.number])}?language={language_of(request)}")


@login_not_required
@require_safe
def version_pdf(request: HttpRequest, number: str) -> HttpResponse:
    text = found(number).text(language_of(request))
    document = text.document
    if document is None:
        raise Http404
    return public_file(
        request,
        name=f"{text.file_name}.pdf",
        content_type="application/pdf",
        sha256=document.sha256,
        changed_at=document.created_at,
        content=lambda: read(document.sha256),
        is_permanent=True,
    )


@login_not_required
@require_safe
def current_docx(request: HttpRequest) -> HttpResponse:
    current = reading.current()
    if current is None:
        raise Http404
    return HttpResponseRedirect(f"{reverse('dpa_version_docx', args=[current.number])}?language={language_of(request)}")


@login_not_required
@require_safe
def version_docx(request: HttpRequest, number: str) -> HttpResponse:
    """The text as a Word file, for those who negotiate it."""
    text = found(number).text(language_of(request))
    content = wordfile.of_text(text)
    assert text.version.approved_at is not None
    return public_file(
        request,
        name=f"{text.file_name}.docx",
        content_type=wordfile.CONTENT_TYPE,
        sha256=hashlib.sha256(content).hexdigest(),
        changed_at=text.version.approved_at,
        content=lambda: content,
        is_permanent=False,  # a later release may set it better
    )


@login_not_required
@require_safe
def version_text(request: HttpRequest, number: str) -> HttpResponse:
    """The plain text whose SHA-256 every acceptance names; places for the customer's values are still open."""
    text = found(number).text(language_of(request))
    assert text.version.approved_at is not None
    return public_file(
        request,
        name=f"{text.file_name}.txt",
        content_type="text/plain; charset=utf-8",
        sha256=text.sha256,
        changed_at=text.version.approved_at,
        content=text.plain_text.encode,
        is_permanent=True,
    )


@public_page
def compare(request: HttpRequest) -> HttpResponse:
    """Any two versions side by side; without a choice the current one and the one before it."""
    listed = list(reading.versions())
    if len(listed) < 2:
        return TemplateResponse(request, "dpa/compare.html", {"section": "dpa", "versions": listed})
    new = found(request.GET.get("to") or listed[0].number)
    old = found(request.GET.get("from") or listed[1].number)
    view = request.GET.get("view") if request.GET.get("view") in ("inline", "synopsis", "list") else "inline"
    context: dict[str, Any] = {"section": "dpa", "versions": listed, "view": view, **reading.difference(old, new, language_of(request))}
    return TemplateResponse(request, "dpa/compare.html", context)


@login_not_required
def verify(request: HttpRequest, reference: str = "") -> HttpResponse:
    """Check a reference, and a file's hash with it; nothing of the document is shown, and an uploaded file is not kept."""
    given: Any = (
        request.POST
        if request.method == "POST"
        else {"reference": reference or request.GET.get("reference", ""), "checksum": request.GET.get("checksum", "")}
    )
    asked = request.method == "POST" or bool(given["reference"])
    form = VerificationForm(given, request.FILES) if asked else VerificationForm()
    context: dict[str, Any] = {"form": form, "section": "verify"}
    if asked and form.is_valid():
        document = form.cleaned_data["document"]
        checksum = hashlib.sha256(document.read()).hexdigest() if document else form.cleaned_data["checksum"]
        context["result"] = verifying.verify(reference=form.cleaned_data["reference"], checksum=checksum)
    return TemplateResponse(request, "dpa/verify.html", context)
