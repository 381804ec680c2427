"""What the public pages and files of the register show."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext, pgettext

from publishing.models import State
from publishing.tables import csv_bytes
from toms.models import MeasureSet


def find_set(number: int | None) -> MeasureSet | None:
    """Return the set of this number if it is or was in force, or without a number the current one; with its documents."""
    sets = MeasureSet.objects.prefetch_related("documents")
    return sets.current() if number is None else sets.readable().filter(number=str(number)).first()


def register_page(measure_set: MeasureSet | None, language: str) -> dict[str, object]:
    """Return the context of the register's page; without a set it says that nothing is published yet."""
    if measure_set is None:
        return {"section": "measures", "version": None}
    categories = measure_set.as_annex(language)
    return {
        "section": "measures",
        "version": measure_set,
        "change_note": measure_set.change_note(language),
        "categories": categories,
        "is_sample": any(not control["is_verified"] for category in categories for control in category["controls"]),
        "document": next((document for document in measure_set.documents.all() if document.language == language), None),
        "current": MeasureSet.objects.current() if measure_set.state == State.SUPERSEDED else None,
        "addresses": file_addresses(measure_set),
    }


def file_addresses(measure_set: MeasureSet) -> dict[str, str]:
    """Return the addresses of the files: the current set's stay the same for ever, an older one's carry its number."""
    formats = ("pdf", "csv", "json")
    if measure_set.state == State.PUBLISHED:
        return {name: reverse(f"toms_{name}") for name in formats}
    return {name: reverse(f"toms_version_{name}", args=[measure_set.number]) for name in formats}


def history(language: str) -> list[dict[str, object]]:
    """Return the published sets, newest first, as the timeline shows them."""
    return [
        {
            "at": measure_set.effective_date,
            "title": gettext("Version %(number)s") % {"number": measure_set.number},
            "text": measure_set.change_note(language),
            "url": reverse("toms_version", args=[measure_set.number]),
            "past": measure_set.state == State.SUPERSEDED,
        }
        for measure_set in MeasureSet.objects.readable()
    ]


def csv_file(measure_set: MeasureSet, language: str) -> bytes:
    """Return the measures as a table, one row each."""
    header = [
        gettext("Category"),
        gettext("Code"),
        pgettext("of measures", "Control"),
        gettext("Provision"),
        gettext("Implemented"),
        gettext("Measure"),
    ]
    by = {"provider_measures": gettext("by us"), "subprocessor_measures": gettext("by subprocessors")}
    rows = [
        [category["label"], control["code"], control["label"], control["art32"], by[group], text]
        for category in measure_set.as_annex(language)
        for control in category["controls"]
        for group, texts in (
            ("provider_measures", control["provider_measures"]),
            ("subprocessor_measures", control["subprocessor_measures"]),
        )
        for text in texts
    ]
    return csv_bytes(header, rows)
