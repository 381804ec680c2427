"""One page per act on a request, each with a look at what it does before it is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from customers.access import StaffRequest, staff_page
from deletion import answers, deadlines, deciding, handling, services
from deletion.forms import ExtensionForm, HandWorkForm, ReferenceForm, RefusalForm
from deletion.intake import country_of_provider
from deletion.models import CaseFile, ErasureStep, HandWork
from deletion.progress import line_of
from deletion.views.desk import counted_scope, demand_account, found

REFUSALS: dict[type[Exception], Callable[[], str]] = {
    services.Closed: lambda: _("The request has ended, or its deletion has begun. Nothing was changed."),
    services.IdentityOpen: lambda: _("First find out who asked: the identity is not settled."),
    services.SecondPersonNeeded: lambda: _("A second person has to approve this: the account is above the limit, or you may not approve."),
    services.NotApproved: lambda: _("The request is not approved yet."),
    services.UnprovenWaiver: lambda: _(
        "Nobody has proven yet that an owner wants this at once: first settle the identity. Until then the time to withdraw runs."
    ),
    services.StillWithdrawable: lambda: _("The company can still withdraw the request. It begins by itself afterwards."),
    services.AnotherIsOpen: lambda: _(
        "The deletion of this account was asked for already and runs by its own rules. Reject this one as a duplicate."
    ),
    services.CustomerUnknown: lambda: _("First say whose contract was cancelled: open the cancellation and choose the customer."),
    services.ReturnUnsaid: lambda: _("Ask the company first whether it wants its data back, and record the answer with a new request."),
    services.TooLateToExtend: lambda: _("The deadline can be extended once, and only before it ends."),
    services.NothingToDoubt: lambda: _("Nothing is open about the identity."),
    services.NotFailed: lambda: _("The step has not failed, or somebody was faster."),
    services.NotBlocked: lambda: _("The deletion does not wait for a verification any more. Nothing was changed."),
    services.SamePerson: lambda: _("You entered this yourself. A second person has to confirm it."),
    services.LastOwner: lambda: _(
        "The person is the only owner of a company. Another owner has to be named first, or the account deleted."
    ),
    services.NobodyFound: lambda: _("Nothing is stored under what the person gave. Reject the request with this reason."),
    services.NotEntered: lambda: _("The ledger of erasures does not answer, so nothing was changed. Try again in a few minutes."),
    services.Residue: lambda: _(
        "Data were deleted, but the count found some that are still there. The request stays open: carry it out again."
    ),
    services.Uncounted: lambda: _(
        "Data were deleted, but nobody could count whether any are left. The request stays open: "
        "carry it out again, and tell the administrators."
    ),
    services.OnHold: lambda: _(
        "A legal hold stands on a company whose data this would erase. Release it first, or reject the request for that reason."
    ),
    services.NeverTold: lambda: _("It was not told yet."),
    services.AlreadyConfirmed: lambda: _("Its confirmation was noted before."),
    services.AlreadyReleased: lambda: _("The hold was released before."),
}


def take(request: StaffRequest, reference: str, act: Callable[[], object], success: str, *, to: str = "desk_request") -> HttpResponse:
    """Do the act and say in words why it was refused."""
    try:
        act()
    except tuple(REFUSALS) as refusal:
        messages.error(request, REFUSALS[type(refusal)]())
        return redirect("desk_request", reference)
    messages.success(request, success)
    return redirect(to, reference)


def page(request: StaffRequest, template: str, case: Any, form: forms.Form | None, **more: Any) -> HttpResponse:
    context = {"section": "manage", "case": case, "form": form, **more}
    return TemplateResponse(request, template, context, status=422 if form is not None and form.errors else 200)


@never_cache
@staff_page("deletion.view_casefile")
def approve(request: StaffRequest, reference: str) -> HttpResponse:
    """Look at what goes and what stays, type the reference, approve; who may do so depends on the size of the account."""
    case = found(reference)
    form = ReferenceForm(request.POST or None, case=case)
    if form.is_valid():
        answer: HttpResponse = do_approve(request, case)
        return answer
    more = {
        "has_second": deciding.needs_second_person(case),
        "needs_doubt": deciding.needs_doubt(case),
        "begins": deciding.last_day_before(case, timezone.now()),
    }
    return page(request, "desk/approve.html", case, form, **more, **counted_scope(case))


@reauthentication_required  # type: ignore[untyped-decorator]  # allauth brings no types
def do_approve(request: StaffRequest, case: Any) -> HttpResponse:
    """Approve, once the password or second factor was entered within the last minutes."""
    reference = case.reference
    starts_now = case.kind != CaseFile.Kind.ACCOUNT or case.may_start_at_once
    to = "desk_request_run" if starts_now and request.user.has_perm("deletion.run_casefile") else "desk_request"
    return take(
        request, reference, lambda: services.approve(case=case, by=request.user, at=timezone.now()), _("The request is approved."), to=to
    )


@never_cache
@staff_page("deletion.run_casefile")
def run(request: StaffRequest, reference: str) -> HttpResponse:
    """Say what starts, then start it."""
    case = found(reference)
    if request.method == "POST":
        success = _("The deletion begins now.") if case.kind == CaseFile.Kind.ACCOUNT else _("Done. The answer is on its way.")
        return take(request, reference, lambda: services.run(case=case, by=request.user, at=timezone.now()), success)
    concerned = handling.subscriptions_of(case.person) if case.is_about_subscriber else []
    return page(request, "desk/run.html", case, None, concerned=concerned)


@never_cache
@staff_page("deletion.reject_casefile")
def reject(request: StaffRequest, reference: str) -> HttpResponse:
    """Choose the reason, look at the letter with the remedies, send it."""
    case = found(reference)
    form = RefusalForm(request.POST or None)
    if not form.is_valid():
        return page(request, "desk/reject.html", case, form)
    given = {"reason": form.cleaned_data["reason"], "explanation": form.cleaned_data["explanation"]}
    if not request.POST.get("confirmed"):
        return page(
            request,
            "desk/check.html",
            case,
            form,
            letter=answers.refusal(case, **given),
            act=_("Reject and send the letter"),
            tone="danger",
        )
    return take(
        request,
        reference,
        lambda: services.reject(case=case, by=request.user, at=timezone.now(), **given),
        _("The request is rejected, and the letter is on its way."),
    )


@never_cache
@staff_page("deletion.extend_casefile")
def extend(request: StaffRequest, reference: str) -> HttpResponse:
    """Choose the reason, look at the letter with the new day, send it."""
    case = found(reference)
    due = deadlines.extended_due_date(received_at=case.received_at, country=country_of_provider())
    form = ExtensionForm(request.POST or None)
    if not form.is_valid():
        return page(request, "desk/extend.html", case, form, new_due=due, can_be_extended=case.can_be_extended(timezone.localdate()))
    reason = form.cleaned_data["reason"]
    if not request.POST.get("confirmed"):
        letter = answers.extension(case, reason=reason, due_date=due)
        return page(request, "desk/check.html", case, form, letter=letter, act=_("Extend and send the letter"))
    return take(
        request,
        reference,
        lambda: services.extend(case=case, reason=reason, by=request.user, at=timezone.now()),
        _("The deadline is extended."),
    )


@never_cache
@staff_page("deletion.retry_casefile")
def retry(request: StaffRequest, reference: str, step: int) -> HttpResponse:
    """A failed step in plain words: try it again, or enter or confirm that its data were deleted by hand."""
    case = found(reference)
    demand_account(case)
    row = get_object_or_404(ErasureStep, request=case.erasure, ordinal=step)
    entered = HandWork.objects.filter(step=row, confirmed_at=None).select_related("proposed_by").first()
    form = HandWorkForm(request.POST if request.POST.get("act") == "by_hand" else None)
    act = acts_of_step(request, case, step, form).get(request.POST.get("act", ""))
    if request.method == "POST" and act is not None:
        return take(request, reference, *act)
    more = {
        "step": row,
        "line": line_of(row),
        "entered": entered,
        "is_own": entered is not None and entered.proposed_by_id == request.user.pk,
    }
    return page(request, "desk/retry.html", case, form, **more)


@staff_page("deletion.retry_casefile")
@require_POST
def verify_again(request: StaffRequest, reference: str) -> HttpResponse:
    """Have a deletion that a verification stopped verified once more; what is found is deleted again before it is counted."""
    case = found(reference)
    demand_account(case)
    again = _("The data are verified again.")
    return take(request, reference, lambda: services.verify_again(request=case.erasure, by=request.user, at=timezone.now()), again)


def acts_of_step(request: StaffRequest, case: Any, step: int, form: HandWorkForm) -> dict[str, tuple[Callable[[], object], str]]:
    common = {"case": case, "ordinal": step, "by": request.user, "at": timezone.now()}
    acts: dict[str, tuple[Callable[[], object], str]] = {
        "again": (lambda: services.retry_step(**common), _("The step is tried again.")),
        "confirm": (lambda: services.confirm_hand_work(**common), _("Confirmed. The store is counted now; only zero makes the step done.")),
    }
    if form.is_valid():
        given = {"reason": form.cleaned_data["reason"], "proof_sha256": form.cleaned_data["proof"].lower()}
        acts["by_hand"] = (lambda: services.enter_hand_work(**common, **given), _("Entered. A second person has to confirm it."))
    return acts


# --- stopping ---------------------------------------------------------------------------------------------------------


@staff_page("deletion.run_casefile")
@require_POST
def pause(request: StaffRequest, reference: str) -> HttpResponse:
    """Stop the deletion before its next chunk, or let it go on."""
    case = found(reference)
    demand_account(case)
    if case.erasure.paused_at is None:
        return take(
            request,
            reference,
            lambda: services.pause(request=case.erasure, by=request.user, at=timezone.now()),
            _("The deletion is paused."),
        )
    if case.identity == CaseFile.Identity.OPEN:
        messages.error(request, REFUSALS[services.IdentityOpen]())
        return redirect("desk_request", reference)
    return take(
        request, reference, lambda: services.resume(request=case.erasure, by=request.user, at=timezone.now()), _("The deletion goes on.")
    )
