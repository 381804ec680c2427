"""What two sets of measures are compared by: one entry for each control, one for each measure that readers are shown."""

from __future__ import annotations

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
    heading = legal_terms.scc_heading(measure.scc_heading, language) if measure.scc_heading else ""
    return Entry(
        f"measure:{measure.key}", f"{measure.key} ({control.label(language)})", [measure.text(language), doer(measure, language), heading]
    )


def doer(measure: Measure, language: str) -> str:
    """Say who implements the measure, in the language of the annex."""
    if measure.implemented_by == Measure.ImplementedBy.PROVIDER:
        return "Durch uns" if language == "de" else "By us"
    group = "Durch Unterauftragsverarbeiter" if language == "de" else "By subprocessors"
    return f"{group}: {', '.join(measure.subprocessor_names)}" if measure.subprocessor_names else group
