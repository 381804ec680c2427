"""The law's own words, in both languages; kept beside the register, since an annex must not depend on a translation file."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.functional import lazy
from django.utils.translation import get_language

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


SCC_HEADINGS = {
    "encryption": ("Pseudonymisierung und Verschlüsselung personenbezogener Daten", "Pseudonymisation and encryption of personal data"),
    "resilience": (
        "Fortdauernde Vertraulichkeit, Integrität, Verfügbarkeit und Belastbarkeit der Systeme und Dienste",
        "Ongoing confidentiality, integrity, availability and resilience of systems and services",
    ),
    "restoration": (
        "Wiederherstellung von Verfügbarkeit und Zugang nach einem physischen oder technischen Zwischenfall",
        "Restoring availability and access after a physical or technical incident",
    ),
    "testing": (
        "Regelmäßige Überprüfung, Bewertung und Evaluierung der Wirksamkeit der Maßnahmen",
        "Regular testing, assessing and evaluating the effectiveness of the measures",
    ),
    "identification": ("Identifizierung und Autorisierung der Nutzer", "User identification and authorisation"),
    "transmission": ("Schutz der Daten während der Übermittlung", "Protection of data during transmission"),
    "storage": ("Schutz der Daten während der Speicherung", "Protection of data during storage"),
    "physical": ("Physische Sicherheit der Orte der Verarbeitung", "Physical security of the places of processing"),
    "logging": ("Protokollierung von Ereignissen", "Events logging"),
    "configuration": ("Systemkonfiguration, auch der Voreinstellungen", "System configuration, including default configuration"),
    "governance": ("Steuerung und Verwaltung der IT und ihrer Sicherheit", "Internal IT and IT security governance and management"),
    "certification": (
        "Zertifizierung und Qualitätssicherung von Prozessen und Produkten",
        "Certification and assurance of processes and products",
    ),
    "minimisation": ("Datenminimierung", "Data minimisation"),
    "quality": ("Datenqualität", "Data quality"),
    "retention": ("Begrenzte Speicherdauer", "Limited data retention"),
    "accountability": ("Rechenschaftspflicht", "Accountability"),
    "portability": ("Datenübertragbarkeit und Löschung", "Data portability and erasure"),
}
"""The 17 examples of Annex III to the standard contractual clauses, (EU) 2021/914 and 2021/915, in their order."""


def scc_heading(key: str, language: str) -> str:
    """Return the heading in the language; without one, what such measures are gathered under."""
    german, english = SCC_HEADINGS.get(key, ("Weitere Maßnahmen", "Further measures"))
    return german if language == "de" else english


def scc_heading_read(key: str) -> str:
    return scc_heading(key, get_language() or "en")


SCC_CHOICES = [(key, lazy(scc_heading_read, str)(key)) for key in SCC_HEADINGS]
