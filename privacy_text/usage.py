"""Which version every channel uses, for the vendor: the list with its filters, and how many texts there are of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from privacy_text.channel_pages import tag
from privacy_text.models import ChannelText, TextUpdate


def used_texts(filters: Mapping[str, str]) -> QuerySet[ChannelText]:
    """Return the latest text of every channel in use, with whether an update waits; filtered."""
    waiting = TextUpdate.objects.open().filter(channel=OuterRef("channel"), kind=OuterRef("kind"), language=OuterRef("language"))
    latest = ChannelText.objects.filter(channel__removed_at=None, channel__customer__closed_at=None).newest().values("pk")
    rows = ChannelText.objects.filter(pk__in=latest).select_related("channel__customer", "sample_text").annotate(has_update=Exists(waiting))
    if filters.get("q"):
        rows = rows.filter(Q(channel__customer__legal_name__icontains=filters["q"]) | Q(channel__name__icontains=filters["q"]))
    if filters.get("channel_type"):
        rows = rows.filter(channel__channel_type=filters["channel_type"])
    if filters.get("version"):
        rows = rows.filter(sample_text__number=filters["version"])
    if filters.get("state"):
        rows = rows.filter(CONDITIONS[filters["state"]])
    return rows.order_by("channel__customer__legal_name", "channel__name", "kind", "language")


CONDITIONS: dict[str, Q] = {
    "incomplete": ~Q(open_places=[]),
    "update": Q(open_places=[], has_update=True),
    "own": Q(open_places=[], has_update=False, sample_text=None),
    "current": Q(open_places=[], has_update=False, sample_text__isnull=False),
}


def counts_by_version() -> list[dict[str, Any]]:
    """Return how many texts of channels in use come from each version, newest version first, own texts last."""
    counted = used_texts({}).order_by().values_list("sample_text__number").annotate(Count("pk"))
    numbers = [(number or "", count) for number, count in counted]
    return [{"number": number, "count": count} for number, count in sorted(numbers, key=version_order, reverse=True)]


def version_order(entry: tuple[str, int]) -> tuple[int, ...]:
    return tuple(int(part) for part in entry[0].split(".") if part.isdigit())


def counts_by_state() -> list[dict[str, Any]]:
    return [{"state": state, **tag(state), "count": used_texts({"state": state}).count()} for state in CONDITIONS]
