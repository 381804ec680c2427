"""The download centre: every document with size, pages, version and hash, and all of them in one archive."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from compliance_portal import pack
from dpa import reading
from publishing.files import public_file, public_page
from publishing.models import PublishedVersion
from subprocessors.models import SubprocessorList
from toms.models import MeasureSet

LANGUAGE_NAMES = {"de": "Deutsch", "en": "English"}


@public_page
def documents(request: HttpRequest) -> HttpResponse:
    """Everything that is in force first, then what was in force before."""
    groups = list(filter(None, [agreements(), register("toms", MeasureSet), register("subprocessors", SubprocessorList)]))
    context = {"groups": groups, "pack_size": pack.size(pack.contents()), "section": "documents"}
    return TemplateResponse(request, "compliance_portal/documents.html", context)


@require_safe
@login_not_required
def everything(request: HttpRequest) -> HttpResponse:
    """The compliance pack."""
    chosen = pack.contents()
    if not chosen.versions:
        raise Http404
    content = pack.archive(chosen)
    changed_at = max(version.published_at for version in chosen.versions if version.published_at)
    return public_file(
        request,
        name="compliance-pack.zip",
        content_type="application/zip",
        sha256=hashlib.sha256(content).hexdigest(),
        changed_at=changed_at,
        content=lambda: content,
        is_permanent=False,
    )


# --- what the page lists ----------------------------------------------------------------------------------------------


def agreements() -> dict[str, Any] | None:
    found = [
        facts_of(version) | {"files": [file for text in version.texts.all() for file in agreement_rows(version.number, text)]}
        for version in reading.versions()
    ]
    return {"title": gettext("Data processing agreement"), "versions": found} if found else None


def agreement_rows(number: str, text: Any) -> list[dict[str, Any]]:
    """Return the files of one text; the documents are read with the versions, so no query is asked here."""
    query, name = f"?language={text.language}", {"language": LANGUAGE_NAMES[text.language]}
    made = next((each for each in text.documents.all() if each.text_sha256 == text.sha256), None)
    rows = []
    if made is not None:
        rows.append(row(gettext("Document, %(language)s") % name, reverse("dpa_version_pdf", args=[number]) + query, "PDF", made))
    rows.append(row(gettext("To work on in Word, %(language)s") % name, reverse("dpa_version_docx", args=[number]) + query, "DOCX"))
    text_row = row(gettext("Plain text, %(language)s") % name, reverse("dpa_version_text", args=[number]) + query, "TXT")
    return [*rows, text_row | {"sha256": text.sha256}]


def register(name: str, model: type[MeasureSet] | type[SubprocessorList]) -> dict[str, Any] | None:
    titles = {"toms": gettext("Technical and organisational measures"), "subprocessors": gettext("Subprocessors")}
    found = []
    for version in model.objects.readable().prefetch_related("documents"):
        address = {ending: reverse(f"{name}_version_{ending}", args=[version.number]) for ending in ("pdf", "csv", "json")}
        shown = [pdf_row(address["pdf"], each) for each in version.printed().values()]
        table = {"language": LANGUAGE_NAMES[get_language() or "de"]}
        shown.append(row(gettext("Table, %(language)s") % table, address["csv"], "CSV"))
        shown.append(row(gettext("For machines, both languages"), address["json"], "JSON") | {"sha256": version.sha256})
        found.append(facts_of(version) | {"files": shown})
    return {"title": titles[name], "versions": found} if found else None


def pdf_row(address: str, made: Any) -> dict[str, Any]:
    name = {"language": LANGUAGE_NAMES[made.language]}
    return row(gettext("Document, %(language)s") % name, in_language(address, made.language), "PDF", made)


def in_language(address: str, language: str) -> str:
    """Return the same address in another language's tree."""
    return f"/{language}/{address.split('/', 2)[2]}"


def facts_of(version: PublishedVersion) -> dict[str, Any]:
    return {"number": version.number, "effective_date": version.effective_date, "is_current": version.state == "published"}


def row(title: str, url: str, kind: str, made: Any = None) -> dict[str, Any]:
    known = {"size": made.size, "pages": made.pages, "sha256": made.sha256} if made is not None else {}
    return {"title": title, "url": url, "format": kind, **known}
