"""The desk's lists: the queue with its filters and saved views, what is urgent today, and the file's timeline."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from customers.models import Customer, User
from deletion.explaining import is_uuid
from deletion.models import OPEN_STATUSES, TONES, CaseEvent, CaseFile, ErasureEvent, ErasureRequest, LegalHold, Status
from deletion.models.cases import CaseFileQuerySet
from notifications.models import Delivery
from publishing.references import read_reference

VIEWS = {
    "open": _("Open"),
    "today": _("Due today"),
    "overdue": _("Overdue"),
    "failed": _("Failed"),
    "mine": _("Assigned to me"),
}
DUE = {"overdue": _("overdue"), "today": _("today"), "week": _("within 7 days"), "later": _("later")}
WEEK = datetime.timedelta(days=7)


@dataclass(frozen=True)
class Filters:
    """What the address of the queue asks for."""

    view: str = "open"
    search: str = ""
    kind: str = ""
    status: str = ""
    due: str = ""
    assigned: str = ""


def conditions(by: User, today: datetime.date) -> dict[str, Q]:
    """Return what each saved view shows."""
    is_open = Q(status__in=OPEN_STATUSES)
    return {
        "open": is_open,
        "today": is_open & Q(due_date=today),
        "overdue": is_open & Q(due_date__lt=today),
        "failed": Q(status=Status.ATTENTION),
        "mine": is_open & Q(assigned_to=by),
    }


def counts(by: User, today: datetime.date) -> dict[str, int]:
    """Count every saved view in one query."""
    named = {name: Count("pk", filter=condition) for name, condition in conditions(by, today).items()}
    counted: dict[str, int] = CaseFile.objects.with_status().aggregate(**named)
    return counted


def rows(filters: Filters, by: User, today: datetime.date) -> CaseFileQuerySet:
    """Return the requests that match, the nearest deadline first; a filter by status looks at ended requests too."""
    found = CaseFile.objects.with_status().select_related("customer", "assigned_to", "person", "erasure").order_by("due_date", "pk")
    if filters.status:
        found = found.filter(Q(status=filters.status))
    else:
        found = found.filter(conditions(by, today)[filters.view if filters.view in VIEWS else "open"])
    if filters.kind:
        found = found.filter(kind=filters.kind)
    if filters.assigned:
        found = found.filter(assigned_to=None) if filters.assigned == "nobody" else found.filter(assigned_to__pk=filters.assigned)
    if filters.due:
        found = found.filter(due_within(filters.due, today))
    return found.filter(search_for(filters.search)) if filters.search else found


def due_within(due: str, today: datetime.date) -> Q:
    return {
        "overdue": Q(due_date__lt=today),
        "today": Q(due_date=today),
        "week": Q(due_date__range=(today, today + WEEK)),
        "later": Q(due_date__gt=today + WEEK),
    }.get(due, Q())


def search_for(text: str) -> Q:
    """Return what a text finds: a reference as it is read aloud, a company, or the person who asked."""
    reference = read_reference(text) or text
    return (
        Q(reference__icontains=reference)
        | Q(erasure__reference__icontains=reference)
        | Q(customer__legal_name__icontains=text)
        | Q(person__name__icontains=text)
        | Q(person__email__iexact=text)
    )


def customers_like(text: str, most: int = 10) -> list[Customer]:
    """Return companies whose contract a cancellation may mean: by name or reference, an agreement's reference, or somebody's address."""
    reference = read_reference(text) or text
    found = Q(legal_name__icontains=text) | Q(memberships__user__email__iexact=text)
    found |= Q(acceptances__reference=reference) | Q(paper_agreements__reference=reference)
    if is_uuid(text):
        found |= Q(reference=text)
    return list(Customer.objects.open().filter(found).distinct().order_by("legal_name", "pk")[:most]) if text else []


def as_row(case: Any, today: datetime.date) -> dict[str, Any]:
    status = Status(case.status)
    return {
        "case": case,
        "who": name_of(case),
        "status": status.label,
        "tone": TONES[status],
        "days": (case.due_date - today).days,
        "is_open": status in OPEN_STATUSES,
    }


def name_of(case: CaseFile) -> str:
    """Return whom the request is about, as far as that is still known."""
    if case.customer is not None:
        return case.customer.legal_name
    person = getattr(case, "person", None)
    known = person and (person.name or person.email)
    return known or str(case.customer_reference or pgettext_lazy("person", "not named"))


def staff() -> list[User]:
    """Return who can be given a request: staff who may change it."""
    holds = Q(groups__permissions__codename="change_casefile") | Q(user_permissions__codename="change_casefile") | Q(is_superuser=True)
    return list(User.objects.filter(holds, is_staff=True, is_active=True).distinct().order_by("full_name", "pk"))


def most_urgent(by: User, today: datetime.date, number: int = 5) -> list[dict[str, Any]]:
    return [as_row(case, today) for case in rows(Filters(), by, today)[:number]]


def today_of(at: datetime.datetime) -> datetime.date:
    return timezone.localdate(at)


# --- timeline ---------------------------------------------------------------------------------------------------------

WORDS = {
    "case.opened": pgettext_lazy("desk", "Request received"),
    "case.assigned": _("Assigned"),
    "case.unassigned": _("Assignment lifted"),
    "case.approved": _("Approved"),
    "case.started": _("Start ordered"),
    "case.rejected": _("Rejected, letter sent"),
    "case.completed": _("Done"),
    "cancellation.linked": _("Customer of the cancellation chosen"),
    "identity.doubted": _("Identity asked for"),
    "identity.proven": _("Identity proven"),
    "deadline.extended": _("Deadline extended, letter sent"),
    "request.fenced": _("Account closed for writing"),
    "request.erasing": _("Deletion runs"),
    "request.verifying": _("Everything deleted, verification runs"),
    "request.waiting": _("Waits for the last verification"),
    "request.completed": _("Deletion completed"),
    "request.blocked": _("Deletion stands still"),
    "request.withdrawn": _("Withdrawn by the customer"),
    "request.paused": _("Paused"),
    "request.resumed": _("Resumed"),
    "hold.placed": _("Legal hold placed"),
    "hold.released": _("Legal hold released"),
    "hold.moved": _("Review of the legal hold moved"),
    "request.retried": _("Tried again"),
    "certificate.issued": _("Certificate issued"),
    "certificate.supplemented": _("Supplement to the certificate issued"),
    "supplement.not_sent": _("Supplement not sent: no address of the customer is kept any more"),
    "step.by_hand_entered": _("Deletion by hand entered"),
    "step.by_hand": _("Deletion by hand confirmed"),
    "step.retried": _("Step tried again"),
    "subprocessor.told": _("Subprocessor told"),
    "subprocessor.confirmed": _("Subprocessor confirmed"),
    "verification.passed": _("Verification passed"),
    "verification.left": _("Verification found data"),
    "verification.uncounted": _("Verification could not count"),
}
DETAILS = {
    **dict(CaseFile.Source.choices),
    **dict(CaseFile.Doubt.choices),
    **dict(CaseFile.Proof.choices),
    **dict(CaseFile.Refusal.choices),
    **dict(CaseFile.Extension.choices),
}
GROUNDS, PAUSES = dict(LegalHold.Ground.choices), dict(ErasureRequest.Pause.choices)


def timeline(case: CaseFile) -> list[dict[str, Any]]:
    """Return what happened, newest first: the desk's acts and the engine's, which hold codes and times."""
    events = list(case.events.all())
    acts = [
        {
            "at": event.at,
            "title": WORDS.get(event.code, event.code),
            "text": " · ".join(str(part) for part in (event.by_name, reason_of(event)) if part),
        }
        for event in events
    ]
    if case.erasure is not None:
        of_engine = [event for event in case.erasure.events.all() if event.code in WORDS]
        acts += [{"at": event.at, "title": WORDS[event.code], "text": ""} for event in without_named(of_engine, events)]
    return sorted(acts, key=lambda act: act["at"])[::-1]  # of two at the same moment, the later one first


def reason_of(event: CaseEvent) -> Any:
    """Return the detail in words; one code can stand for a reason of a refusal and for a ground of a hold."""
    words = {"hold": GROUNDS, "request": PAUSES}.get(event.code.partition(".")[0], DETAILS)
    return words.get(event.detail, "")


def without_named(of_engine: list[ErasureEvent], events: list[CaseEvent]) -> list[ErasureEvent]:
    """Leave out what the file itself says with a name; of files older than that, the engine's own events stay."""
    named = Counter(event.code for event in events)
    kept: list[ErasureEvent] = []
    for event in reversed(of_engine):
        if named[event.code]:
            named[event.code] -= 1
        else:
            kept.append(event)
    return kept[::-1]


# --- mails ------------------------------------------------------------------------------------------------------------

MAILS = {
    "case_letter:received": _("Confirmation of receipt"),
    "case_letter:question": _("Question about the identity"),
    "case_letter:extension": _("Extension of the deadline"),
    "case_letter:refusal": _("Refusal with the remedies"),
    "case_letter:completion": _("Answer"),
    "cancellation_received": _("Confirmation of the cancellation"),
    "deletion_requested": _("Deletion requested"),
    "deletion_reminder": _("Reminder before the deletion"),
    "deletion_withdrawn": _("Deletion withdrawn"),
    "deletion_started": _("Deletion begun"),
    "deletion_completed": _("Certificate of deletion"),
}
MAIL_TONES = {Delivery.State.SENT: "ok", Delivery.State.FAILED: "bad", Delivery.State.BOUNCED: "bad"}


def mails(case: CaseFile) -> list[dict[str, Any]]:
    """Return the mails about a request, newest first, each with what became of it; those of the account go with the account."""
    keys = [f"{prefix}:{case.reference}" for prefix in MAILS]
    if case.cancellation is not None:
        keys.append(f"cancellation_received:{case.cancellation.reference}")
    if case.erasure is not None:
        keys += [f"{prefix}:{case.erasure.reference}" for prefix in MAILS]  # another one after a withdrawal
        keys += [f"deletion_completed:{paper}" for paper in case.erasure.certificates.values_list("reference", flat=True)]
    wanted = reduce(or_, (Q(key__startswith=key) for key in keys))
    return [as_mail(row) for row in Delivery.objects.filter(wanted).order_by("-created_at", "key")]


def as_mail(row: Delivery) -> dict[str, Any]:
    title = next(label for prefix, label in MAILS.items() if row.key.startswith(prefix))
    tone = "warn" if row.is_retried else MAIL_TONES.get(Delivery.State(row.state), "")
    return {"row": row, "title": title, "tone": tone, "state": row.get_state_display()}


def blocked_in_words(erasure: ErasureRequest) -> str:
    return str(erasure.get_blocked_why_display())
