"""What an erasure would do, without doing it: for each kind of data the decision, how many there are now, and by which statement they go."""

from __future__ import annotations

import contextlib
import datetime
import uuid
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy

from customers.models import Customer
from deletion import datasets, proving, retention
from deletion.certifying import label_of
from deletion.connectors import Connector, Count, Held, stores
from deletion.datasets import STORE
from deletion.freezing import scope_for_stores, scope_of_plan, values_for
from deletion.models import ErasureRequest, LegalHold, RetentionRule
from deletion.scope import ROWS
from publishing.references import read_reference

DRY = "LA-DRY-RUN"


class NobodyMeant(LookupError):
    """Neither a request nor a company has this reference."""


class Line(NamedTuple):
    """One kind of data: what becomes of it, how many there are now (None: nobody could count), how or why, and its last day if it stays."""

    key: str
    decision: str
    number: int | None
    how: str
    last: datetime.date | None = None


def meant(reference: str) -> ErasureRequest:
    """Return the request of this reference, or one that is only thought of for the company of this reference. Raises NobodyMeant."""
    found = ErasureRequest.objects.filter(reference=read_reference(reference) or reference).first()
    if found is None:
        customer = Customer.objects.filter(reference=reference).first() if is_uuid(reference) else None
        if customer is None:
            raise NobodyMeant(reference)
        found = ErasureRequest(reference=DRY, customer=customer, customer_reference=customer.reference)
    if found.customer_number is None:
        found.customer_number = found.customer.pk if found.customer else None
    if found.customer_number is None:
        raise NobodyMeant(reference)
    return found


def is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def explain(request: ErasureRequest) -> Iterator[Line]:
    """Yield every decision in the order of the work; nothing is written, planted or deleted. The request is not saved."""
    if not request.plan:
        request.plan = scope_of_plan(request)
    yield from holds_on(request)
    for name, store in sorted(stores().items()):
        yield line_of_store(request, name, store)
    for dataset in datasets.datasets():
        yield line_of_rows(request, dataset)
    yield from kept_of(request)


def holds_on(request: ErasureRequest) -> Iterator[Line]:
    for hold in LegalHold.objects.standing(request.customer_reference):
        yield Line("legal hold", "stops everything", 1, f"{hold.ground}, to be reviewed on {hold.review_date.isoformat()}")


def line_of_store(request: ErasureRequest, name: str, store: Connector) -> Line:
    try:
        answer: Any = store.verify(scope_for_stores(request))
    except Exception as error:  # noqa: BLE001  # whatever a store raises, nothing was counted
        return Line(f"store:{name}", "delete", None, type(error).__name__)
    if isinstance(answer, Count):
        return Line(f"store:{name}", "delete", answer.number, store.describe())
    if isinstance(answer, Held):
        return Line(f"store:{name}", "held by the store", answer.number, store.describe())
    return Line(f"store:{name}", "delete", None, str(getattr(answer, "code", "no answer")))


def line_of_rows(request: ErasureRequest, dataset: datasets.Dataset) -> Line:
    try:
        number: int | None = proving.counted(dataset, values_for(request, dataset), most=None)
    except proving.Uncounted:
        number = None
    statement = f"DELETE FROM {dataset.table} WHERE {dataset.where}"  # noqa: S608  # shown, never run
    if dataset.function:
        statement += f" (by {dataset.function} once no {', '.join(dataset.referring)} is left)"
    return Line(dataset.key, "delete", number, statement.replace("%(account)s", str(request.number)))


def kept_of(request: ErasureRequest) -> Iterator[Line]:
    """Yield what stays with its norm and its last day; what holds nothing about one company is left out."""
    customer, rules = Customer.objects.filter(pk=request.number).first(), {rule.dataset: rule for rule in RetentionRule.objects.all()}
    frozen, days = (request.plan or {}).get("kept", {}), last_days(request, customer)
    for model in retention.kept_models():
        key = retention.key_of(model)
        number, rule, last = ROWS[model](customer).count() if customer else frozen.get(key, 0), rules.get(key), days.get(key)
        if rule is None:
            yield Line(key, "keep", number, "no rule: nothing may be certified")
        else:
            yield Line(key, "keep", number, f"until {last.isoformat()}, {rule.norm_en}" if last else "after the deletion", last)


def last_days(request: ErasureRequest, customer: Customer | None) -> dict[str, datetime.date]:
    """Return until when each kind with rows stays, by the same reckoning as the customer's page; where a rule is missing, nothing is known."""
    now = timezone.now()
    with contextlib.suppress(retention.NoRule):
        if customer is not None and request.started_at is None:
            return {kept.dataset: kept.last for kept in retention.forecast(customer, now)}
        counted = retention.kept_now(customer) if customer else (request.plan or {}).get("kept", {})
        times = retention.Times(request.started_at or now, request.finished_at or now)
        return {kept.dataset: kept.last for kept in retention.kept_of(request.customer_reference, counted, times)}
    return {}


class Row(NamedTuple):
    """A line for people: the kind of data by its name, what happens with it, and why it stays or could not be counted."""

    label: str
    what: str
    tone: str
    number: int | None
    why: str


WHAT = {
    "delete": (gettext_lazy("is deleted"), ""),
    "keep": (gettext_lazy("stays"), "info"),
    "held by the store": (gettext_lazy("held by the store"), "warn"),
    "stops everything": (gettext_lazy("stops everything"), "bad"),
}


def in_words(lines: Iterable[Line]) -> list[Row]:
    """Return the lines as people read them: every store, and each kind of rows of which there are some or nobody could count them."""
    rules = {rule.dataset: rule for rule in RetentionRule.objects.all()}
    return [as_row(line, rules.get(line.key)) for line in lines if line.number != 0 or line.key.startswith("store:")]


def as_row(line: Line, rule: RetentionRule | None) -> Row:
    what, tone = WHAT[line.decision]
    store, _colon, name = line.key.partition(":")
    is_store = store == "store" and bool(name)
    label = capfirst(gettext(label_of({"dataset": line.key, "store": name if is_store else STORE})))
    if line.decision == "stops everything":
        label = gettext("Legal hold")
    if line.number is None:
        return Row(label, str(what), "bad", None, gettext("It does not answer; nothing is certified before it was counted."))
    return Row(label, str(what), tone, line.number, stays_why(rule, line.last) if rule is not None and line.decision == "keep" else "")


def stays_why(rule: RetentionRule, last: datetime.date | None) -> str:
    """Return reason, norm and last day of what would stay if the deletion went on now."""
    until = gettext("Until %(day)s.") % {"day": date_format(last, "DATE_FORMAT")} if last else ""
    return f"{rule.reason} {rule.norm}. {until}".strip()
