"""On which ground personal data may leave the EEA (Chapter V GDPR), in the words of both languages."""

from __future__ import annotations

LABELS = {
    "none_eea": ("Nicht erforderlich (Verarbeitung im EWR)", "Not required (processing in the EEA)"),
    "adequacy": ("Angemessenheitsbeschluss (Art. 45 DSGVO)", "Adequacy decision (Art. 45 GDPR)"),
    "dpf": ("EU-US Data Privacy Framework (Art. 45 DSGVO)", "EU-US Data Privacy Framework (Art. 45 GDPR)"),
    "scc": ("Standardvertragsklauseln (Art. 46 Abs. 2 lit. c DSGVO)", "Standard contractual clauses (Art. 46(2)(c) GDPR)"),
    "bcr": ("Verbindliche interne Datenschutzvorschriften (Art. 47 DSGVO)", "Binding corporate rules (Art. 47 GDPR)"),
    "art49": ("Ausnahme im Einzelfall (Art. 49 DSGVO)", "Derogation for specific situations (Art. 49 GDPR)"),
}
# Grounds that hold when the adequacy of the Data Privacy Framework falls, as those of its two predecessors did.
FALLBACKS = ("scc", "bcr", "art49")


def basis_label(basis: str, language: str) -> str:
    """Return the ground's name in the language; an empty ground has none."""
    german, english = LABELS.get(basis, (basis, basis))
    return german if language == "de" else english
