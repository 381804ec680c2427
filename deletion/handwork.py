"""A step that failed: try it again, or say with a second person that its data were deleted by hand. The count decides both times."""

from __future__ import annotations

import datetime

from django.db import transaction

from customers.models import User
from deletion.models import CaseFile, ErasureRequest, ErasureStep, HandWork
from deletion.steering import tell
from deletion.transitions import move, note

METHOD = "deleted by hand, verified by count"


class SamePerson(Exception):
    """Who entered a deletion by hand cannot confirm it."""


class NotFailed(Exception):
    """Only a failed step is tried again or done by hand."""


@transaction.atomic
def retry_step(*, case: CaseFile, ordinal: int, by: User, at: datetime.datetime) -> ErasureStep:
    """Give one failed step all its attempts again and let the request go on. Raises NotFailed."""
    request, step = locked(case, ordinal)
    request.steps.given_up_in_stores().filter(pk=step.pk).update(cursor="")
    ErasureStep.objects.filter(pk=step.pk).update(
        state=ErasureStep.State.RUNNING, attempts=0, passes=0, next_attempt_at=None, lease_until=None, last_error=""
    )
    go_on(request, step, "deletion.step_retried", "step.retried", by, at)
    return step


@transaction.atomic
def enter_hand_work(*, case: CaseFile, ordinal: int, reason: str, proof_sha256: str, by: User, at: datetime.datetime) -> HandWork:
    """Say that the step's data were deleted by hand; nothing changes until a second person confirms it. Raises NotFailed."""
    request, step = locked(case, ordinal)
    work, is_new = HandWork.objects.get_or_create(
        step=step, confirmed_at=None, defaults={"reason": reason, "proof_sha256": proof_sha256, "proposed_by": by, "proposed_at": at}
    )
    if is_new:
        tell(request, "deletion.hand_work_entered", "step.by_hand_entered", by, at)
    return work


@transaction.atomic
def confirm_hand_work(*, case: CaseFile, ordinal: int, by: User, at: datetime.datetime) -> HandWork:
    """Confirm as the second person: the step is counted now, and only zero makes it done. Raises NotFailed or SamePerson.

    The certificate names the method, so that nobody takes it for the portal's own work.
    """
    request, step = locked(case, ordinal)
    work = HandWork.objects.select_for_update().filter(step=step, confirmed_at=None).first()
    if work is None:
        raise NotFailed
    if work.proposed_by_id == by.pk:
        raise SamePerson
    work.confirmed_by, work.confirmed_at = by, at
    work.save(update_fields=["confirmed_by", "confirmed_at"])
    ErasureStep.objects.filter(pk=step.pk).update(
        state=ErasureStep.State.SWEPT, method=METHOD, attempts=0, next_attempt_at=None, lease_until=None, last_error=""
    )
    go_on(request, step, "deletion.done_by_hand", "step.by_hand", by, at)
    return work


def locked(case: CaseFile, ordinal: int) -> tuple[ErasureRequest, ErasureStep]:
    if case.erasure_id is None:
        raise NotFailed
    request = ErasureRequest.objects.select_for_update().get(pk=case.erasure_id)
    step = request.steps.select_for_update().filter(ordinal=ordinal).first()
    if step is None or step.state not in (ErasureStep.State.FAILED, ErasureStep.State.HELD):
        raise NotFailed
    return request, step


def go_on(request: ErasureRequest, step: ErasureStep, kind: str, code: str, by: User, at: datetime.datetime) -> None:
    note(request, code, dataset=step.dataset)
    tell(request, kind, "request.retried", by, at)
    if request.state == ErasureRequest.State.BLOCKED:
        move(request, ErasureRequest.State.ERASING, at=at)
