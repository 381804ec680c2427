"""Entry points of the erasure's background work: load by reference, do one slice, put the next one. Safe to run twice."""

from __future__ import annotations

import datetime

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

import jobs.services
from customers import ledger as single_erasures
from deletion import calling, discarding, execution, expiring, handing_over, handling, ledger, reminding, watching
from deletion.models import ErasureRequest
from jobs.models import Job
from jobs.registry import job
from subscriptions.recording import forget_suppressed

ADVANCE, EXPIRE = "deletion.advance", "deletion.expire"
TIME_LIMIT = 40  # seconds; with the margin of the lease and the beat, a killed worker's request goes on within 90


@job(ADVANCE, transactional=False, at_most=2, time_limit=TIME_LIMIT)
def advance(subject: str) -> None:
    """Take the request one slice further and queue the next: each request has its turn."""
    request = ErasureRequest.objects.get(reference=subject.partition("/")[0])
    again = execution.advance(request, at=timezone.now())
    if again is not None:
        put_slice(request, run_after=again)


@transaction.atomic
def put_slice(request: ErasureRequest, *, run_after: datetime.datetime | None = None) -> None:
    """Queue the request's next slice; the number in its key makes two workers queue it once."""
    changed = ErasureRequest.objects.filter(pk=request.pk, slices=request.slices).update(slices=F("slices") + 1)
    if changed:
        subject = f"{request.reference}/{request.slices + 1}"
        later = run_after if run_after and run_after > timezone.now() else None
        jobs.services.put(kind=ADVANCE, key=f"erase:{subject}", subject=subject, run_after=later)


@job(calling.CALL, transactional=False)
def call(number: str) -> None:
    """Tell a company's system how its request goes."""
    calling.send(number)


@job(EXPIRE, transactional=False, time_limit=600)
def expire(_day: str) -> None:
    """Erase what had to be kept until yesterday; while operators have stopped everything, the day after the pause does it."""
    if execution.EVERYTHING not in settings.ERASURE_PAUSED:
        expiring.expire(at=timezone.now())


@job(discarding.DISCARD, transactional=False)
def discard_document(sha256: str) -> None:
    """Delete a document that no row names any more."""
    discarding.discard(sha256)


@shared_task(name="deletion.keep_periods")
def keep_periods() -> None:
    """Put the day's job once, however often this runs, remind owners, and copy certificates and holds that the ledger does not have."""
    day = timezone.localdate().isoformat()
    jobs.services.put(kind=EXPIRE, key=f"{EXPIRE}:{day}", subject=day)
    reminding.remind(at=timezone.now())
    ledger.keep_certificates()
    ledger.keep_holds()


@shared_task(name="deletion.keep_going")
def keep_going() -> None:
    """Queue a slice for every request that is due and has none waiting: the rows are the truth, the queue may be lost.

    Archives whose job gave up are marked here as well: their owners watch the page.
    """
    now = timezone.now()
    due = ErasureRequest.objects.to_begin(now) | ErasureRequest.objects.at_work()
    for request in due.order_by("due_date", "pk"):
        live = Job.objects.filter(key=request.slice_key, state__in=["waiting", "running"])
        if not request.is_held and not live.exists():
            put_slice(request)
    handing_over.give_up_dead()


@shared_task(name="deletion.watch")
def watch() -> None:
    """Sound the alarms about requests that do not move, are nearly due, or gave up."""
    watching.watch(at=timezone.now())


@shared_task(name="deletion.forget")
def forget() -> None:
    """Delete who asked for what, thirty days after each request ended, archives after seven, and keyed hashes whose time is over."""
    handling.forget_people(at=timezone.now())
    handing_over.forget_exports(at=timezone.now())
    forget_suppressed(at=timezone.now())
    single_erasures.forget(at=timezone.now())


def make_exports_under(kind: str, seconds: int) -> None:
    """Register the job that writes the archive of an account within so many seconds; one that needs more goes on to the next kind."""

    @job(kind, transactional=False, at_most=2, time_limit=seconds)
    def make_export(subject: str) -> None:
        try:
            handing_over.make(subject, kind)
        except SoftTimeLimitExceeded:
            if not handing_over.give_more_time(subject, kind):
                raise


for _kind, _seconds in handing_over.LIMITS.items():
    make_exports_under(_kind, _seconds)
