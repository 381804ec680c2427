"""The ledger of deliveries as staff read it: filtered, counted, as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from notifications.models import Delivery

RETRIED = "retried"


def found(filters: Mapping[str, Any], broadcast: str) -> QuerySet[Delivery]:
    """Return the deliveries, newest first, with what a row shows."""
    rows = Delivery.objects.select_related("customer").order_by("-created_at", "key")
    state, words = filters.get("state", ""), str(filters.get("q", "")).strip()
    if broadcast:
        rows = rows.filter(broadcast__key=broadcast)
    if state == RETRIED:
        rows = rows.filter(state=Delivery.State.QUEUED, attempts__gt=0)
    elif state:
        rows = rows.filter(state=state)
    if words:
        rows = rows.filter(Q(customer__legal_name__icontains=words) | Q(recipient__icontains=words) | Q(key__icontains=words))
    return rows


def counts(broadcast: str) -> list[dict[str, Any]]:
    """Return how many deliveries are in each state."""
    rows = Delivery.objects.filter(broadcast__key=broadcast) if broadcast else Delivery.objects.all()
    numbers = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    again = rows.filter(state=Delivery.State.QUEUED, attempts__gt=0).count()
    shown = [{"state": value, "label": str(label), "number": numbers.get(value, 0)} for value, label in Delivery.State.choices]
    return [*shown, {"state": RETRIED, "label": _("being tried again"), "number": again}]


def header() -> list[str]:
    names = [_("Created at (UTC)"), _("Kind"), _("Company"), _("Recipient"), _("Language"), _("State"), _("Attempts")]
    return [*names, _("Last error"), _("Sent at (UTC)"), _("Message-ID"), _("Key")]


def row(delivery: Delivery) -> list[str]:
    company = delivery.customer.legal_name if delivery.customer else ""
    state = RETRIED if delivery.is_retried else str(delivery.state)
    sent = f"{delivery.sent_at:%Y-%m-%dT%H:%M:%SZ}" if delivery.sent_at else ""
    facts = [f"{delivery.created_at:%Y-%m-%dT%H:%M:%SZ}", delivery.kind, company, delivery.recipient, delivery.language, state]
    return [*facts, str(delivery.attempts), delivery.last_error, sent, delivery.message_id, delivery.key]
