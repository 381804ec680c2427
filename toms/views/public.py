"""The public pages and files of the register of measures: no login, no cookie, no script."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from publishing.files import content_file, printed_file, public_page, table_file
from publishing.pages import comparison_page, day_asked_for, reading_language
from toms import pages
from toms.models import MeasureSet
from toms.wizard import REGISTER


def set_or_404(number: int | None) -> MeasureSet:
    measure_set = pages.find_set(number)
    if measure_set is None:
        raise Http404
    return measure_set


@public_page
def register(request: HttpRequest) -> HttpResponse:
    """The register as it applies, or with ``?on=`` as it applied on a day."""
    day = day_asked_for(request.GET.get("on", ""))
    chosen = pages.find_set_on(day) if day else pages.find_set(None)
    context = pages.register_page(chosen, reading_language(), request.GET.get("order", "")) | {"as_of": day}
    return TemplateResponse(request, "toms/register.html", context)


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
    context = comparison_page(REGISTER, request.GET.dict(), section="measures", back_url=reverse("toms_versions"))
    return TemplateResponse(request, "publishing/compare.html", context)


@require_safe
@login_not_required
def pdf_file(request: HttpRequest, number: int | None = None) -> HttpResponse:
    measure_set, language = set_or_404(number), reading_language()
    name = f"TOM_{measure_set.number}_{language}.pdf"
    return printed_file(request, measure_set.printed().get(language), name=name, is_permanent=number is not None)


@require_safe
@login_not_required
def csv_file(request: HttpRequest, number: int | None = None) -> HttpResponse:
    measure_set, language = set_or_404(number), reading_language()
    content = pages.csv_file(measure_set, language, request.GET.get("order", ""))
    return table_file(request, measure_set, content, name=f"TOM_{measure_set.number}_{language}.csv")


@require_safe
@login_not_required
def json_file(request: HttpRequest, number: int | None = None) -> HttpResponse:
    measure_set = set_or_404(number)
    return content_file(request, measure_set, name=f"TOM_{measure_set.number}.json", is_permanent=number is not None)
