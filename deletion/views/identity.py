"""Who asked: doubted for a reason, asked for, or proven; the letter is shown before it is sent (Art. 12(6) GDPR)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from customers.access import StaffRequest, staff_page
from deletion import answers, deciding, services
from deletion.forms import DoubtForm, ProofForm, ProofForStartForm
from deletion.models import CaseFile
from deletion.views.acts import page, take
from deletion.views.desk import found


@never_cache
@staff_page("deletion.verify_casefile")
def verify(request: StaffRequest, reference: str) -> HttpResponse:
    """Note how a doubt was removed or an owner proved the wish for a start at once; else doubt who asked."""
    case = found(reference)
    is_open = case.identity == CaseFile.Identity.OPEN
    if not is_open and not (case.lacks_proof_for_start and "prove" in request.GET):
        return doubt(request, case)
    form = (ProofForm if is_open else ProofForStartForm)(request.POST or None)
    if not form.is_valid():
        more = {"is_identity_open": is_open, "is_proving": True, "can_be_asked": deciding.can_be_asked(case)}
        return page(request, "desk/verify.html", case, form, **more)
    proof = form.cleaned_data["proof"]
    return take(
        request,
        reference,
        lambda: services.settle_identity(case=case, proof=proof, by=request.user, at=timezone.now()),
        _("The identity is proven."),
    )


def doubt(request: StaffRequest, case: Any) -> HttpResponse:
    """Choose the reason of a doubt, look at the letter, send it."""
    form = DoubtForm(request.POST or None)
    if not form.is_valid():
        return page(request, "desk/verify.html", case, form)
    reason = form.cleaned_data["reason"]
    if not request.POST.get("confirmed"):
        case.doubt = reason
        return page(request, "desk/check.html", case, form, letter=answers.question(case), act=_("Ask for the identity"))
    return take(
        request,
        case.reference,
        lambda: services.doubt(case=case, reason=reason, by=request.user, at=timezone.now()),
        _("The question was sent."),
    )


@never_cache
@staff_page("deletion.verify_casefile")
def ask(request: StaffRequest, reference: str) -> HttpResponse:
    """Look at the question about a doubt that the portal had itself, then send it; once."""
    case = found(reference)
    if request.method == "POST" or not deciding.can_be_asked(case):
        return take(request, reference, lambda: services.ask(case=case, by=request.user, at=timezone.now()), _("The question was sent."))
    return page(request, "desk/check.html", case, None, letter=answers.question(case), act=_("Ask for the identity"))
