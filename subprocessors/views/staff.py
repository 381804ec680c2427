"""The provider's side of announcements: tell, watch, decide, answer, put into force; and what single customers agreed on."""

from __future__ import annotations

import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from customers.access import StaffRequest, staff_page
from customers.models import Customer
from notifications import ledger
from publishing.models import State
from subprocessors import announcing, changes, letters, noticing, services, telling
from subprocessors.forms import AnnounceForm, AnswerForm, DeviationForm, OutcomeForm, ReasonForm
from subprocessors.models import AgreedTerms, Announcement, Notice, Objection, SubprocessorList, TermsDeviation
from subprocessors.wizard import REGISTER

SEE, ANNOUNCE = "subprocessors.view_announcement", "subprocessors.announce_announcement"
DECIDE, ANSWER = "subprocessors.decide_announcement", "subprocessors.decide_objection"
TERMS, RECORD = "subprocessors.view_agreedterms", "subprocessors.record_termsdeviation"
ROWS_A_PAGE = 50


@staff_page(SEE)
@require_safe
def notices(request: StaffRequest) -> HttpResponse:
    """What is planned, announced and in force, and which objections wait."""
    approved = SubprocessorList.objects.filter(state=State.APPROVED).first()
    context = {
        "section": "manage",
        "announcements": noticing.announcements()[:ROWS_A_PAGE],
        "objections": noticing.open_objections()[:ROWS_A_PAGE],
        "approved": approved if approved is not None and announcing.has_to_tell(approved) else None,
        "may_announce": request.user.has_perm(ANNOUNCE),
        "today": timezone.localdate(),
    }
    return TemplateResponse(request, "subprocessors/manage_notices.html", context)


@staff_page(ANNOUNCE)
def announce(request: StaffRequest) -> HttpResponse:
    """Announce what the approved list changes: difference, date, texts, number of recipients and the mail as it will be."""
    coming = SubprocessorList.objects.filter(state=State.APPROVED).first()
    if coming is None:
        messages.error(request, _("No list is approved. A second person has to approve the draft first."))
        return redirect("manage_notices")
    found, now = changes.untold(changes.differences(SubprocessorList.objects.current(), coming)), timezone.now()
    earliest = telling.earliest_start(told=timezone.localdate(now), is_urgent=False)
    texts = {change.slug: announcing.default_details(change) | {"name": change.entry["legal_name"]} for change in found}
    form = AnnounceForm(request.POST or None, texts=texts, initial={"starts_date": earliest})
    if form.is_valid():
        answer = try_to_announce(request, coming, form, now)
        if answer is not None:
            return answer
    context = {
        "section": "manage",
        "form": form,
        "changes": found,
        "coming": coming,
        "earliest": earliest,
        "recipients": AgreedTerms.objects.filter(customer__closed_at=None).count(),
    }
    return TemplateResponse(request, "subprocessors/manage_announce.html", context, status=422 if form.errors else 200)


def try_to_announce(request: StaffRequest, coming: SubprocessorList, form: AnnounceForm, now: datetime.datetime) -> HttpResponse | None:
    """Announce, or write into the form why not."""
    try:
        announcement = services.announce(
            subprocessor_list=coming,
            starts_date=form.cleaned_data["starts_date"],
            details=form.details,
            urgency=form.urgency,
            by=request.user,
            at=now,
        )
    except services.StartsTooEarly as refusal:
        day = date_format(refusal.earliest, "DATE_FORMAT")
        form.add_error("starts_date", _("Customers’ periods run until then. The earliest possible start is %(day)s.") % {"day": day})
    except services.NoUrgentClause:
        form.add_error("urgency_de", _("No customer’s agreement allows a shortened period."))
    except (services.NothingToAnnounce, services.NotApprovedYet):
        messages.error(request, _("The approved list changes nothing that customers have to be told of."))
        return redirect("manage_notices")
    else:
        if announcement is None:
            messages.success(request, _("The changes cancel each other out. The planned announcement ended; nobody is told."))
            return redirect("manage_notices")
        messages.success(
            request, _("Announced. Until the quiet window ends you can still change or withdraw it without anybody being told.")
        )
        return redirect("manage_notice", announcement.reference)
    return None


@staff_page(SEE)
@require_safe
def notice(request: StaffRequest, reference: str) -> HttpResponse:
    """One announcement: state, deliveries, what stands against it, objections."""
    found, today = announcement_or_404(reference), timezone.localdate()
    page = Paginator(noticing.obstacles(found, today), ROWS_A_PAGE).get_page(request.GET.get("page"))
    key = found.broadcast.key if found.broadcast else ""
    context = {
        "section": "manage",
        "announcement": found,
        "changes": [letters.answers(change, get_language() or "de") for change in found.changes.all()],
        "page": page,
        "rows": [{"notice": row, "reasons": noticing.reasons(row, today)} for row in page],
        "notices": found.notices.count(),
        "counts": ledger.counts(key) if key else [],
        "broadcast": key,
        "objections": Objection.objects.filter(notice__announcement=found).select_related("notice__customer")[:ROWS_A_PAGE],
        "may_announce": request.user.has_perm(ANNOUNCE),
        "may_decide": request.user.has_perm(DECIDE),
        "can_withdraw": found.state in (Announcement.State.PLANNED, Announcement.State.NOTICE),
        "has_started": today >= found.starts_date,
        "late": found.notices.filter(is_late=True).count(),
    }
    return TemplateResponse(request, "subprocessors/manage_notice.html", context)


@staff_page(ANNOUNCE)
def withdraw(request: StaffRequest, reference: str) -> HttpResponse:
    found = announcement_or_404(reference)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            services.withdraw(announcement=found, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
        except services.NotWithdrawable:
            messages.error(request, _("This announcement is in force or withdrawn already."))
        else:
            messages.success(request, _("The announcement is withdrawn."))
        return redirect("manage_notice", reference)
    context = {"section": "manage", "announcement": found, "form": form}
    return TemplateResponse(request, "subprocessors/manage_withdraw.html", context, status=422 if form.errors else 200)


@staff_page(ANNOUNCE)
@require_POST
def activate(request: StaffRequest, reference: str) -> HttpResponse:
    """Put the change into force today, or say what stands against it; without a decision here the clock does so when nothing does."""
    found, now = announcement_or_404(reference), timezone.now()
    if found.subprocessor_list is None:
        messages.error(request, _("The announced list no longer exists."))
        return redirect("manage_notice", reference)
    begun: list[SubprocessorList] = []
    listed = found.subprocessor_list
    refusals = REGISTER.refusals_of(lambda: begun.append(services.begin_now(subprocessor_list=listed, by=request.user, at=now)))
    if refusals:
        messages.error(request, refusals[0])
    elif begun[0].is_frozen:
        messages.success(request, _("The list is published. The change is in force."))
    else:
        messages.success(request, _("Nothing stands against the change. The list is published as soon as its PDFs are made."))
    return redirect("manage_notice", reference)


@staff_page(DECIDE)
def override(request: StaffRequest, reference: str, customer_id: int) -> HttpResponse:
    """Decide for one customer that the change begins regardless, with a reason that is recorded."""
    rows = Notice.objects.select_related("customer", "announcement").with_facts()
    found = get_object_or_404(rows, announcement__reference=reference, customer=customer_id)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        services.decide_regardless(notice=found, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
        messages.success(request, _("The decision and its reason are recorded."))
        return redirect("manage_notice", reference)
    context = {"section": "manage", "notice": found, "reasons": noticing.reasons(found, timezone.localdate()), "form": form}
    return TemplateResponse(request, "subprocessors/manage_override.html", context, status=422 if form.errors else 200)


@staff_page(SEE)
def objection(request: StaffRequest, reference: str) -> HttpResponse:
    """Read an objection; whoever may, answers and closes it."""
    found = get_object_or_404(Objection.objects.select_related("notice__customer", "notice__announcement"), reference=reference)
    may_answer = request.user.has_perm(ANSWER) and found.is_open
    step = request.POST.get("step", "") if may_answer else ""
    answer = AnswerForm(request.POST if step == "answer" else None, initial={"text": found.answer})
    outcome = OutcomeForm(request.POST if step == "close" else None)
    if step == "answer" and answer.is_valid():
        services.answer(objection=found, text=answer.cleaned_data["text"], by=request.user, at=timezone.now())
        messages.success(request, _("The answer is on its way to the customer."))
        return redirect("manage_objection", reference)
    if step == "close" and outcome.is_valid():
        services.decide(objection=found, by=request.user, at=timezone.now(), **outcome.cleaned_data)
        messages.success(request, _("The objection is closed. The customer is told."))
        return redirect("manage_objection", reference)
    context = {
        "section": "manage",
        "objection": found,
        "names": services.objections.names_of(found),
        "answer_form": answer,
        "outcome_form": outcome,
        "may_answer": may_answer,
        "form": outcome if step == "close" else answer,
        "days_left": (found.solve_by_date - timezone.localdate()).days,
    }
    return TemplateResponse(request, "subprocessors/manage_objection.html", context, status=422 if step else 200)


@staff_page(TERMS)
@require_safe
def terms(request: StaffRequest) -> HttpResponse:
    """Which periods count for which customer, and where they come from."""
    search = request.GET.get("q", "").strip()
    page = Paginator(noticing.terms(search), ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {"section": "manage", "page": page, "q": search, "may_record": request.user.has_perm(RECORD)}
    return TemplateResponse(request, "subprocessors/manage_terms.html", context)


@staff_page(RECORD)
def deviation(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Record what was agreed with one customer alone, or end it."""
    customer = get_object_or_404(Customer, pk=customer_id, closed_at=None)
    if request.POST.get("step") == "end":
        services.end_deviation(customer=customer, by=request.user, at=timezone.now())
        messages.success(request, _("The terms of the agreement count again."))
        return redirect("manage_terms")
    in_force = TermsDeviation.objects.filter(customer=customer, ended_at=None).first()
    agreed = AgreedTerms.objects.filter(customer=customer).first()
    form = DeviationForm(request.POST or None, initial=initial_terms(in_force or agreed))
    if form.is_valid():
        made = form.save(commit=False)
        made.customer = customer
        services.record_deviation(deviation=made, by=request.user, at=timezone.now())
        messages.success(request, _("The deviating terms are recorded."))
        return redirect("manage_terms")
    context = {
        "section": "manage",
        "customer": customer,
        "agreed": agreed,
        "form": form,
        "in_force": in_force,
        "earlier": TermsDeviation.objects.filter(customer=customer).exclude(ended_at=None).select_related("recorded_by"),
    }
    return TemplateResponse(request, "subprocessors/manage_deviation.html", context, status=422 if form.errors else 200)


def initial_terms(source: AgreedTerms | TermsDeviation | None) -> dict[str, object]:
    names = ("notice_days", "objection_days", "urgent_notice_days", "authorisation")
    return {name: getattr(source, name) for name in names} if source else {}


def announcement_or_404(reference: str) -> Announcement:
    rows = Announcement.objects.select_related("subprocessor_list", "broadcast", "announced_by").prefetch_related("changes")
    return get_object_or_404(rows, reference=reference)
