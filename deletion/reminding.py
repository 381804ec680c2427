"""Remind owners shortly before a deletion begins: it is the last moment at which any of them can still withdraw it."""

from __future__ import annotations

import datetime

from deletion import letters
from deletion.models import ErasureRequest

BEFORE = datetime.timedelta(days=2)
"""Whoever asked within these days before the beginning was told of it just now and is not reminded."""


def remind(*, at: datetime.datetime) -> int:
    """Write to the owners of each account whose deletion begins within two days, once per request; return how many requests that are.

    What a hold or a pause stops does not begin on its day, and nobody is told that it does.
    """
    soon = ErasureRequest.objects.filter(state=ErasureRequest.State.REQUESTED, customer__isnull=False)
    soon = soon.filter(not_before__gt=at, not_before__lte=at + BEFORE)
    early = [request for request in soon if request.requested_at <= request.not_before - 2 * BEFORE]
    reminded = [request for request in early if not request.is_held]
    for request in reminded:
        letters.tell_owners(request, "deletion_reminder")
    return len(reminded)
