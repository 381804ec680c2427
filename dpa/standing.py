"""Who has accepted and who has not: the register that staff work with."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from customers.models import Customer
from dpa.gate import OPEN_END, Gated
from dpa.models import Acceptance, AgreementText, PaperAgreement
from publishing.placeholders import names

STATES = ("accepted", "pending", "outstanding", "paper")


def register(*, state: str = "", search: str = "", now: datetime.datetime) -> QuerySet[Customer]:
    """Return the open customers with their latest acceptance, filtered by state and by words of name or reference."""
    latest = Acceptance.objects.filter(customer=OuterRef("pk")).order_by("-version__published_at")
    paper = PaperAgreement.objects.filter(Q(ends_date=None) | Q(ends_date__gte=now.date()), customer=OuterRef("pk"))
    rows = Customer.objects.filter(closed_at=None).annotate(
        has_paper=Exists(paper),
        accepted_number=Subquery(latest.values("version__number")[:1]),
        accepted_at=Subquery(latest.values("accepted_at")[:1]),
        accepted_reference=Subquery(latest.values("reference")[:1]),
    )
    if search:
        rows = rows.filter(Q(legal_name__icontains=search) | Q(acceptances__reference__iexact=search.strip())).distinct()
    conditions = {
        "accepted": Q(agreement_valid_until__gte=OPEN_END, accepted_number__isnull=False),
        "pending": Q(agreement_valid_until__lt=OPEN_END, agreement_valid_until__gt=now),
        "outstanding": Q(agreement_valid_until__lte=now),
        "paper": Q(has_paper=True),
    }
    return rows.filter(conditions[state]).order_by("legal_name", "pk") if state in conditions else rows.order_by("legal_name", "pk")


def state_of(customer: Customer, now: datetime.datetime) -> str:
    """Return one of STATES for a row of the register."""
    if customer.has_paper and customer.agreement_valid_until > now:  # type: ignore[attr-defined]
        return "paper"
    if customer.agreement_valid_until >= OPEN_END:
        return "accepted"
    return "pending" if customer.agreement_valid_until > now else "outstanding"


def is_pending(row: Gated, now: datetime.datetime) -> bool:
    """Say whether the gate is open for now but will close unless a newer version is accepted."""
    return now < row.agreement_valid_until < OPEN_END


def terms_of(text: AgreementText) -> dict[str, Any]:
    """Return what the text says about new subprocessors; the urgent clause counts only where the text prints its period."""
    given = text.version.parameters
    terms = {name: int(given[name]) for name in ("notice_days", "objection_days") if name in given}
    if "urgent_notice_days" in names(text.body) and "urgent_notice_days" in given:
        terms["urgent_notice_days"] = int(given["urgent_notice_days"])
    return terms | ({"authorisation": given["authorisation"]} if "authorisation" in given else {})
