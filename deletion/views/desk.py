"""The desk of support: what is urgent, the queue, one request, assignments and notes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from customers.access import StaffRequest, staff_page
from deletion import deciding, explaining, letters, progress, queue, services
from deletion.forms import AssignForm, NoteForm, QueueForm
from deletion.models import CaseFile, ErasureRequest, LegalHold, Status
from deletion.retention import stays
from deletion.scope import goes

SEE, CHANGE = "deletion.view_casefile", "deletion.change_casefile"
ROWS_A_PAGE = 25
MOST_AT_ONCE = 100


@never_cache
@staff_page(SEE)
@require_safe
def today(request: StaffRequest) -> HttpResponse:
    """What is urgent today; the most urgent request is one click away."""
    day = timezone.localdate()
    context = {
        "section": "manage",
        "rows": queue.most_urgent(request.user, day),
        "views": saved_views(request, day, ""),
        "last_completed": CaseFile.objects.completed().first(),
    }
    return TemplateResponse(request, "desk/today.html", context)


def saved_views(request: StaffRequest, day: Any, chosen: str) -> list[dict[str, Any]]:
    counted = queue.counts(request.user, day)
    return [{"name": name, "label": label, "count": counted[name], "is_chosen": name == chosen} for name, label in queue.VIEWS.items()]


@never_cache
@staff_page(SEE)
@require_safe
def requests(request: StaffRequest) -> HttpResponse:
    """The queue: open requests by deadline, filters in the address, saved views with their counts."""
    day, view = timezone.localdate(), request.GET.get("view", "open")
    people = queue.staff()
    form = QueueForm(request.GET, staff=people)
    page = Paginator(queue.rows(form.filters(view), request.user, day), ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "section": "manage",
        "form": form,
        "assign_form": AssignForm(staff=people),
        "page": page,
        "rows": [queue.as_row(case, day) for case in page],
        "views": saved_views(request, day, "" if form.cleaned_data.get("status") else view),
        "is_filtered": any(form.cleaned_data.values()),
        "last_completed": CaseFile.objects.completed().first(),
    }
    return TemplateResponse(request, "desk/requests.html", context)


def found(reference: str) -> Any:
    """Return the file of this reference; after a withdrawal, the deletion that was approved anew has one of its own."""
    rows = CaseFile.objects.with_status().select_related(
        "customer", "assigned_to", "person", "erasure", "duplicate_of", "cancellation", "approved_by", "recorded_by", "extended_by"
    )
    return get_object_or_404(rows, Q(reference=reference) | Q(erasure__reference=reference))


@never_cache
@staff_page(SEE)
@require_safe
def one(request: StaffRequest, reference: str) -> HttpResponse:
    """One request: facts, kinds of data with their progress, notes, timeline, and the next act as one button."""
    case, day = found(reference), timezone.localdate()
    numbers = progress.progress_of(case.erasure) if case.erasure_id else None
    if request.headers.get("HX-Request") and numbers is not None:
        return poll(request, case, numbers)
    context = {
        "section": "manage",
        "row": queue.as_row(case, day),
        "case": case,
        "progress": numbers,
        "is_live": case.status == Status.RUNNING,
        "is_about_to_begin": is_about_to_begin(case),
        "steps": failed_steps(case),
        "holds": holds_on(case),
        **papers_of(case.erasure),
        "timeline": queue.timeline(case),
        "mails": queue.mails(case),
        "notes": case.notes.all(),
        "note_form": NoteForm(),
        "assign_form": AssignForm(staff=queue.staff(), initial={"to": str(case.assigned_to_id or "")}),
        "acts": acts_on(request, case),
        "can_be_previewed": can_be_previewed(case),
        "needs_second": case.erasure_id is None and deciding.needs_second_person(case),
        "now": timezone.now(),
    }
    return TemplateResponse(request, "desk/request.html", context)


def papers_of(erasure: ErasureRequest | None) -> dict[str, Any]:
    """Return what a deletion leaves on paper, and the address of the page on which the customer finds it."""
    if erasure is None:
        return {"notices": [], "certificates": [], "status_page": ""}
    return {"notices": erasure.notices.all(), "certificates": erasure.certificates.all(), "status_page": letters.progress_path(erasure)}


def poll(request: StaffRequest, case: Any, numbers: progress.Progress) -> HttpResponse:
    """Answer a poll with the table of progress, or with 204 when nothing moved."""
    if request.GET.get("seen") == numbers.mark:
        return HttpResponse(status=204)
    context = {"case": case, "progress": numbers, "is_live": case.status == Status.RUNNING, "now": timezone.now()}
    return TemplateResponse(request, "desk/_progress.html", context)


def failed_steps(case: Any) -> list[Any]:
    rows = case.erasure.steps.filter(state__in=["failed", "held"]) if case.erasure_id else []
    return [{"row": row, "line": progress.line_of(row)} for row in rows]


def holds_on(case: Any) -> list[LegalHold]:
    return list(LegalHold.objects.standing(case.customer_reference)) if case.customer_reference else []


def acts_on(request: StaffRequest, case: Any) -> dict[str, bool]:
    """Say which acts this person is offered now; each page decides again for itself."""
    status, may = Status(case.status), request.user.has_perm
    is_open = status not in (Status.COMPLETED, Status.ENDED)
    has_begun = case.erasure_id is not None
    return {
        "verify": is_open and (case.identity != "proven" or case.lacks_proof_for_start) and may("deletion.verify_casefile"),
        "link": can_be_linked(case, status) and may("deletion.verify_casefile"),
        "approve": status == Status.NEW and case.approved_at is None and has_object(case) and deciding.may_approve(case, request.user),
        "run": can_be_run(case, status) and may("deletion.run_casefile"),
        "reject": is_open and not has_begun and may("deletion.reject_casefile"),
        "extend": case.can_be_extended(timezone.localdate()) and is_open and may("deletion.extend_casefile"),
        "again": has_begun and case.erasure.can_be_verified_again and may("deletion.retry_casefile"),
        "pause": has_begun and is_open and may("deletion.run_casefile"),
        "hold": case.customer_reference is not None and may("deletion.add_legalhold"),
        "note": may(CHANGE),
    }


def can_be_linked(case: Any, status: Status) -> bool:
    is_open = status not in (Status.COMPLETED, Status.ENDED)
    return is_open and case.cancellation_id is not None and case.customer_id is None


def has_object(case: Any) -> bool:
    """Say whether it is known whose account is meant, where an account is."""
    return case.kind != CaseFile.Kind.ACCOUNT or case.customer_id is not None


def can_be_run(case: Any, status: Status) -> bool:
    if case.erasure_id is None:
        return status == Status.NEW and case.approved_at is not None
    return status == Status.WAITING and case.approved_at is not None and case.may_start_at_once and not is_about_to_begin(case)


def is_about_to_begin(case: Any) -> bool:
    """Say whether nobody can withdraw the deletion any more, and its first step is to come."""
    erasure = case.erasure
    is_due = erasure is not None and erasure.state == ErasureRequest.State.REQUESTED and erasure.not_before <= timezone.now()
    return is_due and not erasure.is_held


@staff_page(CHANGE)
@require_POST
def assign(request: StaffRequest, reference: str) -> HttpResponse:
    case = found(reference)
    form = AssignForm(request.POST, staff=queue.staff())
    if form.is_valid():
        if services.assign(cases=[case], to=form.person, by=request.user, at=timezone.now()):
            messages.success(request, _("The assignment is saved."))
        else:
            messages.info(request, why_not(case, form) or _("Nothing was changed."))
    return redirect("desk_request", reference)


@staff_page(CHANGE)
@require_POST
def note(request: StaffRequest, reference: str) -> HttpResponse:
    case, form = found(reference), NoteForm(request.POST)
    if form.is_valid():
        services.add_note(case=case, text=form.cleaned_data["text"], by=request.user, at=timezone.now())
        messages.success(request, _("The note is saved."))
    else:
        messages.error(request, str(form.errors["text"][0]))
    return redirect("desk_request", reference)


@never_cache
@staff_page(CHANGE)
def bulk(request: StaffRequest) -> HttpResponse:
    """Assign several requests, after a look at which of them can be: the one act that is offered in bulk, since it harms nobody."""
    if request.method != "POST":
        return redirect("desk_requests")
    chosen = request.POST.getlist("reference")[:MOST_AT_ONCE]
    cases = list(
        CaseFile.objects.with_status()
        .filter(reference__in=chosen)
        .select_related("customer", "person", "assigned_to")
        .order_by("due_date", "pk")
    )
    form = AssignForm(request.POST, staff=queue.staff())
    if not cases or not form.is_valid():
        messages.error(request, _("Choose at least one request."))
        return redirect("desk_requests")
    rows = [{**queue.as_row(case, timezone.localdate()), "why_not": why_not(case, form)} for case in cases]
    if request.POST.get("confirmed"):
        changed = services.assign(
            cases=[row["case"] for row in rows if not row["why_not"]], to=form.person, by=request.user, at=timezone.now()
        )
        messages.success(
            request, ngettext("%(number)d request was assigned.", "%(number)d requests were assigned.", changed) % {"number": changed}
        )
        return redirect("desk_requests")
    possible = sum(not row["why_not"] for row in rows)
    context = {"section": "manage", "rows": rows, "possible": possible, "form": form, "person": form.person, "to": form.cleaned_data["to"]}
    return TemplateResponse(request, "desk/bulk.html", context)


def why_not(case: Any, form: AssignForm) -> str:
    """Return why the request cannot be given to the person, or nothing."""
    if case.status in (Status.COMPLETED, Status.ENDED):
        return _("The request has ended.")
    if case.assigned_to == form.person:
        return _("It is assigned so already.")
    return ""


@never_cache
@staff_page(SEE)
@require_safe
def preview(request: StaffRequest, reference: str) -> HttpResponse:
    """What the deletion of the account would do now, store by store, without doing it: each is asked and counted when this is opened."""
    case = found(reference)
    if not can_be_previewed(case):
        raise Http404
    lines = explaining.in_words(explaining.explain(explaining.meant(str(case.customer.reference))))
    context = {"section": "manage", "case": case, "lines": lines, "now": timezone.now()}
    return TemplateResponse(request, "desk/preview.html", context)


def can_be_previewed(case: Any) -> bool:
    """Say whether an account is meant whose deletion has not begun."""
    is_before = case.erasure is None or case.erasure.state == ErasureRequest.State.REQUESTED
    return case.kind == CaseFile.Kind.ACCOUNT and case.state == CaseFile.State.OPEN and case.customer_id is not None and is_before


def counted_scope(case: Any) -> dict[str, Any]:
    """Return what would go and what would stay now: the dry run."""
    if case.customer is None:
        return {"goes": [], "stays": []}
    return {"goes": goes(case.customer), "stays": stays(case.customer, at=timezone.now())}


def demand_account(case: Any) -> None:
    if case.erasure_id is None:
        raise Http404
