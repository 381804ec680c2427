"""Which measures a set does without or keeps in a weaker form, compared with the set in force; each needs a reason and a replacement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from toms.models import Measure, MeasureSet


class ReplacementMissing(Exception):
    """These measures are removed or weakened without a reason and a replacement in force; ``keys`` lists them."""

    def __init__(self, keys: list[str]) -> None:
        self.keys = keys
        super().__init__(", ".join(keys))


@dataclass(frozen=True)
class Statement:
    """What somebody says of a removed or weakened measure."""

    measure_key: str
    reason: str
    replacement_key: str


def implemented(measure_set: MeasureSet | None) -> dict[str, Measure]:
    """Return what the set promises: its implemented measures by their keys."""
    if measure_set is None:
        return {}
    return {measure.key: measure for measure in measure_set.measures.filter(status=Measure.Status.IMPLEMENTED).select_related("control")}


def removed(current: MeasureSet | None, coming: MeasureSet) -> list[Measure]:
    """Return the measures in force that the coming set no longer promises: gone, planned again, or retired."""
    kept = implemented(coming)
    return [measure for key, measure in implemented(current).items() if key not in kept]


def reworded(current: MeasureSet | None, coming: MeasureSet) -> list[Measure]:
    """Return the measures, as they will read, whose words, doer or letters of Art. 32(1) GDPR change: people say whether they weaken."""
    before = implemented(current)
    return [measure for key, measure in implemented(coming).items() if key in before and promise(measure) != promise(before[key])]


def promise(measure: Measure) -> tuple[object, ...]:
    return measure.text_de, measure.text_en, measure.implemented_by, sorted(measure.control.art32)


def loses_letters(current: MeasureSet | None, coming: MeasureSet) -> list[Measure]:
    """Return the measures that answer fewer letters of Art. 32(1) GDPR than before; no words can make up for that."""
    before = implemented(current)
    return [
        measure
        for key, measure in implemented(coming).items()
        if key in before and not set(before[key].control.art32) <= set(measure.control.art32)
    ]


def to_be_justified(current: MeasureSet | None, coming: MeasureSet) -> list[Measure]:
    """Return the measures that need a reason and a replacement whatever anybody says of them."""
    return [*removed(current, coming), *loses_letters(current, coming)]


def require_replacements(current: MeasureSet | None, coming: MeasureSet) -> None:
    """Raise ReplacementMissing unless each removed or weakened measure has a reason and a replacement that the set promises."""
    promised = implemented(coming)
    stated = {row.measure_key: row.replacement_key for row in coming.weakenings.all()}
    needed = {measure.key for measure in to_be_justified(current, coming)} | set(stated)
    unfit = [key for key in needed if stated.get(key) not in promised]
    if unfit:
        raise ReplacementMissing(sorted(unfit))


def fit(statements: Iterable[Statement], coming: MeasureSet) -> None:
    """Raise ReplacementMissing for a statement whose replacement is not an implemented measure of the set, or the measure itself."""
    promised = implemented(coming)
    unfit = [each.measure_key for each in statements if each.replacement_key not in promised or each.replacement_key == each.measure_key]
    if unfit:
        raise ReplacementMissing(sorted(unfit))
