"""What two sets of measures are compared by: one entry for each control, one for each measure that readers are shown."""

from __future__ import annotations

from typing import TypedDict

from publishing.comparison import Entry
from toms import legal_terms
from toms.models import Category, Control, Measure, MeasureSet


def entries(measure_set: MeasureSet, language: str) -> list[Entry]:
    """Return the entries in the order of the annex."""
    found = []
    for category in measure_set.shown_categories():
        for control in category.controls.all():
            found.append(of_control(category, control, language))
            found += [of_measure(measure, control, language) for measure in control.measures.all()]
    return found


def of_control(category: Category, control: Control, language: str) -> Entry:
    goals = [legal_terms.protection_goal(goal, language) for goal in control.sdm]
    references = [
        legal_terms.article_32(control.art32, language),
        f"ISO/IEC 27001: {', '.join(control.iso27001)}" if control.iso27001 else "",
        ", ".join(goals),
    ]
    title = f"{control.code} {control.label(language)}"
    return Entry(f"control:{control.code}", title, [category.label(language), control.aim(language), *references])


def of_measure(measure: Measure, control: Control, language: str) -> Entry:
    clauses = "Anhang III der Standardvertragsklauseln" if language == "de" else "Annex III to the standard contractual clauses"
    heading = f"{clauses}: {legal_terms.scc_heading(measure.scc_heading, language)}" if measure.scc_heading else ""
    return Entry(
        f"measure:{measure.key}", f"{measure.key} ({control.label(language)})", [measure.text(language), doer(measure, language), heading]
    )


def doer(measure: Measure, language: str) -> str:
    """Say who implements the measure, in the language of the annex."""
    if measure.implemented_by == Measure.ImplementedBy.PROVIDER:
        return "Durch uns" if language == "de" else "By us"
    group = "Durch Unterauftragsverarbeiter" if language == "de" else "By subprocessors"
    return f"{group}: {', '.join(measure.subprocessor_names)}" if measure.subprocessor_names else group


class HeadingLine(TypedDict):
    """A heading of Annex III with the measures that answer it."""

    key: str
    label: str
    measures: list[dict[str, str]]


def by_scc_heading(measure_set: MeasureSet, language: str) -> list[HeadingLine]:
    """Return the shown measures under the 17 headings of Annex III to the standard contractual clauses, those without one last."""
    controls = [control for category in measure_set.shown_categories() for control in category.controls.all()]
    measures = [measure for control in controls for measure in control.measures.all()]
    keys = [*legal_terms.SCC_HEADINGS, ""]
    found = [heading_line(key, [measure for measure in measures if measure.scc_heading == key], language) for key in keys]
    return [line for line in found if line["measures"]]


def heading_line(key: str, measures: list[Measure], language: str) -> HeadingLine:
    lines = [{"key": each.key, "text": each.text(language), "doer": doer(each, language)} for each in measures]
    return {"key": key or "further", "label": legal_terms.scc_heading(key, language), "measures": lines}
