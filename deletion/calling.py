"""Tell a company's system how its request goes: signed calls in the shape of OpenDSR 2.0, at least once each, from jobs."""

from __future__ import annotations

import datetime
import json

from django.db.models import Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

import jobs.services
from deletion import signing
from deletion.models import ErasureRequest, LegalHold, MachineRequest, StatusCall
from deletion.retention import rule_of
from jobs.registry import PermanentFailure
from notifications import fetching

CALL = "deletion.call"
State = ErasureRequest.State
STATUS = {State.REQUESTED: "pending", State.WITHDRAWN: "cancelled", State.COMPLETED: "completed"}


class NotTaken(Exception):
    """The system did not answer with a status of success; it is called again later."""


def status_of(request: ErasureRequest) -> str:
    """Return the request's state in the four words of OpenDSR; whatever has begun and is not at its end is in progress."""
    return STATUS.get(State(request.state), "in_progress")


def results_of(request: ErasureRequest) -> int:
    return int(request.steps.aggregate(number=Sum("deleted"))["number"] or 0)


def announce(request: ErasureRequest) -> None:
    """Put one call for each address that wants to know, in the caller's transaction; the same status is told once."""
    for asked in MachineRequest.objects.filter(request=request):
        for address in asked.callback_urls:
            status, number = status_of(request), results_of(request)
            call, is_new = StatusCall.objects.get_or_create(
                machine_request=asked, address=address, status=status, defaults={"results_count": number}
            )
            if is_new:
                jobs.services.put(kind=CALL, key=f"{CALL}:{call.pk}", subject=str(call.pk))


def send(number: str) -> None:
    """Make the call unless it was made. Raises NotTaken or fetching.NotReached to be tried again, PermanentFailure for a bad address."""
    call = StatusCall.objects.select_related("machine_request__request").filter(pk=number, delivered_at=None).first()
    if call is None:
        return
    body, moment = body_of(call), int(timezone.now().timestamp())
    headers = {
        "Content-Type": "application/json",
        "X-OpenDSR-Timestamp": str(moment),
        "X-OpenDSR-Delivery": str(call.pk),
        "X-OpenDSR-Signature": signing.sign_call(moment=moment, delivery=str(call.pk), body=body),
    }
    try:
        answer = fetching.ask(call.address, method="POST", headers=headers, body=body)
    except fetching.AddressRefused as error:
        raise PermanentFailure(error.reason) from error
    if not 200 <= answer.status < 300:
        raise NotTaken(answer.status)
    StatusCall.objects.filter(pk=call.pk).update(delivered_at=timezone.now())


def body_of(call: StatusCall) -> bytes:
    """Return what is told; the same bytes at each attempt."""
    request = call.machine_request.request
    content = {
        "controller_id": str(request.customer_reference),
        "subject_request_id": str(call.machine_request.subject_request_id),
        "request_status": call.status,
        "results_count": call.results_count,
        "expected_completion_time": end_of(request.due_date),
        "api_version": "2.0",
    }
    return json.dumps(content, sort_keys=True).encode()


def end_of(day: datetime.date) -> str:
    """Return the last second of the day where the portal is, in UTC."""
    midnight = datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time(), timezone.get_default_timezone())
    return f"{midnight.astimezone(datetime.UTC) - datetime.timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}"


def forget(at: datetime.datetime) -> int:
    """Delete calls and addresses whose period is over and on whose company no hold stands; number and hash of what was asked stay."""
    rule, today = rule_of("deletion.statuscall"), timezone.localdate(at)
    ended = MachineRequest.objects.filter(request__state__in=(State.COMPLETED, State.WITHDRAWN)).exclude(callback_urls=[])
    ended = ended.exclude(request__customer_reference__in=LegalHold.objects.held_accounts())
    moments = ended.values_list("pk", Coalesce("request__finished_at", "request__withdrawn_at"))
    numbers = [number for number, moment in moments if rule.ends(moment) < today]
    StatusCall.objects.filter(machine_request__in=numbers).delete()
    return MachineRequest.objects.filter(pk__in=numbers).update(callback_urls=[])
