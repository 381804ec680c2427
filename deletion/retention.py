"""What stays after an erasure and until when; what has had its time is erased by the daily job, with a supplement."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from customers.models import Customer
from deletion.models import ErasureRequest, RetentionRule
from deletion.plan import decisions
from deletion.scope import ROWS

ERASED = "account"
"""The one rule of everything that goes with the account."""


class NoRule(LookupError):
    """A type of data is kept for which no rule says how long: nothing may be certified about it."""


def kept_models() -> list[type[Model]]:
    return [model for model, texts in decisions() if texts is not None and model in ROWS]


def kept_now(customer: Customer) -> dict[str, int]:
    """Count what will stay, before the references to the company are emptied."""
    counted = {model._meta.label_lower: ROWS[model](customer).count() for model in kept_models()}  # noqa: SLF001
    return {key: number for key, number in counted.items() if number}


def rule_of(dataset: str) -> RetentionRule:
    """Return the one rule of the type of data. Raises NoRule."""
    rule = RetentionRule.objects.filter(dataset=dataset).first()
    if rule is None:
        raise NoRule(dataset)
    return rule


def kept_rows(request: ErasureRequest) -> list[dict[str, Any]]:
    """Return what stays of the account with its norm and its last day. Raises NoRule."""
    assert request.started_at is not None
    rows = []
    for dataset, number in sorted((request.plan or {}).get("kept", {}).items()):
        rule = rule_of(dataset)
        until = rule.ends(request.started_at).isoformat()
        rows.append({"dataset": dataset, "number": number, "norm": rule.norm_en, "reason": rule.reason_en, "until": until})
    return rows
