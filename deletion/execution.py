"""The erasure from its start to its certificate: each call takes a request as far as one slice of time gets it.

Safe to call at any time, any number of times, by any number of workers: what is to be done next stands in the rows.
"""

from __future__ import annotations

import contextlib
import datetime
import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now

from customers.models import Customer
from deletion import certifying, fencing, freezing, ledger, letters, proving, replicas, stepping, supplementing
from deletion.connectors import stores
from deletion.datasets import STORE
from deletion.models import ErasureRequest, ErasureStep, Tombstone
from deletion.transitions import NotAllowed, move, note

SLICE_SECONDS = 10.0
IDLE_MILLISECONDS = 20_000  # a worker that stands still in a transaction holds its locks no longer than that
PAUSE = datetime.timedelta(seconds=15)
MOST_COUNTS = 5
EVERYTHING = "all"  # as the name of a store it would be one that is paused by itself

State, Why = ErasureRequest.State, ErasureRequest.Why
When = datetime.datetime | None
REASONS: dict[tuple[str, str], ErasureRequest.Why] = {
    (ErasureStep.State.FAILED, ErasureStep.Error.WRITER): Why.WRITER,
    (ErasureStep.State.HELD, ""): Why.HELD,
}
"""What a request stands still for when all the steps that gave up say the same."""
log = structlog.get_logger(__name__)


def advance(request: ErasureRequest, *, at: datetime.datetime) -> When:
    """Take the request further for one slice; return when to call again, or None when there is nothing to do by itself."""
    until = time.monotonic() + SLICE_SECONDS
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('idle_in_transaction_session_timeout', %s, false)", [str(IDLE_MILLISECONDS)])
    while request.state in STAGES and time.monotonic() < until:
        if request.is_held:
            return None
        if EVERYTHING in settings.ERASURE_PAUSED:
            return at + PAUSE
        before = request.state
        try:
            again = STAGES[before](request, at, until)
        except NotAllowed:  # another worker was faster, or a person
            request.refresh_from_db()
            continue
        request.refresh_from_db()
        if request.state == before:
            return again
    return at if request.state in STAGES else None


def begin(request: ErasureRequest, at: datetime.datetime, _until: float) -> When:
    """Raise the fence: from this commit on the account takes nothing any more."""
    if at < request.not_before:
        return request.not_before
    with transaction.atomic():
        customer = Customer.objects.filter(reference=request.customer_reference).first()
        number = customer.pk if customer else request.customer_number
        move(request, State.FENCED, at=at, started_at=at, customer_number=number)
        fencing.raise_fence(request, at=at)
        letters.tell_contacts(request, "deletion_started")
    fencing.end_other_sessions(request.number)
    return at


def enter_ledger_and_plan(request: ErasureRequest, at: datetime.datetime, _until: float) -> When:
    """Write the entry that a restored backup cannot take back, then freeze the plan; without the entry nothing is deleted."""
    ledger.enter(request)
    with transaction.atomic():
        plan = freezing.freeze(request, stores())
        letters.tell_subprocessors(request, at=at)
        move(request, State.ERASING, at=at, **plan)
    for step in request.steps.filter(store=STORE, estimated=None):
        stepping.estimate(request, step)
    return at


def erase(request: ErasureRequest, at: datetime.datetime, until: float) -> When:
    if replicas.are_behind():
        return at + PAUSE
    while time.monotonic() < until:
        step = stepping.claim(request)
        if step is None:
            return settle(request, at)
        stepping.work(request, step, until=until)
        if ErasureRequest.objects.get(pk=request.pk).is_held:
            return None
    return at


def settle(request: ErasureRequest, at: datetime.datetime) -> When:
    """Nothing can be claimed now: all is verified, or something waits, or a person is needed."""
    states = set(request.steps.values_list("state", flat=True))
    if states == {ErasureStep.State.VERIFIED}:
        with transaction.atomic():
            bury(request, at)
            move(request, State.VERIFYING, at=at, verify_after=None)
        return at
    if not states & {ErasureStep.State.PENDING, ErasureStep.State.RUNNING, ErasureStep.State.SWEPT} or stuck(request):
        block(request, why_failed(request), at)
        return None
    due = request.steps.filter(next_attempt_at__gt=Now()).order_by("next_attempt_at").values_list("next_attempt_at", flat=True).first()
    return due or at + PAUSE


def why_failed(request: ErasureRequest) -> str:
    """Return why the steps gave up, as the desk shows it: a writer or a lock is named where it is all that is wrong."""
    given_up = request.steps.filter(state__in=[ErasureStep.State.FAILED, ErasureStep.State.HELD])
    found = set(given_up.values_list("state", "last_error"))
    return REASONS.get(found.pop(), Why.FAILED) if len(found) == 1 else Why.FAILED


def stuck(request: ErasureRequest) -> bool:
    """Say whether every step that is left waits for one that failed: a later one of its store, or the company's own row."""
    failed = request.steps.filter(state__in=[ErasureStep.State.FAILED, ErasureStep.State.HELD])
    held_up = dict(failed.values_list("store", "ordinal"))
    last = request.steps.order_by("-ordinal").first()
    others = request.steps.unfinished().exclude(pk__in=failed.values("pk"))
    return bool(held_up) and all(step == last or held_up.get(step.store, step.ordinal) < step.ordinal for step in others)


def bury(request: ErasureRequest, at: datetime.datetime) -> None:
    Tombstone.objects.get_or_create(
        customer_number=request.number,
        defaults={"customer_reference": request.customer_reference, "request_reference": request.reference, "erased_at": at},
    )


def verify(request: ErasureRequest, at: datetime.datetime, _until: float) -> When:
    """Verification 2, over the whole live catalogue and every store; the last one follows after some hours.

    One that could not count is not repeated before its time: a server that was restarted needs some.
    """
    if request.verify_after and at < request.verify_after:
        return request.verify_after
    if passes(request, at):
        later = at + datetime.timedelta(hours=settings.ERASURE_LAST_CHECK_HOURS)
        move(request, State.WAITING, at=at, verify_after=later)
    return request.verify_after


def verify_again_and_certify(request: ErasureRequest, at: datetime.datetime, _until: float) -> When:
    """Verification 3: what was on its way at the end of the erasure has arrived by now. Then the certificate."""
    if request.verify_after and at < request.verify_after:
        return request.verify_after
    if passes(request, at):
        issue = supplementing.certify_again if request.certificates.exists() else certifying.certify
        issue(request, at=at)
        with contextlib.suppress(DatabaseError):  # the clock copies what is missing there
            ledger.keep_certificates()
        return None
    return request.verify_after


def passes(request: ErasureRequest, at: datetime.datetime) -> bool:
    """Say whether nothing is left; what is left is deleted again or shown to a person, and never certified."""
    found = proving.verify_account(request)
    for finding in found:
        note(
            request,
            "verification.left" if finding.number is not None else "verification.uncounted",
            dataset=finding.place,
            number=finding.number,
        )
    if not found:
        note(request, "verification.passed", number=0)
        return True
    log.error("erasure not complete", request=request.reference, places=len(found))
    if any(finding.number is None for finding in found):
        count_again(request, at)
    elif not reopen(request, {finding.place for finding in found}, at):
        block(request, Why.RESIDUE, at)
    return False


def count_again(request: ErasureRequest, at: datetime.datetime) -> None:
    """Verify once more in a while: what could not be counted may be a server that was restarted. In the end a person has to look.

    Whoever has it tried again gives it all its tries once more.
    """
    retried = request.events.filter(code="request.retried").order_by("-pk").values_list("pk", flat=True).first()
    tries = request.events.filter(code="verification.put_off", pk__gt=retried or 0).count()
    if tries >= MOST_COUNTS:
        block(request, Why.UNCOUNTED, at)
        return
    note(request, "verification.put_off", number=tries + 1)
    ErasureRequest.objects.filter(pk=request.pk, state=request.state).update(verify_after=at + PAUSE * 2**tries)
    request.refresh_from_db()


def reopen(request: ErasureRequest, places: set[str], at: datetime.datetime) -> bool:
    """Delete again what was written late, a few times at most; False when it is none of the plan's datasets."""
    steps = request.steps.filter(dataset__in=places, passes__lt=stepping.MOST_PASSES)
    if not steps.exists():
        return False
    with transaction.atomic():
        for step in steps:
            ErasureStep.objects.filter(pk=step.pk).update(
                state=ErasureStep.State.RUNNING, passes=step.passes + 1, cursor="", verified_at=None, residual=None, next_attempt_at=None
            )
        move(request, State.ERASING, at=at)
    return True


def block(request: ErasureRequest, why: str, at: datetime.datetime) -> None:
    move(request, State.BLOCKED, at=at, blocked_why=why)
    letters.tell_provider_of_request(request)


STAGES: dict[str, Callable[[ErasureRequest, datetime.datetime, float], When]] = {
    State.REQUESTED: begin,
    State.FENCED: enter_ledger_and_plan,
    State.ERASING: erase,
    State.VERIFYING: verify,
    State.WAITING: verify_again_and_certify,
}
