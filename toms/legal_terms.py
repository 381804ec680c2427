"""The law's own words, in both languages; kept beside the register, since an annex must not depend on a translation file."""

from __future__ import annotations

from collections.abc import Sequence

LETTERS = ("a", "b", "c", "d")

PROTECTION_GOALS = {
    "data_minimisation": ("Datenminimierung", "Data minimisation"),
    "availability": ("Verfügbarkeit", "Availability"),
    "integrity": ("Integrität", "Integrity"),
    "confidentiality": ("Vertraulichkeit", "Confidentiality"),
    "unlinkability": ("Nichtverkettung", "Unlinkability"),
    "transparency": ("Transparenz", "Transparency"),
    "intervenability": ("Intervenierbarkeit", "Intervenability"),
}


def article_32(letters: Sequence[str], language: str) -> str:
    """Return the provision as lawyers cite it, with no-break spaces: ``Art. 32(1)(a) and (b) GDPR``."""
    if not letters:
        return ""
    if language == "de":
        return f"Art.\N{NO-BREAK SPACE}32 Abs.\N{NO-BREAK SPACE}1 lit.\N{NO-BREAK SPACE}{joined(letters, 'und')}\N{NO-BREAK SPACE}DSGVO"
    return f"Art.\N{NO-BREAK SPACE}32(1){joined([f'({letter})' for letter in letters], 'and')}\N{NO-BREAK SPACE}GDPR"


def joined(words: Sequence[str], conjunction: str) -> str:
    *earlier, last = words
    return f"{', '.join(earlier)} {conjunction} {last}" if earlier else last


def protection_goal(key: str, language: str) -> str:
    """Return the goal's name in the Standard Data Protection Model (SDM 3.1); an unknown one stays as it is."""
    german, english = PROTECTION_GOALS.get(key, (key, key))
    return german if language == "de" else english
