"""Alarms about requests: nothing moves, a day is near, a step gave up, the ledger lags. Each is written to the provider once.

Progress is read from the rows that the engine writes anyway; no worker is asked, since one that hangs would not answer.
"""

from __future__ import annotations

import datetime

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, override

from deletion import execution, ledger, letters
from deletion.deadlines import TIME_TO_ERASE
from deletion.models import CaseFile, ErasureCertificate, ErasureRequest, ErasureStep, LedgerCertificate, LegalHold, SubprocessorNotice
from notifications.links import absolute

STILL = datetime.timedelta(minutes=15)
NEAR = datetime.timedelta(days=3)
UNPLANNED = TIME_TO_ERASE + datetime.timedelta(days=3)
COPIED_WITHIN = datetime.timedelta(hours=2)  # the clock copies certificates into the ledger each hour

State = ErasureRequest.State
log = structlog.get_logger(__name__)


def watch(*, at: datetime.datetime) -> int:
    """Look at everything that is open and have each new alarm sent; return how many stand now. Safe to repeat."""
    return (
        watch_deliveries()
        + watch_progress(at)
        + watch_days(at)
        + watch_steps()
        + watch_confirmations(at)
        + watch_holds(at)
        + watch_ledger(at)
    )


def watch_progress(at: datetime.datetime) -> int:
    """Sound an alarm for a request that should move and has not for fifteen minutes; note for the others that they moved."""
    still = 0
    for request in ErasureRequest.objects.at_work() | ErasureRequest.objects.to_begin(at - STILL):
        mark = mark_of(request)
        if mark != request.progress_mark or may_rest(request, at):
            ErasureRequest.objects.filter(pk=request.pk).update(progress_mark=mark, progressed_at=at)
        elif request.progressed_at and at - request.progressed_at >= STILL:
            still += 1
            sound("still", request.reference, occasion=request.progressed_at.isoformat())
    return still


def may_rest(request: ErasureRequest, at: datetime.datetime) -> bool:
    """Say whether nothing has to move now: it is held or paused, or its last verification is not due."""
    return request.is_held or is_paused(request) or (request.verify_after is not None and at < request.verify_after)


def is_paused(request: ErasureRequest) -> bool:
    """Say whether operators stopped everything, or every store where something is left; the company's own row waits for all of them."""
    if execution.EVERYTHING in settings.ERASURE_PAUSED:
        return True
    unfinished = list(request.steps.unfinished().order_by("ordinal").values_list("store", flat=True))
    waited_for = set(unfinished[:-1] or unfinished)
    return bool(waited_for) and waited_for <= set(settings.ERASURE_PAUSED)


def mark_of(request: ErasureRequest) -> str:
    """Return what changes with every bit of progress, and with nothing else: an attempt that failed is none."""
    done = Count("pk", filter=Q(state__in=["swept", "verified"]))
    counted = request.steps.aggregate(deleted=Sum("deleted"), done=done, verified=Count("pk", filter=Q(state="verified")))
    return f"{request.state}:{counted['deleted'] or 0}:{counted['done']}:{counted['verified']}"


def watch_days(at: datetime.datetime) -> int:
    """Sound an alarm for every request that is due within three days or overdue (Art. 12(3) GDPR).

    A deletion that follows a cancelled contract and is not approved yet is told earlier: owners get a day, and the engine needs its time.
    """
    today = timezone.localdate(at)
    unplanned = Q(cancellation__isnull=False, erasure=None, due_date__lte=today + UNPLANNED)
    near = CaseFile.objects.open().filter(Q(due_date__lte=today + NEAR) | unplanned)
    for case in near:
        sound("due", case.reference, occasion=case.due_date.isoformat())
    return len(near)


def watch_steps() -> int:
    """Sound an alarm for every step that has given up: its attempts are exhausted, or the store refuses for good."""
    given_up = ErasureStep.objects.filter(state__in=[ErasureStep.State.FAILED, ErasureStep.State.HELD]).select_related("request")
    for step in given_up:
        last = step.request.events.filter(dataset=step.dataset, code__regex="^step.(failed|held)").order_by("-pk").first()
        sound("failed", step.request.reference, occasion=f"{step.ordinal}:{last.pk if last else 0}")
    return len(given_up)


def watch_deliveries() -> int:
    """Note which subprocessors got their mail; sound an alarm for each whose mail failed or came back and whom nobody told otherwise."""
    unreached = 0
    for request in ErasureRequest.objects.filter(pk__in=SubprocessorNotice.objects.filter(confirmed_at=None).values("request")):
        letters.note_deliveries(request)
        for notice in request.notices.filter(told_at=None):
            if letters.is_unreached(notice):
                unreached += 1
                sound("unreached", request.reference, occasion=str(notice.pk))
    return unreached


def watch_confirmations(at: datetime.datetime) -> int:
    """Sound an alarm for every subprocessor that has not confirmed its deletion in its time (Art. 28(4) GDPR)."""
    late = SubprocessorNotice.objects.filter(confirmed_at=None, confirm_by_date__lt=timezone.localdate(at)).select_related("request")
    for notice in late:
        sound("unconfirmed", notice.request.reference, occasion=str(notice.pk))
    return len(late)


def watch_holds(at: datetime.datetime) -> int:
    """Sound an alarm on the day on which a hold is to be reviewed: without its ground the deletion must not wait (Art. 17(1) GDPR)."""
    due = LegalHold.objects.filter(released_at=None, review_date__lte=timezone.localdate(at))
    for hold in due:
        case = CaseFile.objects.filter(customer_reference=hold.customer_reference).order_by("-pk").first()
        sound("review", case.reference if case else "", occasion=f"{hold.pk}:{hold.review_date.isoformat()}")
    return len(due)


def watch_ledger(at: datetime.datetime) -> int:
    """Sound an alarm when the ledger does not answer, or has not been given a certificate or a hold within two hours."""
    issued = ErasureCertificate.objects.filter(issued_at__lt=at - COPIED_WITHIN).values_list("reference", flat=True)
    try:
        lacking = set(issued) - set(LedgerCertificate.objects.using(ledger.ALIAS).values_list("reference", flat=True))
        lacking |= {str(act) for act in ledger.holds_lacking() if act.happened_at < at - COPIED_WITHIN}
    except DatabaseError:
        lacking = {"ledger"}
    if lacking:
        sound("ledger", "", occasion=timezone.localdate(at).isoformat())
    return int(bool(lacking))


def sound(what: str, reference: str, *, occasion: str) -> None:
    """Log the alarm, and write to the provider once per occasion; the mail names the reference alone."""
    log.error("erasure alarm", kind=what, request=reference)
    with override(letters.PROVIDERS_LANGUAGE):
        page = reverse("desk_request", args=[reference]) if reference else reverse("desk")
        context = {"reference": reference, "what": what, "action_url": absolute(page), "action_label": gettext("Open the desk")}
    letters.tell_provider("deletion_alarm", context, key=f"deletion_alarm:{what}:{reference}:{occasion}")
