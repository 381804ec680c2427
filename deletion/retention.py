"""What stays after an erasure and until when; what has had its time is erased by the daily job, with a supplement.

A day that is named here is the last one on which a row is kept: the job of the next day erases it.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Model
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from customers.models import Customer, Role
from deletion import deadlines
from deletion.models import (
    Cancellation,
    CaseEvent,
    CaseFile,
    CaseNote,
    CasePerson,
    ErasureContact,
    ErasureRequest,
    LegalHold,
    MachineRequest,
    RetentionRule,
    StatusCall,
)
from deletion.plan import decisions
from deletion.scope import BY_REFERENCE, ROWS, label_of

ERASED = "account"
"""The one rule of everything that goes with the account."""
FILE = ("erasurerequest", "casefile", "caseevent", "casenote", "handwork", "machinerequest")
FILE_RULES = tuple(f"deletion.{name}" for name in FILE)
"""What lies in one file goes together, by the longest of these rules; the database has the same list."""
DETAILS = "evidence.personal"
LATER = gettext_noop("At the earliest: each supplement to the certificate begins the three years anew with the end of its year.")
OPEN = gettext_noop("At the earliest: for a request that is still open, the period begins with its end.")
BEGINS: dict[type[Model], tuple[str, ...]] = {
    ErasureRequest: ("withdrawn_at",),
    CaseFile: ("ended_at", "erasure__withdrawn_at"),
    CaseEvent: ("case__ended_at", "case__erasure__withdrawn_at"),
    CaseNote: ("case__ended_at", "case__erasure__withdrawn_at"),
    MachineRequest: ("request__withdrawn_at",),
    CasePerson: ("case__ended_at", "case__erasure__withdrawn_at"),
    ErasureContact: ("request__withdrawn_at",),
    StatusCall: ("machine_request__request__withdrawn_at",),
    LegalHold: ("released_at",),
    Cancellation: ("received_at",),
}
"""Where a row says when its period began; where it says nothing, that is the end of the deletion."""


class NoRule(LookupError):
    """A type of data is kept for which no rule says how long: nothing may be certified about it."""


class Kept(NamedTuple):
    """A kind of row that stays: how many, on which day the first and the last of them end, and what could prolong that."""

    dataset: str
    number: int
    first: datetime.date
    last: datetime.date
    depends_on: str = ""


class Staying(NamedTuple):
    """A kind of row that would stay, in words: how many there are, why, under which norm, how long, and until which days."""

    label: str
    number: int
    reason: str
    norm: str
    period: str
    first: datetime.date
    last: datetime.date


class Times(NamedTuple):
    """When an erasure began and ended, or would."""

    began: datetime.datetime
    ended: datetime.datetime


def kept_models() -> list[type[Model]]:
    return [model for model, texts in decisions() if texts is not None and model in ROWS]


def kept_now(customer: Customer) -> dict[str, int]:
    """Count what will stay, before the references to the company are emptied."""
    counted = {key_of(model): ROWS[model](customer).count() for model in kept_models()}
    return {key: number for key, number in counted.items() if number}


def key_of(model: type[Model]) -> str:
    return model._meta.label_lower  # noqa: SLF001  # Django documents _meta as an API


def rule_of(dataset: str) -> RetentionRule:
    """Return the one rule of the type of data. Raises NoRule."""
    rule = RetentionRule.objects.filter(dataset=dataset).first()
    if rule is None:
        raise NoRule(dataset)
    return rule


def kept_rows(request: ErasureRequest, at: datetime.datetime) -> list[dict[str, Any]]:
    """Return what stays of the account, when the erasure ends at this moment, with norm and last day. Raises NoRule."""
    assert request.started_at is not None
    frozen = (request.plan or {}).get("kept", {})
    return [facts_of(kept) for kept in kept_of(request.customer_reference, frozen, Times(request.started_at, at))]


def facts_of(kept: Kept) -> dict[str, Any]:
    rule = rule_of(kept.dataset)
    facts = {"dataset": kept.dataset, "number": kept.number, "norm": rule.norm_en, "reason": rule.reason_en, "until": kept.last.isoformat()}
    more = {"first_until": kept.first.isoformat() if kept.first != kept.last else "", "depends_on": kept.depends_on}
    return facts | {name: text for name, text in more.items() if text}


def kept_of(reference: uuid.UUID, counted: Mapping[str, int], times: Times, coming: Mapping[str, int] | None = None) -> list[Kept]:
    """Return what stays by kind: rows of the contract as they were ``counted``, rows with the reference as they are, and ``coming`` ones.

    Raises NoRule.
    """
    by_reference = {key_of(model): model for model in BY_REFERENCE}
    days = {key: [rule_of(key).ends(times.began)] * number for key, number in counted.items() if key not in by_reference}
    cancelled = days_of(Cancellation, reference, times.ended)
    days[DETAILS] = [*days.get(DETAILS, []), *cancelled]  # each stands beside the ledger as well
    end_of_file = max([times.ended, *(noon_after(day) for each in (*days.values(), cancelled) for day in each)])
    for key, model in by_reference.items():
        end = end_of_file if key in FILE_RULES else times.ended
        days[key] = days_of(model, reference, end, coming=(coming or {}).get(key, 0))
    return [Kept(key, len(each), min(each), max(each), prolonged_by(key, reference)) for key, each in sorted(days.items()) if each]


def days_of(model: type[Model], reference: uuid.UUID, end: datetime.datetime, *, coming: int = 0) -> list[datetime.date]:
    """Return the last day of each row of the kept model that names the company by its reference."""
    key, began = key_of(model), Coalesce(*BEGINS[model], None)
    rows = model._default_manager.filter(**{BY_REFERENCE[model]: reference})  # noqa: SLF001
    moments = [moment or end for moment in rows.values_list(began, flat=True)] + [end] * coming
    rules = [rule_of(name) for name in (FILE_RULES if key in FILE_RULES else (key,))] if moments else []
    return [max(rule.ends(moment) for rule in rules) for moment in moments]


def noon_after(day: datetime.date) -> datetime.datetime:
    """Return when the job is through that erases what is kept until the day; its supplement is of that moment."""
    return timezone.make_aware(datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time(12)))


def prolonged_by(dataset: str, reference: uuid.UUID) -> str:
    """Return in English what could move the day on; a legal hold moves every day, and is no matter of one kind."""
    waits_for_its_end = dataset in map(key_of, (CaseFile, CaseEvent, CaseNote, CasePerson))
    if waits_for_its_end and CaseFile.objects.filter(customer_reference=reference, erasure=None, ended_at=None).exists():
        return OPEN
    return LATER if dataset in FILE_RULES else ""


def forecast(customer: Customer, at: datetime.datetime) -> list[Kept]:
    """Return what would stay if the deletion were asked for now, or as it was asked for; with what the deletion itself makes. Raises NoRule."""
    asked = ErasureRequest.objects.open().filter(customer_reference=customer.reference).first()
    began = (asked.started_at or max(at, asked.not_before)) if asked else deadlines.end_of_grace(at)
    times = Times(began, max(at, began + datetime.timedelta(hours=settings.ERASURE_LAST_CHECK_HOURS)))
    coming = {} if asked else {key_of(ErasureRequest): 1, key_of(CaseFile): 1}
    if asked is None or asked.started_at is None:
        coming[key_of(ErasureContact)] = customer.people_with(Role.OWNER).count()
    return kept_of(customer.reference, kept_now(customer), times, coming)


def stays(customer: Customer, *, at: datetime.datetime) -> list[Staying]:
    """Return what would stay, with reason and days; kinds without rows are left out (Art. 17(3) GDPR)."""
    found = {kept.dataset: kept for kept in forecast(customer, at)}
    kinds = [(found[key_of(model)], model, texts) for model, texts in decisions() if texts is not None and key_of(model) in found]
    return [
        Staying(label_of(model), kept.number, gettext(reason), gettext(norm), gettext(period), kept.first, kept.last)
        for kept, model, (reason, norm, period) in kinds
    ]
