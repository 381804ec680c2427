"""After a restored backup: an erasure that is complete in the portal may be back in a store that was restored from an older one.

The stores beside the database have backups of their own. Each is asked again, since what nobody counted is not zero; what came
back is deleted again, and a supplement to the certificate says so.
"""

from __future__ import annotations

import datetime
import time
from typing import Any, NamedTuple

from django.db import transaction

from deletion import letters, stating, supplementing
from deletion.connectors import Connector, Count, Scope, StoreFailure, stores
from deletion.freezing import scope_for_stores
from deletion.models import ErasureRequest
from deletion.stepping import AT_ONCE_IN_STORES
from deletion.transitions import note

PATIENCE_SECONDS = 300.0  # for one store; a service confirms its deletion after some looks


class Back(NamedTuple):
    """How much was deleted again, and how much is there now; ``left`` is None when a store did not count."""

    deleted: int
    left: int | None


def repeat(request: ErasureRequest, *, at: datetime.datetime) -> Back:
    """Count in every store, delete again what is there, and say so in a supplement. Safe to repeat.

    From the first finding until all are at zero, the request keeps the portal closed. Under a legal hold nothing is deleted.
    """
    scope = scope_for_stores(request)
    found = {name: counted(store, scope) for name, store in stores().items()}
    if all(count == Count(0) for count in found.values()):
        return Back(say(request, at), 0)
    keep_closed(request, found, at)
    if not request.is_held:
        for name, count in found.items():
            found[name] = count if count == Count(0) else erased(stores()[name], scope)
    if None in found.values():
        return Back(0, None)
    left = sum(count.number for count in found.values() if count)
    return Back(0 if left else say(request, at), left)


def counted(store: Connector, scope: Scope) -> Count | None:
    """Return what the store counts; None when it does not, or may not delete what it has."""
    try:
        answer = store.verify(scope)
    except Exception:  # noqa: BLE001  # whatever a store raises, nothing was counted
        return None
    return Count(*answer) if isinstance(answer, Count) else None


def erased(store: Connector, scope: Scope) -> Count | None:
    """Delete what the store has of the account and count anew; None for a store that does not answer."""
    cursor, until = "", time.monotonic() + PATIENCE_SECONDS
    try:
        while time.monotonic() < until:
            progress = store.erase(scope, cursor, AT_ONCE_IN_STORES)
            if progress.is_done:
                return counted(store, scope)
            cursor = progress.cursor
            time.sleep(progress.wait_seconds)
    except StoreFailure:
        return None
    return None


@transaction.atomic
def keep_closed(request: ErasureRequest, found: dict[str, Count | None], at: datetime.datetime) -> None:
    """Close the portal for the request before anything goes, and write down what was there: a run that is cut short loses no number."""
    ErasureRequest.objects.filter(pk=request.pk, repeating_since=None).update(repeating_since=at)
    for name, count in found.items():
        if count is None:
            note(request, "verification.uncounted", dataset=f"store:{name}")
        elif count.number:
            note(request, "verification.left", dataset=f"store:{name}", number=count.number - count.planted)


def say(request: ErasureRequest, at: datetime.datetime) -> int:
    """Issue and send the supplement about what was found since the last paper, all of it gone now; return how much that was."""
    paper = request.events.filter(code__in=["request.completed", "certificate.supplemented"]).order_by("-pk").first()
    findings = request.events.filter(code="verification.left", dataset__in=[f"store:{name}" for name in stores()])
    first: dict[str, int] = {}
    for event in findings.filter(pk__gt=paper.pk if paper else 0, number__gt=0).order_by("pk"):
        first.setdefault(event.dataset, event.number or 0)  # a later count of the same data is what a run that was cut short had left
    if first:
        with transaction.atomic():
            rows = [row_of(dataset, number, at) for dataset, number in first.items()]
            letters.send_repeated(supplementing.supplement(request, reason=supplementing.RESTORE, rows=rows, at=at))
    return sum(first.values())


def row_of(dataset: str, number: int, at: datetime.datetime) -> dict[str, Any]:
    name = dataset.partition(":")[2]
    facts = {"dataset": dataset, "store": name, "method": stores()[name].method, "deleted": number, "left": 0}
    return {**facts, "query_sha256": None, "verified_at": stating.utc(at)}
