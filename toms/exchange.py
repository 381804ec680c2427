"""Measures as a CSV file that can be edited elsewhere and read in again; internal details are in it, so it is for staff alone."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Max
from django.utils.text import slugify
from django.utils.translation import gettext as _

from publishing.tables import csv_bytes, plain
from toms import legal_terms
from toms.models import Category, Control, Measure, MeasureSet

OF_CATEGORY = ("category_de", "category_en")
OF_CONTROL = ("code", "control_de", "control_en", "aim_de", "aim_en", "art32", "iso27001", "sdm")
OF_MEASURE = ("key", "text_de", "text_en", "implemented_by", "subprocessor_names", "scc_heading", "status", "owner", "next_review_date")
COLUMNS = (*OF_CATEGORY, *OF_CONTROL, *OF_MEASURE, "internal_detail")
LISTS = ("art32", "iso27001", "sdm", "subprocessor_names")
REQUIRED = ("code", "key", "text_de", "text_en")
BAR = "|"


@dataclass(frozen=True)
class Line:
    """One line of the file: its number as editors and spreadsheets count, and its cells by column."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "").strip()


class LinesRefused(Exception):
    """The file cannot be taken; ``reasons`` says for each line why. Nothing of it was taken."""

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = list(reasons)
        super().__init__(" ".join(reasons))


# --- out -------------------------------------------------------------------------------------------------------------


def export(measure_set: MeasureSet) -> bytes:
    """Return every measure of the set, planned and retired ones too; lists stand with a bar between their items."""
    measures = measure_set.measures.select_related("control__category").order_by("control__category__sort", "control__sort", "sort")
    return csv_bytes(COLUMNS, ([text_of(measure, column) for column in COLUMNS] for measure in measures))


def text_of(measure: Measure, column: str) -> str:
    control, category = measure.control, measure.control.category
    renamed = {"category": category, "control": control}
    stem, _line, language = column.rpartition("_")
    if stem in renamed:
        return str(getattr(renamed[stem], f"label_{language}"))
    value = getattr(control if column in OF_CONTROL else measure, column)
    if column in LISTS:
        return f" {BAR} ".join(value)
    return "" if value is None else str(value)


# --- in --------------------------------------------------------------------------------------------------------------


def read(content: bytes) -> list[Line]:
    """Return the lines of a CSV file in UTF-8, separated by commas or semicolons. Raises LinesRefused for what is none."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise LinesRefused([_("Save the file as CSV in UTF-8.")]) from None
    first = text.split("\n", 1)[0]
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",")
    lacking = [column for column in REQUIRED if column not in (rows.fieldnames or ())]
    if lacking:
        raise LinesRefused([_("These columns are missing: %(columns)s.") % {"columns": ", ".join(lacking)}])
    try:
        lines = [Line(rows.line_num, {name: plain(value or "") for name, value in row.items() if name}) for row in rows]
    except csv.Error:
        raise LinesRefused([_("Save the file as CSV in UTF-8.")]) from None
    if not lines:
        raise LinesRefused([_("The file holds no measure.")])
    return lines


def take(draft: MeasureSet, lines: Sequence[Line]) -> None:
    """Write the lines into the draft; raises LinesRefused with every reason, and the caller's transaction then takes nothing."""
    reasons = [reason for line in lines for reason in refusals(line)] + doubled(lines)
    if not reasons:
        for line in lines:
            reasons += written(draft, line)
    if reasons:
        raise LinesRefused(reasons)


def refusals(line: Line) -> Iterator[str]:
    """Yield what is wrong with one line by itself."""
    known = {
        "implemented_by": Measure.ImplementedBy.values,
        "status": Measure.Status.values,
        "scc_heading": list(legal_terms.SCC_HEADINGS),
    }
    for column in REQUIRED:
        if not line[column]:
            yield in_line(line, _("%(column)s is empty.") % {"column": column})
    for column, values in known.items():
        if line[column] and line[column] not in values:
            yield in_line(line, _("%(column)s is one of: %(values)s.") % {"column": column, "values": ", ".join(values)})
    unknown = [goal for goal in items(line["sdm"]) if goal not in legal_terms.PROTECTION_GOALS]
    if unknown:
        yield in_line(line, _("%(column)s is one of: %(values)s.") % {"column": "sdm", "values": ", ".join(legal_terms.PROTECTION_GOALS)})


def doubled(lines: Sequence[Line]) -> list[str]:
    seen: set[str] = set()
    found = []
    for line in lines:
        if line["key"] in seen:
            found.append(in_line(line, _("The key %(key)s stands in the file twice.") % {"key": line["key"]}))
        seen.add(line["key"])
    return found


def written(draft: MeasureSet, line: Line) -> list[str]:
    """Write one line; return what the register refuses of it, with the line's number."""
    try:
        control = control_of(draft, line)
        measure = draft.measures.filter(key=line["key"]).first() or Measure(measure_set=draft, key=line["key"], sort=next_place(control))
        measure.control = control
        for column in (*OF_MEASURE, "internal_detail"):
            if column in line.cells and column != "key":
                setattr(measure, column, value_of(measure, column, line[column]))
        measure.full_clean()
        measure.save()
    except ValidationError as refusal:
        return [in_line(line, text) for text in texts_of(refusal)]
    return []


def control_of(draft: MeasureSet, line: Line) -> Control:
    control = draft.controls.filter(code=line["code"]).first()
    if control is None:
        control = Control(measure_set=draft, code=line["code"], category=category_of(draft, line), sort=next_place(draft))
    renamed = {"control_de": "label_de", "control_en": "label_en"}
    for column in OF_CONTROL:
        if line[column] and column != "code":
            setattr(control, renamed.get(column, column), items(line[column]) if column in LISTS else line[column])
    control.full_clean()
    control.save()
    return control


def category_of(draft: MeasureSet, line: Line) -> Category:
    """Return the category of a new control by its English label, a new one where there is none."""
    known = draft.categories.filter(label_en__iexact=line["category_en"]).first()
    if known is not None:
        return known
    place = (draft.categories.aggregate(last=Max("sort"))["last"] or 0) + 1
    made = Category(
        measure_set=draft, key=slugify(line["category_en"])[:40], label_de=line["category_de"], label_en=line["category_en"], sort=place
    )
    made.full_clean()
    made.save()
    return made


def next_place(holder: MeasureSet | Control) -> int:
    rows: Any = holder.measures if isinstance(holder, Control) else holder.controls
    return int((rows.aggregate(last=Max("sort"))["last"] or 0) + 1)


def value_of(measure: Measure, column: str, text: str) -> Any:
    if column in LISTS:
        return items(text)
    if column == "next_review_date":
        return text or None
    default = {"implemented_by": measure.implemented_by, "status": measure.status}
    return text or default.get(column, "")


def items(text: str) -> list[str]:
    return [item.strip() for item in text.split(BAR) if item.strip()]


def in_line(line: Line, text: str) -> str:
    return _("Line %(number)s: %(text)s") % {"number": line.number, "text": text}


def texts_of(refusal: ValidationError) -> Iterator[str]:
    if not hasattr(refusal, "error_dict"):
        yield from refusal.messages
        return
    for field, messages in refusal.message_dict.items():
        yield from (message if field == NON_FIELD_ERRORS else f"{field}: {message}" for message in messages)
