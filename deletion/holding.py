"""Who holds a step: under which token, until when; whoever lost it changes nothing any more."""

from __future__ import annotations

from datetime import timedelta

from deletion.models import ErasureRequest, ErasureStep

LEASE = timedelta(seconds=30)


class TokenLost(Exception):
    """Another worker holds the step; what this one did in its transaction is undone."""


class Stopped(Exception):
    """A hold, a pause or the end of the request forbids the next chunk."""


def hold(request: ErasureRequest, step: ErasureStep) -> None:
    """Lock the step under our token and ask whether the work may go on. Raises TokenLost or Stopped."""
    held = ErasureStep.objects.select_for_update().filter(pk=step.pk, fence=step.fence).first()
    if held is None:
        raise TokenLost
    current = ErasureRequest.objects.get(pk=request.pk)
    if current.state != ErasureRequest.State.ERASING or current.is_held:
        raise Stopped


def keep(step: ErasureStep, **changes: object) -> None:
    """Write the changes while the step is ours. Raises TokenLost."""
    if not ErasureStep.objects.filter(pk=step.pk, fence=step.fence).update(**changes):
        raise TokenLost
    for name, value in changes.items():
        if name != "lease_until":
            setattr(step, name, value)


def release(step: ErasureStep) -> None:
    ErasureStep.objects.filter(pk=step.pk, fence=step.fence).update(lease_until=None)
