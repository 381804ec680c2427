"""Fill a draft: with the sample that ships with the portal, or with the rows of another set."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from toms.models import Category, Control, Measure, MeasureSet

SAMPLE = Path(__file__).parent / "sample" / "measures.json"


def sample() -> dict[str, Any]:
    """Return the sample register; nobody has verified it, and its rows say so."""
    content: dict[str, Any] = json.loads(SAMPLE.read_text(encoding="utf-8"))
    return content


def fill_from(measure_set: MeasureSet, content: Mapping[str, Any]) -> None:
    """Add the categories, controls and measures of the sample's format to a draft."""
    for position, category in enumerate(content["categories"]):
        row = Category.objects.create(measure_set=measure_set, key=category["key"], sort=position, **in_both(category, "label"))
        for place, control in enumerate(category["controls"]):
            add_control(row, control, place)


def add_control(category: Category, control: Mapping[str, Any], position: int) -> None:
    lists = {name: control[name] for name in ("art32", "iso27001", "sdm")}
    row = Control.objects.create(
        measure_set=category.measure_set,
        category=category,
        code=control["code"],
        sort=position,
        **lists,
        **in_both(control, "label"),
        **in_both(control, "aim"),
    )
    Measure.objects.bulk_create(
        Measure(
            measure_set=category.measure_set,
            control=row,
            key=measure["key"],
            implemented_by=measure["implemented_by"],
            scc_heading=measure.get("scc_heading", ""),
            status=Measure.Status.IMPLEMENTED,
            sort=place,
            **in_both(measure, "text"),
        )
        for place, measure in enumerate(control["measures"])
    )


def in_both(row: Mapping[str, Any], name: str) -> dict[str, str]:
    """Return the fields of both languages from ``{"de": …, "en": …}``."""
    return {f"{name}_de": row[name]["de"], f"{name}_en": row[name]["en"]}


def copy_rows(source: MeasureSet, target: MeasureSet) -> None:
    """Copy every row of a set, planned and retired ones too, into a draft; codes and keys stay, so that versions can be compared."""
    new_category: dict[int, Category] = {}
    for category in source.categories.all():
        old = category.pk
        category.pk, category.measure_set = None, target
        category.save(force_insert=True)
        new_category[old] = category
    new_control: dict[int, Control] = {}
    for control in source.controls.all():
        old = control.pk
        control.pk, control.measure_set, control.category = None, target, new_category[control.category_id]
        control.save(force_insert=True)
        new_control[old] = control
    measures = list(source.measures.all())
    for measure in measures:
        measure.pk, measure.measure_set, measure.control = None, target, new_control[measure.control_id]
    Measure.objects.bulk_create(measures)
