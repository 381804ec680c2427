"""The operator's deletion concept as a document (DIN 66398): each type of data with its one rule, and what the erasure does with it."""

from __future__ import annotations

import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

import pdf
from customers.models import Provider
from deletion.connectors import stores
from deletion.models import RetentionRule
from deletion.plan import PLAN
from deletion.scope import label_of

TITLES = {
    "subscriptions": gettext_noop("Subscriptions"),
    "notifications": gettext_noop("Mails and notices"),
    "dpa": gettext_noop("Data processing agreement"),
    "deletion": gettext_noop("Deletions and requests of persons"),
    "privacy_text": gettext_noop("Sample texts"),
    "toms": gettext_noop("Technical and organisational measures"),
    "subprocessors": gettext_noop("Subprocessors"),
    "jobs": gettext_noop("Jobs"),
    "evidence": gettext_noop("Evidence"),
    "customers": gettext_noop("Company and people"),
}


def rules() -> list[RetentionRule]:
    return list(RetentionRule.objects.order_by("start", "dataset"))


def decisions_by_part() -> list[dict[str, Any]]:
    """Return app by app, in the order of the work, what goes and what stays with reason, norm and period."""
    return [
        {
            "title": _(TITLES[part.app]),
            "erases": [label_of(model) for model in part.erases],
            "keeps": [
                {"label": label_of(model), "reason": _(reason), "norm": _(norm), "period": _(period)}
                for model, (reason, norm, period) in part.keeps.items()
            ],
        }
        for part in PLAN
    ]


def render(*, language: str, at: datetime.datetime) -> pdf.Rendered:
    """Draw the concept as it applies now, in the language."""
    with override(language):
        provider = Provider.objects.first()
        title = _("Deletion concept")
        context: dict[str, Any] = {
            "title": title,
            "provider": provider.legal_name if provider else "",
            "made_at": at,
            "rules": rules(),
            "parts": decisions_by_part(),
            "stores": [_(store.describe()) for _name, store in sorted(stores().items())],
        }
        return pdf.render(
            html=render_to_string("pdf/deletion_concept.html", context),
            title=title,
            author=context["provider"] or title,
            language=language,
            created_at=at,
        )
