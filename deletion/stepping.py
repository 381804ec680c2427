"""Work on the steps of a request: claim one, take it a chunk further, let it go.

The row is the truth: who holds the step, until when, under which token. A worker that was thought dead and comes back finds
another token and stops; a message that is delivered twice finds the step held.
"""

from __future__ import annotations

import contextlib
import time
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import F, Min
from django.db.models.functions import Now

from deletion import attempts, datasets, proving, sweeping
from deletion.connectors import Connector, Count, Held, Permanent, Progress, StoreFailure, Throttled, stores
from deletion.datasets import STORE
from deletion.freezing import scope_for_stores, values_for
from deletion.holding import LEASE, Stopped, TokenLost, hold, keep, release
from deletion.models import ErasureRequest, ErasureStep
from deletion.transitions import note
from deletion.yielding import AIM, Traffic

SMALLEST, LARGEST = 100, 10_000
MOST_PASSES = 5
AT_ONCE_IN_STORES = 500
LOST, UNSAID = "step.lost", "step.unsaid"
INTERRUPTED = (LOST, UNSAID, *(f"step.{end}.{why}" for end in ("put_off", "failed") for why in ("database", "transient")))
"""Events after which nobody knows how much a store did before: its answer was lost, or could not be written down."""

State, Error = ErasureStep.State, ErasureStep.Error
log = structlog.get_logger(__name__)


@transaction.atomic(durable=True)
def claim(request: ErasureRequest) -> ErasureStep | None:
    """Take the next step that may be worked on, counted under a new token; None when nothing is due.

    In one store the steps follow each other; the company's own row waits for all.
    """
    earlier = request.steps.unfinished().values_list("store", "ordinal")
    first = dict(earlier.values_list("store").annotate(first=Min("ordinal")))
    last = request.steps.order_by("-ordinal").first()
    claimable = request.steps.claimable().filter(ordinal__in=first.values()).select_for_update(skip_locked=True)
    claimable = claimable.exclude(store__in=settings.ERASURE_PAUSED)
    if last is not None and len(first) > 1:
        claimable = claimable.exclude(pk=last.pk)
    step = claimable.order_by("ordinal").first()
    if step is None or is_given_up_after_crashes(request, step):
        return None
    ErasureStep.objects.filter(pk=step.pk).update(fence=F("fence") + 1, lease_until=Now() + LEASE)
    if step.started_at is None:
        ErasureStep.objects.filter(pk=step.pk).update(started_at=Now(), state=State.RUNNING)
        note(request, "step.started", dataset=step.dataset)
    step.refresh_from_db()
    return step


def is_given_up_after_crashes(request: ErasureRequest, step: ErasureStep) -> bool:
    """Count a holder that never let go as a failed attempt: what ends its worker each time has to end as well. Progress counts anew."""
    if step.lease_until is None:
        return False
    note(request, LOST, dataset=step.dataset, number=step.attempts + 1)
    if step.attempts + 1 >= attempts.MOST_ATTEMPTS:
        attempts.give_up(request, step, Error.CRASH)
        return True
    ErasureStep.objects.filter(pk=step.pk).update(attempts=F("attempts") + 1, last_error=Error.CRASH)
    return False


def forgiven(step: ErasureStep) -> dict[str, object]:
    """Return what a step that gets on after lost workers writes beside its progress."""
    return {"attempts": 0, "last_error": ""} if step.last_error == Error.CRASH else {}


def work(request: ErasureRequest, step: ErasureStep, *, until: float) -> None:
    """Take the step as far as it gets until the moment (of ``time.monotonic``), then let it go."""
    try:
        if step.state != State.SWEPT:
            run = run_rows if step.store == STORE else run_store
            run(request, step, until=until)
        if step.state == State.SWEPT:
            proving.verify_step(request, step)
    except (TokenLost, Stopped) as stop:
        log.info("step let go", request=request.reference, step=step.ordinal, reason=type(stop).__name__)
    except Exception as failure:  # stores raise what they like
        if step.store == STORE and not isinstance(failure, KNOWN):
            raise
        fail(request, step, failure)
    release(step)


def fail(request: ErasureRequest, step: ErasureStep, failure: Exception) -> None:
    """Decide by what was raised whether the step is tried again, and when."""
    if isinstance(failure, (Permanent, datasets.UnknownDataset)):
        attempts.give_up(request, step, Error.PERMANENT)
    elif isinstance(failure, proving.HeldBack):
        attempts.give_up(request, step, held=failure.number)
    elif isinstance(failure, Throttled):
        attempts.put_off(request, step, Error.THROTTLED, timedelta(seconds=failure.seconds))
    else:
        number = failure.number if isinstance(failure, proving.Residue) else None
        if isinstance(failure, proving.Residue) and step.store != STORE:
            take_back(step, failure)
        attempts.put_off(request, step, error_of(failure), number=number)


PASSING: dict[type[Exception], str] = {
    StoreFailure: Error.TRANSIENT,
    proving.Uncounted: Error.UNCOUNTED,
    proving.Residue: Error.RESIDUE,
    DatabaseError: Error.DATABASE,
    sweeping.TooManyRows: Error.WRITER,
}


KNOWN = (*PASSING, Permanent, datasets.UnknownDataset)


def error_of(failure: Exception) -> str:
    return next((code for kind, code in PASSING.items() if isinstance(failure, kind)), Error.TRANSIENT)


# --- rows of the portal's database ----------------------------------------------------------------------------------


def run_rows(request: ErasureRequest, step: ErasureStep, *, until: float) -> None:
    dataset = datasets.find(step.dataset)
    values = values_for(request, dataset)
    if step.estimated is None:
        keep(step, estimated=proving.estimate(dataset, values))
    traffic, behind, by_function = Traffic(), step.cursor, is_referred_to_no_more(request, dataset)
    traffic.look()
    while step.state == State.RUNNING:
        began, position, before = time.monotonic(), step.cursor, step.deleted
        chunk(request, step, dataset, values, behind=behind, by_function=by_function)
        worked = time.monotonic() - began
        behind = position if step.cursor else ""
        if step.deleted - before >= SMALLEST:
            traffic.give_way(worked, until=until)
            step.chunk_size = next_size(step.chunk_size, worked, aim=traffic.aim)
        if time.monotonic() >= until:  # asked after the chunk: each slice gets on, however long its beginning took
            return


def estimate(request: ErasureRequest, step: ErasureStep) -> None:
    """Count for the progress page before anything goes; what cannot be counted now is counted, or refused, by the step itself."""
    dataset = datasets.find(step.dataset)
    with contextlib.suppress(proving.Uncounted, TokenLost):
        keep(step, estimated=proving.estimate(dataset, values_for(request, dataset)))


def is_referred_to_no_more(request: ErasureRequest, dataset: datasets.Dataset) -> bool:
    """Say whether all that refers to rows of the dataset was deleted by this plan and counted at zero."""
    steps = request.steps.filter(store=STORE, dataset__in=dataset.referring, state=State.VERIFIED)
    return bool(dataset.function) and steps.count() == len(dataset.referring)


@transaction.atomic(durable=True)
def chunk(
    request: ErasureRequest,
    step: ErasureStep,
    dataset: datasets.Dataset,
    values: dict[str, object],
    *,
    behind: str,
    by_function: bool = False,
) -> None:
    """Delete one range of rows and remember that in the same transaction, or do neither.

    The range begins where the one before it began: the index's entries of rows that are gone are looked at and marked while they
    are few. Otherwise the count at the end walks over all of them at once.
    """
    hold(request, step)
    role, size = settings.DATABASE_ERASER_ROLE, step.chunk_size
    swept = sweeping.sweep(dataset, values, cursor=step.cursor, behind=behind, limit=size, role=role, by_function=by_function)
    sweeping.step_back()
    if swept.last is not None:
        deleted = step.deleted + swept.deleted
        keep(step, cursor=swept.last, deleted=deleted, chunk_size=step.chunk_size, lease_until=Now() + LEASE, **forgiven(step))
    elif sweeping.count(dataset, values, most=1):
        # Keys below the position: written late, or negative. Begin again below every key.
        again(step)
    else:
        keep(step, state=State.SWEPT, cursor="", lease_until=Now() + LEASE)
        note(request, "step.swept", dataset=step.dataset, number=step.deleted)


def again(step: ErasureStep) -> None:
    if step.passes >= MOST_PASSES:
        raise sweeping.TooManyRows(step.dataset)
    keep(step, cursor="", passes=step.passes + 1, lease_until=Now() + LEASE)


def next_size(size: int, seconds: float, *, aim: float = AIM) -> int:
    """Return how many rows the next chunk takes: twice as many at most, so that one quick chunk makes no long one."""
    wanted = int(size * aim / max(seconds, 0.001))
    return max(SMALLEST, min(LARGEST, size * 2, wanted))


# --- other stores ---------------------------------------------------------------------------------------------------


def run_store(request: ErasureRequest, step: ErasureStep, *, until: float) -> None:
    connector = stores().get(step.store)
    if connector is None:
        raise Permanent
    scope = scope_for_stores(request)
    if step.estimated is None or (not step.cursor and step.estimated <= step.deleted):
        plant(request, step, connector)  # each pass counts anew: what a crash forgets of it is known from the count
    while step.state == State.RUNNING:
        with transaction.atomic(durable=True):
            hold(request, step)
        try:
            progress = connector.erase(scope, step.cursor, AT_ONCE_IN_STORES)
        except Exception:  # whatever was raised, nobody knows what the store did before it: said here, judged by work()
            note(request, UNSAID, dataset=step.dataset)
            raise
        remember(request, step, progress)
        if progress.wait_seconds:
            raise Throttled(progress.wait_seconds)
        if time.monotonic() >= until:
            return


def plant(request: ErasureRequest, step: ErasureStep, connector: Connector) -> None:
    """Plant a record and have it found: a store that does not find it counts zero whatever it holds."""
    scope = scope_for_stores(request)
    connector.plant(scope)
    answer = connector.verify(scope)
    if isinstance(answer, Held):
        raise proving.HeldBack(answer.number)
    if not isinstance(answer, Count):
        raise proving.Uncounted
    if answer.planted < 1:
        attempts.give_up(request, step, Error.BLIND)
        raise Stopped
    with transaction.atomic():
        keep(step, estimated=step.deleted + answer.number - answer.planted)
        note(request, "canary.found", dataset=step.dataset, number=answer.planted)


@transaction.atomic(durable=True)
def remember(request: ErasureRequest, step: ErasureStep, progress: Progress) -> None:
    """Write down what a store did, also when nothing more may be done.

    Where the store did something and could not say how much, the count before says it. Without that, only what was said counts:
    records that ended by themselves are nobody's deletion.
    """
    deleted = step.deleted + progress.deleted
    if not progress.is_done:
        keep(step, cursor=progress.cursor, deleted=deleted, lease_until=Now() + LEASE, **forgiven(step))
        return
    if request.events.filter(dataset=step.dataset, code__in=INTERRUPTED).exists():
        deleted = max(deleted, step.estimated or 0)
    keep(step, cursor="", deleted=deleted, state=State.SWEPT, lease_until=Now() + LEASE)
    note(request, "step.swept", dataset=step.dataset, number=step.deleted)


def take_back(step: ErasureStep, residue: proving.Residue) -> None:
    """Believe a store that claimed more than it did no longer: at most what was there before and is not there now was deleted."""
    most = max(0, (step.estimated or 0) - (residue.number - residue.planted))
    with contextlib.suppress(TokenLost):
        keep(step, deleted=min(step.deleted, most))
