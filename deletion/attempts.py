"""What becomes of a step whose attempt failed: another one later, in the database, or the end of them, for a person to look at."""

from __future__ import annotations

import random
from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from deletion.models import ErasureRequest, ErasureStep
from deletion.transitions import note

MOST_ATTEMPTS = 8
FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=2), timedelta(minutes=15)
JITTER = (0.75, 1.25)  # so that requests that failed together do not come back together

State, Error = ErasureStep.State, ErasureStep.Error
log = structlog.get_logger(__name__)


@transaction.atomic
def put_off(request: ErasureRequest, step: ErasureStep, error: str, wait: timedelta | None = None, *, number: int | None = None) -> None:
    """Let the step go until its next attempt; waiting because a store asked to is no failed attempt."""
    attempts = step.attempts + (wait is None)
    if attempts >= MOST_ATTEMPTS:
        give_up(request, step, error)
        return
    state = State.RUNNING if error == Error.RESIDUE else step.state
    delay = wait or min(FIRST_DELAY * 2 ** (attempts - 1), LONGEST_DELAY) * random.uniform(*JITTER)  # noqa: S311  # no secret
    ErasureStep.objects.filter(pk=step.pk, fence=step.fence).update(
        attempts=attempts, last_error=error, next_attempt_at=Now() + delay, lease_until=None, state=state
    )
    note(request, f"step.put_off.{error}", dataset=step.dataset, number=attempts if number is None else number)


@transaction.atomic
def give_up(request: ErasureRequest, step: ErasureStep, error: str = "", *, held: int | None = None) -> None:
    """End the step's attempts; a person has to look at it. The other steps go on.

    ``held`` records lie under a lock of the store's own: they go after it, and no attempt before helps.
    """
    state, code = (State.FAILED, f"step.failed.{error}") if held is None else (State.HELD, "step.held")
    ErasureStep.objects.filter(pk=step.pk, fence=step.fence).update(
        state=state, attempts=F("attempts") + 1, last_error=error, lease_until=None, next_attempt_at=None
    )
    note(request, code, dataset=step.dataset, number=held)
    log.error("step failed", request=request.reference, step=step.ordinal, reason=error or "held")
