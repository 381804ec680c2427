"""Load the sample agreement through the same steps that people take: draft, approval by a second person, PDF, publication."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

from customers.models import User
from dpa.models import AgreementVersion
from dpa.services.versions import approve, draft_from, save_draft

FOLDER = Path(__file__).parent.parent / "sample"


def load_sample(*, by: User, approved_by: User, at: datetime.datetime, effective_date: datetime.date) -> AgreementVersion:
    """Draft and approve the sample agreement; its PDFs are made by jobs, then it can be published."""
    described = json.loads((FOLDER / "agreement.json").read_text())
    fields = {
        "prevailing_language": described["prevailing_language"],
        "parameters": described["parameters"],
        "coverage": described["coverage"],
        "change_note_de": described["change_note"]["de"],
        "change_note_en": described["change_note"]["en"],
        "effective_date": effective_date,
    }
    draft = draft_from(source=None, by=by, at=at)
    draft = save_draft(draft=draft, fields=fields, texts={language: sample_text(described, language) for language in ("de", "en")}, by=by)
    return approve(version=draft, by=approved_by, at=at)


def sample_text(described: dict[str, Any], language: str) -> dict[str, Any]:
    return {
        "title": described["title"][language],
        "body": (FOLDER / f"agreement.{language}.md").read_text(),
        "description": (FOLDER / f"description.{language}.md").read_text(),
        "summary": described["summary"][language],
    }
