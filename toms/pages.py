"""What the pages and files of the register show, the public ones and those of the staff."""

from __future__ import annotations

import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, pgettext

from publishing.comparison import compare_entries, count_kinds
from publishing.models import State
from publishing.tables import csv_bytes
from toms import legal_terms, reading, reviewing
from toms.models import Category, Control, EvidenceFile, Measure, MeasureSet, Review
from toms.wizard import REGISTER, lacks

ANNEX_III = "annex-iii"


def find_set(number: int | None) -> MeasureSet | None:
    """Return the set of this number if it is or was in force, or without a number the current one; with its documents."""
    sets = MeasureSet.objects.prefetch_related("documents")
    return sets.current() if number is None else sets.readable().filter(number=str(number)).first()


def find_set_on(day: datetime.date) -> MeasureSet | None:
    """Return the set that applied on the day, with its documents."""
    return MeasureSet.objects.prefetch_related("documents").in_force_on(day)


def register_page(measure_set: MeasureSet | None, language: str, order: str = "") -> dict[str, object]:
    """Return the context of the register's page; without a set it says that nothing is published yet.

    In the order "annex-iii" the measures stand under the headings of Annex III to the standard contractual clauses.
    """
    if measure_set is None:
        return {"section": "measures", "version": None}
    categories = measure_set.as_annex(language)
    return {
        "headings": reading.by_scc_heading(measure_set, language) if order == ANNEX_III else [],
        "section": "measures",
        "version": measure_set,
        "change_note": measure_set.change_note(language),
        "categories": categories,
        "is_sample": any(not control["is_verified"] for category in categories for control in category["controls"]),
        "document": measure_set.printed().get(language),
        "current": MeasureSet.objects.current() if measure_set.state == State.SUPERSEDED else None,
        "addresses": file_addresses(measure_set),
    }


def file_addresses(measure_set: MeasureSet) -> dict[str, str]:
    """Return the addresses of the files: the current set's stay the same for ever, an older one's carry its number."""
    formats = ("pdf", "csv", "json")
    if measure_set.state == State.PUBLISHED:
        addresses = {name: reverse(f"toms_{name}") for name in formats}
    else:
        addresses = {name: reverse(f"toms_version_{name}", args=[measure_set.number]) for name in formats}
    return addresses | {"csv_annex_iii": f"{addresses['csv']}?order={ANNEX_III}"}


def history(language: str) -> list[dict[str, object]]:
    """Return the published sets, newest first, as the timeline shows them."""
    return [
        {
            "at": measure_set.effective_date,
            "title": gettext("Version %(number)s") % {"number": measure_set.number},
            "text": f"{measure_set.get_change_kind_display()}: {measure_set.change_note(language)}",
            "url": reverse("toms_version", args=[measure_set.number]),
            "past": measure_set.state == State.SUPERSEDED,
        }
        for measure_set in MeasureSet.objects.readable()
    ]


def csv_file(measure_set: MeasureSet, language: str, order: str = "") -> bytes:
    """Return the measures as a table, one row each, in the order of the register or of Annex III."""
    if order == ANNEX_III:
        return csv_by_heading(measure_set, language)
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


def csv_by_heading(measure_set: MeasureSet, language: str) -> bytes:
    header = [gettext("Heading of Annex III"), gettext("Key"), gettext("Implemented"), gettext("Measure")]
    rows = [
        [heading["label"], line["key"], line["doer"], line["text"]]
        for heading in reading.by_scc_heading(measure_set, language)
        for line in heading["measures"]
    ]
    return csv_bytes(header, rows)


# --- the desk ----------------------------------------------------------------------------------------------------------


def desk_page(shown: MeasureSet | None, user: Any, language: str) -> dict[str, Any]:
    """Return the context of the register's desk: a draft with every row, and how far it is from the published version."""
    current = REGISTER.current()
    context: dict[str, Any] = {
        "section": "manage",
        "version": shown,
        "current": current,
        "may_edit": user.has_perm(REGISTER.edit),
        "others": [each for each in REGISTER.versions().in_preparation() if each != shown],
    }
    if shown is not None:
        old = reading.entries(current, language) if current and current != shown else []
        counts = count_kinds(compare_entries(old, reading.entries(shown, language)))
        context |= {
            "categories": categories_of(shown, language),
            "counts": counts,
            "changes": sum(counts.values()),
            "lacks": lacks(shown) if shown.is_draft else [],
            "may_change": shown.is_draft and context["may_edit"],
        }
    return context


def categories_of(measure_set: MeasureSet, language: str) -> list[dict[str, Any]]:
    """Return every row of the set, planned and retired ones too, as the desk lists them."""
    categories = measure_set.categories.prefetch_related("controls__measures")
    return [category_line(category, language) for category in categories]


def category_line(category: Category, language: str) -> dict[str, Any]:
    controls = [control_line(control, language) for control in category.controls.all()]
    return {"row": category, "label": category.label(language), "controls": controls}


def control_line(control: Control, language: str) -> dict[str, Any]:
    measures = [measure_line(measure, language) for measure in control.measures.all()]
    return {
        "row": control,
        "label": control.label(language),
        "measures": measures,
        "art32": legal_terms.article_32(control.art32, language),
    }


def measure_line(measure: Measure, language: str) -> dict[str, Any]:
    tones = {Measure.Status.IMPLEMENTED: "ok", Measure.Status.PLANNED: "info"}
    return {
        "row": measure,
        "text": measure.text(language),
        "doer": reading.doer(measure, language),
        "tone": tones.get(Measure.Status(measure.status), ""),
    }


def row_name(row: Category | Control | Measure, language: str) -> str:
    """Return what a row is called at the desk, in the reader's language."""
    if isinstance(row, Measure):
        return row.key
    return f"{row.code} {row.label(language)}" if isinstance(row, Control) else row.label(language)


def next_key(control: Control) -> str:
    """Return the next free key of a control's measures, such as ``PHYS-10``."""
    taken = set(Measure.objects.filter(measure_set=control.measure_set).values_list("key", flat=True))
    return next(key for number in range(1, len(taken) + 2) if (key := f"{control.code}-{number:02d}") not in taken)


def upkeep_page(key: str, language: str) -> dict[str, Any] | None:
    """Return the files and reviews of a measure with its newest wording, or None when no set ever held it."""
    measure = Measure.objects.filter(key=key).select_related("measure_set", "control").order_by("-measure_set__created_at").first()
    if measure is None:
        return None
    return {
        "section": "manage",
        "measure": measure,
        "text": measure.text(language),
        "label": measure.control.label(language),
        "files": EvidenceFile.objects.filter(measure_key=key).select_related("added_by"),
        "reviews": Review.objects.filter(measure_key=key).select_related("reviewed_by"),
        "next_review_date": reviewing.next_dates([key]).get(key) or measure.next_review_date,
    }


def reviews_page(today: datetime.date, language: str) -> dict[str, Any]:
    """Return the reviews that are due within 30 days or overdue, the most urgent first."""
    found = reviewing.due_until(today + reviewing.AHEAD)
    rows = [
        {
            "key": due.measure.key,
            "text": due.measure.text(language),
            "owner": due.measure.owner,
            "day": due.day,
            "is_overdue": due.day < today,
        }
        for due in found
    ]
    return {"section": "manage", "rows": rows}
