"""What people may do to an erasure that has begun: stop it, let it go on, have a failed step tried again, note a confirmation.

Nobody can mark a step as done: only a count of zero does that.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable

from django.db import transaction

import evidence.services
import jobs.services
from customers.models import User
from deletion import intake, ledger, letters, supplementing
from deletion.models import CaseFile, ErasureRequest, ErasureStep, LegalHold, SubprocessorNotice
from deletion.transitions import move, note

State = ErasureRequest.State


class NotBlocked(Exception):
    """Only what stands still can be tried again."""


class AlreadyReleased(Exception):
    """The hold was released before."""


class AlreadyConfirmed(Exception):
    """The subprocessor's confirmation was noted before."""


class NeverTold(Exception):
    """A subprocessor that was not told cannot confirm."""


@transaction.atomic
def pause(*, request: ErasureRequest, by: User, at: datetime.datetime, why: str = "") -> ErasureRequest:
    """Stop the erasure before its next chunk; pausing twice changes nothing, the first reason stays."""
    if ErasureRequest.objects.filter(pk=request.pk, paused_at=None).update(paused_at=at, paused_why=why):
        tell(request, "deletion.paused", "request.paused", by, at)
        say_who(CaseFile.objects.filter(erasure=request), "request.paused", by, at, detail=why)
    request.refresh_from_db()
    return request


@transaction.atomic
def resume(*, request: ErasureRequest, by: User, at: datetime.datetime) -> ErasureRequest:
    """Let a paused erasure go on from where it stopped; a legal hold that stands is another matter."""
    if ErasureRequest.objects.filter(pk=request.pk).exclude(paused_at=None).update(paused_at=None, paused_why=""):
        tell(request, "deletion.resumed", "request.resumed", by, at)
        say_who(CaseFile.objects.filter(erasure=request), "request.resumed", by, at)
    request.refresh_from_db()
    return request


@transaction.atomic
def place_hold(
    *, customer_reference: uuid.UUID, ground: str, file_number: str, review_date: datetime.date, by: User, at: datetime.datetime
) -> LegalHold:
    """Forbid every erasure of the company until the release (Art. 17(3) GDPR); one that runs stops before its next chunk."""
    hold = LegalHold.objects.create(
        customer_reference=customer_reference, ground=ground, file_number=file_number, placed_by=by, placed_at=at, review_date=review_date
    )
    record_hold(hold, "deletion.held", by, at)
    transaction.on_commit(ledger.keep_holds, robust=True)  # where the ledger does not answer, the clock writes it later
    return hold


@transaction.atomic
def move_review(*, hold: LegalHold, review_date: datetime.date, by: User, at: datetime.datetime) -> LegalHold:
    """Have a hold that is still needed reviewed on another day. Raises AlreadyReleased."""
    if not LegalHold.objects.filter(pk=hold.pk, released_at=None).update(review_date=review_date, review_moved_at=at):
        raise AlreadyReleased
    hold.refresh_from_db()
    record_hold(hold, "deletion.review_moved", by, at)
    transaction.on_commit(ledger.keep_holds, robust=True)
    return hold


@transaction.atomic
def release_hold(*, hold: LegalHold, by: User, at: datetime.datetime) -> LegalHold:
    """Lift the hold: a request that it stopped goes on by itself. Raises AlreadyReleased."""
    if not LegalHold.objects.filter(pk=hold.pk, released_at=None).update(released_at=at, released_by=by):
        raise AlreadyReleased
    hold.refresh_from_db()
    record_hold(hold, "deletion.released", by, at)
    transaction.on_commit(ledger.keep_holds, robust=True)
    return hold


@transaction.atomic
def retry(*, request: ErasureRequest, by: User, at: datetime.datetime) -> ErasureRequest:
    """Try everything again that failed, with all its attempts; verified steps are verified again later. Raises NotBlocked.

    A verification that finds data may have every step delete once more, so that each gets all its passes back.
    """
    request = ErasureRequest.objects.select_for_update().get(pk=request.pk)
    if request.state != State.BLOCKED:
        raise NotBlocked
    tell(request, "deletion.retried", "request.retried", by, at)
    try_again(request, at=at)
    return request


def try_again(request: ErasureRequest, *, at: datetime.datetime) -> None:
    """Give every step that is not verified all its attempts again, in the caller's transaction."""
    request.steps.given_up_in_stores().update(cursor="")
    request.steps.unfinished().update(state=ErasureStep.State.RUNNING, attempts=0, next_attempt_at=None, last_error="")
    request.steps.update(passes=0)
    move(request, State.ERASING if request.steps.exists() else State.FENCED, at=at)


@transaction.atomic
def verify_again(*, request: ErasureRequest, by: User, at: datetime.datetime) -> ErasureRequest:
    """Verify once more what a verification left or could not count, while no step has failed. Raises NotBlocked for other reasons."""
    if not ErasureRequest.objects.select_for_update().get(pk=request.pk).can_be_verified_again:
        raise NotBlocked
    return retry(request=request, by=by, at=at)


@transaction.atomic
def wake(*, store: str) -> int:
    """Have the waiting steps of the store looked at at once; return how many there are."""
    waiting = ErasureStep.objects.unfinished().filter(store=store, next_attempt_at__isnull=False).exclude(state=ErasureStep.State.FAILED)
    for request in ErasureRequest.objects.filter(pk__in=waiting.values("request")):
        jobs.services.hurry(key=request.slice_key)
    return waiting.update(next_attempt_at=None)


@transaction.atomic
def note_confirmation(*, notice: SubprocessorNotice, proof_sha256: str, by: User, at: datetime.datetime) -> SubprocessorNotice:
    """Write down that a subprocessor confirmed its deletion (Art. 28(4) GDPR). Raises NeverTold or AlreadyConfirmed.

    Where the certificate has been issued and calls this confirmation open, a supplement says so, one for each confirmation.
    """
    # All notices of the request at once: of two that are noted at the same moment, the later one counts the other.
    list(SubprocessorNotice.objects.select_for_update().filter(request=notice.request_id).order_by("pk"))
    letters.note_deliveries(notice.request)
    notice = SubprocessorNotice.objects.select_related("request").get(pk=notice.pk)
    if notice.told_at is None:
        raise NeverTold
    if notice.confirmed_at is not None:
        raise AlreadyConfirmed
    notice.confirmed_at, notice.proof_sha256 = at, proof_sha256
    notice.save(update_fields=["confirmed_at", "proof_sha256"])
    tell(notice.request, "deletion.confirmed_by_subprocessor", "subprocessor.confirmed", by, at)
    supplementing.say_confirmed(notice, at=at)
    return notice


@transaction.atomic
def note_told(*, notice: SubprocessorNotice, by: User, at: datetime.datetime) -> SubprocessorNotice:
    """Write down that somebody told a subprocessor that has no mailbox in the register."""
    SubprocessorNotice.objects.filter(pk=notice.pk, told_at=None).update(told_at=at)
    notice.refresh_from_db()
    tell(notice.request, "deletion.subprocessor_told", "subprocessor.told", by, at)
    return notice


def tell(request: ErasureRequest, kind: str, code: str, by: User, at: datetime.datetime) -> None:
    note(request, code)
    facts = {"customer": str(request.customer_reference), "by": str(by.reference)}
    evidence.services.record(kind=kind, facts=facts, subject=request.reference, happened_at=at)


TOLD_OF_HOLDS = {"deletion.held": "hold.placed", "deletion.review_moved": "hold.moved", "deletion.released": "hold.released"}


def record_hold(hold: LegalHold, kind: str, by: User, at: datetime.datetime) -> None:
    facts = {"customer": str(hold.customer_reference), "by": str(by.reference), "ground": hold.ground}
    evidence.services.record(kind=kind, facts=facts, subject=f"hold:{hold.pk}", happened_at=at)
    say_who(CaseFile.objects.filter(customer_reference=hold.customer_reference), TOLD_OF_HOLDS[kind], by, at, detail=hold.ground)


def say_who(files: Iterable[CaseFile], code: str, by: User, at: datetime.datetime, *, detail: str = "") -> None:
    """Write the act on the timeline of each file that it concerns, with who did it; the ledger has it already."""
    for case in files:
        intake.add_to_timeline(case, code, by=by, at=at, detail=detail)
