"""Whether a set answers every letter of Art. 32(1) GDPR."""

from __future__ import annotations

from toms.legal_terms import LETTERS
from toms.models import Control, Measure, MeasureSet


class LettersMissing(Exception):
    """No implemented measure answers these letters of Art. 32(1) GDPR; ``letters`` lists them."""

    def __init__(self, letters: list[str]) -> None:
        self.letters = letters
        super().__init__(", ".join(letters))


def missing_letters(measure_set: MeasureSet) -> list[str]:
    """Return the letters (a) to (d) of Art. 32(1) GDPR that no implemented measure of the set answers."""
    answering = Control.objects.filter(measure_set=measure_set, measures__status=Measure.Status.IMPLEMENTED)
    covered = {letter for letters in answering.values_list("art32", flat=True) for letter in letters}
    return [letter for letter in LETTERS if letter not in covered]


def require_all_letters(measure_set: MeasureSet) -> None:
    """Raise LettersMissing unless every letter of Art. 32(1) GDPR is answered."""
    missing = missing_letters(measure_set)
    if missing:
        raise LettersMissing(missing)
