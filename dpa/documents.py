"""The agreement as PDF: the published text once per language, the executed copy once per acceptance, both kept by their hash."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import override

import pdf
from dpa import composition
from dpa.models import AgreementDocument, AgreementText
from pdf.storage import keep


def render_text(text: AgreementText, *, at: datetime.datetime) -> AgreementDocument:
    """Render the PDF of a fixed text unless it exists; the bytes depend on the text alone, not on the moment."""
    if text.document is not None:
        return text.document
    approved_at = text.version.approved_at
    assert approved_at is not None  # only approved texts are rendered
    rendered = pdf.render(
        html=agreement_html(text, customer=None),
        title=text.title,
        author=text.provider_facts["name"],
        language=text.language,
        created_at=approved_at,
    )
    sha256 = keep(rendered.content)
    return AgreementDocument.objects.create(
        text=text, text_sha256=text.sha256, sha256=sha256, pages=rendered.pages, size=len(rendered.content), created_at=at
    )


def agreement_html(text: AgreementText, *, customer: composition.NamedParty | None, extra: dict[str, Any] | None = None) -> str:
    """Return the body of the PDF in the text's language."""
    context = agreement_context(text, customer) | (extra or {})
    with override(text.language):
        return render_to_string("pdf/agreement.html", context | contents(context["sections"], context["annexes"]))


def contents(sections: Sequence[Any], annexes: Sequence[Any]) -> dict[str, Any]:
    """Return the entries of the contents, each after what its anchor begins with, in two columns: the first is no shorter."""
    entries = [("", section) for section in sections] + [("annex-", annex) for annex in annexes]
    half = -(-len(entries) // 2)
    return {"contents": [entries[:half], entries[half:]]}


def agreement_context(text: AgreementText, customer: composition.NamedParty | None) -> dict[str, Any]:
    version = text.version
    measures, subprocessors = version.measure_set, version.subprocessor_list
    assert measures is not None
    assert subprocessors is not None  # pinned at approval
    return {
        "document": {
            "title": text.title,
            "reference": "",
            "language": text.language,
            "version_number": version.number,
            "effective_date": version.effective_date,
            "is_executed": False,
        },
        "preamble": composition.preamble(text, customer),
        "sections": composition.sections(text, customer),
        "annexes": composition.annexes(text),
        "description_sections": composition.description_sections(text, customer),
        "parties": {"provider": provider_party(text), "customer": None},
        "measures": measures.as_annex(text.language),
        "measures_number": measures.number,
        "subprocessors": subprocessors.as_annex(text.language),
        "subprocessors_number": subprocessors.number,
        "evidence": None,
    }


def provider_party(text: AgreementText) -> dict[str, Any]:
    return {**text.provider_facts, "released_at": text.version.published_at or text.version.approved_at}
