"""The one way in which a request changes its state: from the expected one, with its event, or not at all."""

from __future__ import annotations

import datetime
from typing import Any

from django.db import transaction

import evidence.services
from deletion import calling
from deletion.models import ErasureEvent, ErasureRequest

State = ErasureRequest.State
ALLOWED: dict[str, frozenset[str]] = {
    State.REQUESTED: frozenset({State.WITHDRAWN, State.FENCED}),
    State.FENCED: frozenset({State.ERASING, State.BLOCKED}),
    State.ERASING: frozenset({State.VERIFYING, State.BLOCKED}),
    State.VERIFYING: frozenset({State.WAITING, State.ERASING, State.BLOCKED}),
    State.WAITING: frozenset({State.COMPLETED, State.ERASING, State.BLOCKED}),
    State.BLOCKED: frozenset({State.FENCED, State.ERASING}),
    State.WITHDRAWN: frozenset(),
    State.COMPLETED: frozenset(),
}


class NotAllowed(Exception):
    """The request is in another state by now, or no way leads from its state to the wanted one."""


@transaction.atomic
def move(request: ErasureRequest, to: str, *, at: datetime.datetime, **changes: Any) -> None:
    """Take the request to its next state and write down that it got there. Raises NotAllowed; then nothing has changed."""
    if to not in ALLOWED[request.state]:
        raise NotAllowed(f"{request.state} to {to}")
    changes.setdefault("blocked_why", "")
    if not ErasureRequest.objects.filter(pk=request.pk, state=request.state).update(state=to, **changes):
        raise NotAllowed(f"no longer {request.state}")
    request.refresh_from_db()
    note(request, f"request.{to}")
    calling.announce(request)
    evidence.services.record(
        kind=f"deletion.{to}",
        facts={"customer": str(request.customer_reference), "why": request.blocked_why},
        subject=request.reference,
        happened_at=at,
    )


def note(request: ErasureRequest, code: str, *, dataset: str = "", number: int | None = None) -> None:
    """Append to the timeline; code, number and time alone."""
    ErasureEvent.objects.create(request=request, code=code, dataset=dataset, number=number)
