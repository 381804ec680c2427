"""Take a company out of the draft, after a look at where the portal still names it: measures, agreements, texts.

It stands on the roof since it has to know every register.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext

import publishing.services
import subprocessors.services
from customers.access import StaffRequest, staff_page
from dpa.models import AgreementText
from privacy_text.models import SampleText
from publishing.canonical import canonical_json
from publishing.models import State
from subprocessors.models import Subprocessor
from toms.models import Measure

LIVING = (State.DRAFT, State.APPROVED, State.PUBLISHED)
MOST = 50


@dataclass(frozen=True)
class Place:
    """Somewhere that a company is named."""

    title: str
    text: str = ""
    url: str = ""


def places(entry: Subprocessor) -> list[Place]:
    """Return where the company is still named, in what is in force or being prepared; by its legal name or its service's."""
    names = [name for name in (entry.legal_name, entry.service_name) if name]
    return [*in_measures(names), *in_agreements(entry.slug, names), *in_texts(names)][:MOST]


def in_measures(names: list[str]) -> Iterator[Place]:
    for measure in Measure.objects.filter(measure_set__state__in=LIVING).select_related("measure_set", "control"):
        if any(
            name in text
            for name in names
            for text in (measure.text_de, measure.text_en, measure.internal_detail, *measure.subprocessor_names)
        ):
            title = gettext("Measure %(key)s, %(version)s") % {"key": measure.key, "version": measure.measure_set}
            yield Place(title, measure.text(get_language() or "de"))


def in_agreements(slug: str, names: list[str]) -> Iterator[Place]:
    """Name the agreements whose annex holds the company, and drafts whose text does."""
    texts = AgreementText.objects.filter(version__state__in=LIVING).select_related("version", "version__subprocessor_list")
    for text in texts.filter(language="de"):
        pinned = text.version.subprocessor_list
        is_annexed = pinned is not None and pinned.entries.filter(slug=slug).exists()
        if is_annexed or any(name in text.body + text.description for name in names):
            url = reverse("dpa_version", args=[text.version.number]) if text.version.state == State.PUBLISHED else ""
            yield Place(str(text.version), gettext("Annex of subprocessors") if is_annexed else "", url)


def in_texts(names: list[str]) -> Iterator[Place]:
    for version in SampleText.objects.filter(state__in=LIVING):
        if any(name in canonical_json(version.content()).decode() for name in names):
            yield Place(str(version), gettext("Sample texts"))


@staff_page("subprocessors.change_subprocessorlist")
def remove(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask, with what else has to be looked at; then remove."""
    drafts = Subprocessor.objects.select_related("subprocessor_list").filter(subprocessor_list__state=State.DRAFT)
    entry = get_object_or_404(drafts, pk=pk)
    if request.method != "POST":
        context = {"section": "manage", "entry": entry, "places": places(entry)}
        return TemplateResponse(request, "subprocessors/manage_remove.html", context)
    try:
        subprocessors.services.remove_entry(entry=entry, by=request.user)
    except publishing.services.NotADraft:
        messages.error(request, gettext("The list is approved or published. Open it again, or edit a new draft."))
    else:
        messages.success(request, gettext("%(name)s left the draft.") % {"name": entry.legal_name})
    return redirect("manage_subprocessors")
