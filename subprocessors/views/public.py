"""The public pages and files of the register of subprocessors: no login, no cookie, no script."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from publishing.files import content_file, printed_file, public_page, table_file
from publishing.pages import comparison_page, day_asked_for, reading_language
from subprocessors import pages
from subprocessors.models import Announcement, Subprocessor, SubprocessorList
from subprocessors.wizard import REGISTER


def list_or_404(number: int | None) -> SubprocessorList:
    subprocessor_list = pages.find_list(number)
    if subprocessor_list is None:
        raise Http404
    return subprocessor_list


@public_page
def register(request: HttpRequest) -> HttpResponse:
    """The register as it applies with what is announced, or with ``?on=`` as it applied on a day."""
    asked = request.GET.dict()
    day = day_asked_for(asked.get("on", ""))
    chosen = pages.find_list_on(day) if day else pages.find_list(None)
    context = pages.register_page(chosen, asked, reading_language()) | {"as_of": day, "today": timezone.localdate()}
    if day is None:
        context["planned"] = Announcement.objects.running().prefetch_related("changes")
    return TemplateResponse(request, "subprocessors/register.html", context)


@public_page
def version(request: HttpRequest, number: int) -> HttpResponse:
    context = pages.register_page(list_or_404(number), request.GET.dict(), reading_language())
    return TemplateResponse(request, "subprocessors/register.html", context)


@public_page
def versions(request: HttpRequest) -> HttpResponse:
    context = {"section": "subprocessors", "events": pages.history(reading_language())}
    return TemplateResponse(request, "subprocessors/versions.html", context)


@public_page
def compare(request: HttpRequest) -> HttpResponse:
    """Any two versions at an address that stays; without a choice the newest and the one before it."""
    context = comparison_page(REGISTER, request.GET.dict(), section="subprocessors", back_url=reverse("subprocessors_versions"))
    return TemplateResponse(request, "publishing/compare.html", context)


@public_page
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
    name = f"{file_stem(subprocessor_list, language)}.pdf"
    return printed_file(request, subprocessor_list.printed().get(language), name=name, is_permanent=number is not None)


@require_safe
@login_not_required
def csv_file(request: HttpRequest, number: int | None = None) -> HttpResponse:
    subprocessor_list, language = list_or_404(number), reading_language()
    content = pages.csv_file(subprocessor_list, language)
    return table_file(request, subprocessor_list, content, name=f"{file_stem(subprocessor_list, language)}.csv")


@require_safe
@login_not_required
def json_file(request: HttpRequest, number: int | None = None) -> HttpResponse:
    subprocessor_list = list_or_404(number)
    name = f"{file_stem(subprocessor_list, reading_language())}.json"
    return content_file(request, subprocessor_list, name=name, is_permanent=number is not None)


def file_stem(subprocessor_list: SubprocessorList, language: str) -> str:
    name = "Unterauftragsverarbeiter" if language == "de" else "Subprocessors"
    return f"{name}_{subprocessor_list.number}_{language}"
