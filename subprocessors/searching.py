"""Find entries however a visitor spells them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from subprocessors.countries import country_names
from subprocessors.models import Subprocessor

WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


def foldings(text: str) -> tuple[str, str]:
    """Return the text without case and accents, with umlauts written out and with umlauts as plain vowels."""
    folded = text.casefold()
    return without_accents(folded.translate(WRITTEN_OUT)), without_accents(folded)


def without_accents(text: str) -> str:
    return "".join(character for character in unicodedata.normalize("NFKD", text) if not unicodedata.combining(character))


def matching(entries: Sequence[Subprocessor], *, words: str, country: str, language: str) -> list[Subprocessor]:
    """Return the entries that hold every word and have to do with the country; a register is short, so memory is the place to look."""
    return [entry for entry in entries if (not country or country in entry.countries) and holds(entry, words, language)]


def holds(entry: Subprocessor, words: str, language: str) -> bool:
    shown = [entry.legal_name, entry.service_name, entry.address, entry.purpose(language), *entry.data_categories(language)]
    texts = foldings(" ".join([*shown, *country_names(sorted(entry.countries), language)]))
    return all(any(spelling in text for spelling in foldings(word) for text in texts) for word in words.split())
