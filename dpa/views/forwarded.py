"""Read and accept by a forwarded link, without an account."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dpa import reading, services, statements
from dpa.composition import shown_sha256
from dpa.forms import AcceptanceForm
from dpa.models import Acceptance, AgreementText, Channel, Delegation, Serving
from dpa.views.customer import circumstances_of
from dpa.views.documents import pdf_response


def opened(token: str) -> Delegation | str:
    """Return the delegation, or the word for why the link leads nowhere."""
    try:
        return services.open_forwarded(token=token, at=timezone.now())
    except services.ForwardingClosed as closed:
        return closed.state


def offered(request: HttpRequest) -> AgreementText:
    version = reading.current()
    if version is None:
        raise Http404
    return version.text(request.GET.get("language") or get_language() or "de")


def closed(request: HttpRequest, state: str) -> HttpResponse:
    return TemplateResponse(
        request, "dpa/forwarded_closed.html", {"section": "dpa", "state": state}, status=404 if state == "unknown" else 410
    )


def signed_for(delegation: Delegation, text: AgreementText) -> Acceptance | None:
    """Return the company's acceptance of the version, by this link or by a colleague meanwhile."""
    return delegation.customer.acceptances.filter(version=text.version).select_related("party", "version", "text").first()


@login_not_required
@never_cache
@require_safe
def read(request: HttpRequest, token: str) -> HttpResponse:
    delegation = opened(token)
    if isinstance(delegation, str):
        return closed(request, delegation)
    text = offered(request)
    if signed_for(delegation, text):
        return redirect("agreement_forwarded_done", token)
    services.note_serving(customer=delegation.customer, text=text, form=Serving.Form.PAGE, at=timezone.now())
    context = reading.page_of(text, delegation.customer) | {"section": "dpa", "delegation": delegation, "token": token}
    return TemplateResponse(request, "dpa/forwarded.html", context)


@login_not_required
@never_cache
@require_safe
def pdf(request: HttpRequest, token: str) -> HttpResponse:
    delegation = opened(token)
    text = offered(request)
    if isinstance(delegation, str) or text.document is None:
        raise Http404
    services.note_serving(customer=delegation.customer, text=text, form=Serving.Form.PDF, at=timezone.now())
    return pdf_response(text.document.sha256, f"{text.file_name}.pdf")


@login_not_required
@never_cache
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Check and accept; the address that the link was sent to stands for the person."""
    delegation = opened(token)
    if isinstance(delegation, str):
        return closed(request, delegation)
    text = offered(request)
    customer = delegation.customer
    initial = {"version": text.version_id, "language": text.language, "shown": shown_sha256(text, customer)}
    form = AcceptanceForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        answer = take(request, delegation, token, form)
        if answer is not None:
            return answer
        form = AcceptanceForm(initial=initial | {"name": form.cleaned_data["name"], "function": form.cleaned_data["function"]})
        services.note_serving(customer=customer, text=text, form=Serving.Form.PAGE, at=timezone.now())
        return accept_page(request, delegation, token, text, form, status=409)
    return accept_page(request, delegation, token, text, form, status=422 if form.errors else 200)


def accept_page(
    request: HttpRequest, delegation: Delegation, token: str, text: AgreementText, form: AcceptanceForm, *, status: int
) -> HttpResponse:
    context = {
        "section": "dpa",
        "form": form,
        "token": token,
        "delegation": delegation,
        "customer": delegation.customer,
        "text": text,
        "version": text.version,
        "statement": statements.statement(text.version, delegation.customer, text.language),
        "button_label": statements.button_label(text.language),
        "is_changed": status == 409,
    }
    return TemplateResponse(request, "dpa/forwarded_accept.html", context, status=status)


def take(request: HttpRequest, delegation: Delegation, token: str, form: AcceptanceForm) -> HttpResponse | None:
    """Accept, or return None when the text changed meanwhile and must be shown again."""
    text = form.text()
    try:
        acceptance = services.accept(
            customer=delegation.customer,
            text=text,
            shown=form.cleaned_data["shown"],
            person=services.Person(name=form.cleaned_data["name"], function=form.cleaned_data["function"], email=delegation.email),
            by=delegation,
            accepted_at=timezone.now(),
            circumstances=circumstances_of(request, Channel.DELEGATION),
        )
    except (services.VersionSuperseded, services.TextChanged, services.NotShown):
        return None
    services.close_forwarded(delegation=delegation, acceptance=acceptance)
    return redirect("agreement_forwarded_done", token)


@login_not_required
@never_cache
@require_safe
def done(request: HttpRequest, token: str) -> HttpResponse:
    delegation = opened(token)
    if isinstance(delegation, str):
        return closed(request, delegation)
    acceptance = signed_for(delegation, offered(request))
    if acceptance is None:
        return redirect("agreement_forwarded", token)
    context = {
        "section": "dpa",
        "token": token,
        "delegation": delegation,
        "acceptance": acceptance,
        "executed": getattr(acceptance, "executed", None),
        "is_own": delegation.acceptance_id == acceptance.pk,
    }
    return TemplateResponse(request, "dpa/forwarded_done.html", context)


@login_not_required
@never_cache
@require_safe
def executed_pdf(request: HttpRequest, token: str) -> HttpResponse:
    """The executed agreement for the person who accepted by this link, and for nobody else who holds one."""
    delegation = opened(token)
    if isinstance(delegation, str) or delegation.acceptance is None:
        raise Http404
    executed = getattr(delegation.acceptance, "executed", None)
    if executed is None:
        return redirect("agreement_forwarded_done", token)
    return pdf_response(executed.sha256, f"{delegation.acceptance.text.file_name}_{delegation.acceptance.reference}.pdf")
