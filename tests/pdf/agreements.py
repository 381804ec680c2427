"""A small agreement with all its parts, as the templates expect it."""

from __future__ import annotations

import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import override

import pdf
from dpa.documents import contents

MOMENT = datetime.datetime(2026, 11, 23, 13, 5, 12, tzinfo=datetime.UTC)
VERIFY_URL = "https://privacy.example.com/verify/AVV-2026-7K3M-92QX"
TITLE = "Vertrag zur Auftragsverarbeitung"
HASH = "7c9e6679f4b1a2d3c8e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b"


def agreement(**changes: Any) -> dict[str, Any]:
    """Return the context of an executed agreement; pass parts to replace."""
    return {
        "document": document(),
        "preamble": format_html("<p>{}</p>", "Dieser Vertrag gilt zwischen den Parteien der Anlage\xa01."),
        "sections": [section("subject", 1, "Gegenstand"), section("term", 2, "Dauer und Kündigung")],
        "annexes": [
            {"key": "parties", "number": "Anlage\xa01", "title": "Vertragsparteien"},
            {"key": "description", "number": "Anlage\xa02", "title": "Beschreibung der Verarbeitung"},
            {"key": "measures", "number": "Anlage\xa03", "title": "Technische und organisatorische Maßnahmen"},
            {"key": "subprocessors", "number": "Anlage\xa04", "title": "Unterauftragsverarbeiter"},
        ],
        "parties": {"provider": party("Pushwerk GmbH"), "customer": party("Łódź Wydawnictwo Ελλάδα България GmbH & Co. KG")},
        "description_sections": [section("purpose", 1, "Zweck")],
        "measures": [{"label": "Vertraulichkeit", "controls": [control(number) for number in range(1, 40)]}],
        "subprocessors": [subprocessor()],
        "evidence": evidence(),
    } | changes


def document(**changes: Any) -> dict[str, Any]:
    return {
        "title": TITLE,
        "reference": "AVV-2026-7K3M-92QX",
        "language": "de",
        "version_number": "4.1",
        "effective_date": datetime.date(2026, 10, 1),
        "is_executed": True,
    } | changes


def section(key: str, number: int, title: str) -> dict[str, Any]:
    text = "Der Auftragsverarbeiter verarbeitet personenbezogene Daten nur auf dokumentierte Weisung des Verantwortlichen. " * 12
    html = format_html('<ol class="paragraphs"><li id="{}-1"><span class="number">(1)</span> {}</li></ol>', key, text)
    return {"key": key, "number": f"§\xa0{number}", "title": title, "html": html}


def party(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "address_lines": ["Lindenallee 7", "50667 Köln"],
        "register": "Amtsgericht Köln, HRA 30 117",
        "email": "recht@example.com",
        "dpo": "Jana Petersen",
        "signatory": "Anneliese Brandt",
        "signatory_function": "Prokuristin",
        "released_at": None,
    }


def control(number: int) -> dict[str, Any]:
    return {
        "code": f"ZK-{number:02d}",
        "label": "Zugangskontrolle",
        "aim": "Nur Berechtigte nutzen die Systeme.",
        "art32": "Art. 32 Abs. 1 lit. b DSGVO",
        "provider_measures": ["Kennwörter ≥ 14 Zeichen", "Mehrfaktor-Anmeldung"],
        "subprocessor_measures": ["Protokollierung"],
    }


def subprocessor() -> dict[str, Any]:
    return {
        "legal_name": "Nordwolke GmbH",
        "address_lines": ["Speicherring 4", "60314 Frankfurt am Main"],
        "seat_country": "Deutschland",
        "purpose": "Betrieb der Server",
        "delimitation": "Kein Zugriff auf Inhalte",
        "data_categories": "Alle in Anlage 2 genannten Daten",
        "processing_locations": "Frankfurt am Main",
        "transfer_basis": "Standardvertragsklauseln, Modul 3",
        "transfer_detail": "Durchführungsbeschluss (EU) 2021/914",
    }


def evidence() -> dict[str, Any]:
    rows = [
        {"label": "Aktenzeichen", "value": "AVV-2026-7K3M-92QX", "kind": "mono"},
        {"label": "Erklärung", "value": "„Ich nehme den Vertrag an.“", "kind": "text"},
        {"label": "Vertragstext", "value": HASH, "kind": "hash"},
    ]
    return {"verify_url": VERIFY_URL, "steps": ["Erstens", "Zweitens", "Drittens"], "groups": [{"label": "Annahme", "rows": rows}]}


def body(context: dict[str, Any]) -> str:
    """Return the template's output in the language of the document."""
    with override(context["document"]["language"]):
        return render_to_string("pdf/agreement.html", context | contents(context["sections"], context["annexes"]))


def figures(context: dict[str, Any]) -> dict[str, pdf.Figure]:
    if not context["evidence"]:
        return {}
    return {"qr": pdf.QrCode(address=VERIFY_URL, description="QR-Code mit der Adresse der Prüfseite")}


def rendered(context: dict[str, Any] | None = None, **arguments: Any) -> pdf.Rendered:
    """Render an agreement the way the portal does."""
    context = context or agreement()
    defaults: dict[str, Any] = {
        "title": context["document"]["title"],
        "author": "Pushwerk GmbH",
        "language": context["document"]["language"],
        "created_at": MOMENT,
        "figures": figures(context),
        "attachments": [pdf.Attachment(name="nachweis.json", content=b'{"reference": 1}', description="Annahmenachweis")],
    }
    return pdf.render(html=body(context), **(defaults | arguments))
