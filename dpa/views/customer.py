"""The way through the gate: read, check and accept, confirmation; and the ways around it: forward, decline."""

from __future__ import annotations

import hashlib
from typing import Any

from allauth.account.authentication import get_authentication_records
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from customers.access import CustomerRequest, customer_page, role_required
from dpa import reading, services, statements
from dpa.composition import shown_sha256
from dpa.forms import AcceptanceForm, DayForm, DecliningForm
from dpa.models import Acceptance, AgreementText, AgreementVersion, Channel, Serving
from dpa.views.documents import pdf_response

SIGNING = services.acceptance.SIGNING_ROLES
NEXT = "agreement_next"


def safe_path(path: str) -> str:
    """Return the path when it stays on this site, else nothing; a host never survives."""
    is_path = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if is_path else ""


def offered(request: HttpRequest) -> AgreementText | None:
    """Return the current version's text in the reader's language."""
    version = reading.current()
    return version.text(request.GET.get("language") or get_language() or "de") if version else None


def nothing_published(request: HttpRequest) -> HttpResponse:
    """The gate stays closed while there is nothing to accept; the page says so."""
    return TemplateResponse(request, "dpa/none.html", {"section": "dpa"}, status=503)


@customer_page
@require_safe
def agreement(request: CustomerRequest) -> HttpResponse:
    """Step 1: read."""
    way_back = safe_path(request.GET.get("next", ""))
    if way_back:
        request.session[NEXT] = way_back
    text = offered(request)
    if text is None:
        return nothing_published(request)
    accepted = request.customer.acceptances.filter(version=text.version).first()
    if accepted is not None:
        return redirect("agreement_done", accepted.reference)
    services.note_serving(customer=request.customer, text=text, form=Serving.Form.PAGE, at=timezone.now())
    earlier = reading.latest_acceptance(request.customer)
    context = reading.page_of(text, request.customer) | {
        "section": "dpa",
        "may_sign": not request.roles.isdisjoint(SIGNING),
        "signatories": request.customer.people_with("signatory"),
        "owners": request.customer.people_with("owner"),
        "earlier": earlier,
        "languages": sorted(other.language for other in text.version.texts.all()),
        "paper": reading.paper_in_force(request.customer, timezone.localdate()),
    }
    return TemplateResponse(request, "dpa/agreement.html", context)


@customer_page
@require_safe
def pdf(request: CustomerRequest) -> HttpResponse:
    """The version's PDF, before anything is accepted; that it was downloaded is noted."""
    text = offered(request)
    if text is None or text.document is None:
        raise Http404
    services.note_serving(customer=request.customer, text=text, form=Serving.Form.PDF, at=timezone.now())
    return pdf_response(text.document.sha256, f"{text.file_name}.pdf")


@role_required(*SIGNING)
def accept(request: CustomerRequest) -> HttpResponse:
    """Step 2: check and accept."""
    text = offered(request)
    if text is None:
        return nothing_published(request)
    if request.method == "POST":
        return take_acceptance(request, text)
    if not Serving.objects.filter(customer=request.customer, text=text).exists():
        return redirect("agreement")
    form = AcceptanceForm(
        initial={
            "name": request.user.full_name,
            "function": request.user.function,
            "version": text.version_id,
            "language": text.language,
            "shown": shown_sha256(text, request.customer),
        }
    )
    return accept_page(request, text, form)


def accept_page(request: CustomerRequest, text: AgreementText, form: AcceptanceForm, status: int = 200) -> HttpResponse:
    context = {
        "section": "dpa",
        "form": form,
        "text": text,
        "version": text.version,
        "customer": request.customer,
        "statement": statements.statement(text.version, request.customer, text.language),
        "button_label": statements.button_label(text.language),
        "is_profile_known": bool(request.user.full_name and request.user.function),
    }
    return TemplateResponse(request, "dpa/accept.html", context, status=status)


def take_acceptance(request: CustomerRequest, current: AgreementText) -> HttpResponse:
    form = AcceptanceForm(request.POST)
    if not form.is_valid():
        return accept_page(request, current, form, status=422)
    text = form.text()
    try:
        acceptance = services.accept(
            customer=request.customer,
            text=text,
            shown=form.cleaned_data["shown"],
            person=person_of(request, form),
            by=request.user,
            accepted_at=timezone.now(),
            circumstances=circumstances_of(
                request, Channel.ACCOUNT if request.user.agreement_valid_until > timezone.now() else Channel.GATE
            ),
        )
    except (services.VersionSuperseded, services.TextChanged, services.NotShown) as refusal:
        return changed_meanwhile(request, text, current, refusal)
    return HttpResponseRedirect(reverse("agreement_done", args=[acceptance.reference]))


def changed_meanwhile(request: CustomerRequest, old: AgreementText, current: AgreementText, refusal: Exception) -> HttpResponse:
    """409: what the form carried is not what would be accepted; show the new text and, between versions, the difference."""
    services.note_serving(customer=request.customer, text=current, form=Serving.Form.PAGE, at=timezone.now())
    context: dict[str, Any] = reading.page_of(current, request.customer) | {
        "section": "dpa",
        "is_new_version": isinstance(refusal, services.VersionSuperseded),
        "may_sign": True,
    }
    if old.version.is_frozen and old.version_id != current.version_id:
        context["difference"] = reading.difference(old.version, current.version, current.language)
    return TemplateResponse(request, "dpa/changed.html", context, status=409)


def person_of(request: CustomerRequest, form: AcceptanceForm) -> services.Person:
    return services.Person(
        name=form.cleaned_data["name"],
        function=form.cleaned_data["function"],
        email=request.user.email,
        email_confirmed_at=request.user.email_confirmed_at,
    )


def circumstances_of(request: HttpRequest, channel: str) -> services.Circumstances:
    """Return how the request came: the address as the trusted proxies name it, the agent, the way of signing in."""
    from allauth.account.adapter import get_adapter

    methods = (
        [str(entry.get("method")) for entry in get_authentication_records(request, request.user)] if request.user.is_authenticated else []
    )
    key = request.session.session_key or ""
    return services.Circumstances(
        channel=channel,
        request_id=request.request_id,  # type: ignore[attr-defined]
        ip_address=get_adapter().get_client_ip(request),
        user_agent=request.headers.get("User-Agent", ""),
        authentication="+".join(methods),
        session_sha256=hashlib.sha256(key.encode()).hexdigest() if key else "",
    )


def own(request: CustomerRequest, reference: str) -> Acceptance:
    try:
        return reading.acceptance_of(request.customer, reference)
    except Acceptance.DoesNotExist as missing:
        raise Http404 from missing


@customer_page
@require_safe
def done(request: CustomerRequest, reference: str) -> HttpResponse:
    """Step 3: the confirmation, at an address that stays."""
    acceptance = own(request, reference)
    context = {
        "section": "dpa",
        "acceptance": acceptance,
        "executed": getattr(acceptance, "executed", None),
        "is_own": acceptance.accepted_by_id == request.user.pk,
        "next": safe_path(request.session.get(NEXT, "")) or reverse("account"),
    }
    return TemplateResponse(request, "dpa/done.html", context)


@customer_page
@require_safe
def executed_pdf(request: CustomerRequest, reference: str) -> HttpResponse:
    """The executed agreement, the very bytes that were mailed."""
    acceptance = own(request, reference)
    executed = getattr(acceptance, "executed", None)
    if executed is None:
        return redirect("agreement_done", acceptance.reference)
    return pdf_response(executed.sha256, f"{acceptance.text.file_name}_{acceptance.reference}.pdf")


@customer_page
@require_safe
def documents(request: CustomerRequest) -> HttpResponse:
    """All of the customer's agreements, old ones too."""
    context = {
        "section": "account",
        "acceptances": request.customer.acceptances.select_related("version", "text", "executed", "party"),
        "papers": request.customer.paper_agreements.all(),
    }
    return TemplateResponse(request, "dpa/documents.html", context)


@customer_page
@require_safe
def applied(request: CustomerRequest) -> HttpResponse:
    """What applied to the company on a day: its agreement, the annexes that it pins, the registers in force."""
    form = DayForm(request.GET or None, initial={"day": timezone.localdate()})
    day = form.cleaned_data["day"] if form.is_valid() else timezone.localdate()
    context = {"section": "account", "form": form, "day": day, **reading.applied_on(request.customer, day)}
    return TemplateResponse(request, "dpa/applied.html", context, status=422 if form.errors else 200)


@customer_page
@require_safe
def paper_pdf(request: CustomerRequest, reference: str) -> HttpResponse:
    paper = request.customer.paper_agreements.filter(reference=reference).first()
    if paper is None:
        raise Http404
    return pdf_response(paper.document_sha256, f"{paper.reference}.pdf")


@customer_page
@require_safe
def change(request: CustomerRequest, number: str) -> HttpResponse:
    """A new version: what differs from the one that this customer accepted, and until when to decide."""
    try:
        new = reading.version_numbered(number)
    except AgreementVersion.DoesNotExist as missing:
        raise Http404 from missing
    earlier = reading.latest_acceptance(request.customer)
    context: dict[str, Any] = {"section": "dpa", "version": new, "earlier": earlier, "may_sign": not request.roles.isdisjoint(SIGNING)}
    if earlier is not None and earlier.version_id != new.pk:
        context |= reading.difference(earlier.version, new, get_language() or "de")
    return TemplateResponse(request, "dpa/change.html", context)


@role_required(*SIGNING)
def decline(request: CustomerRequest) -> HttpResponse:
    """What happens without an acceptance; an optional reason; the ways to the data."""
    version = reading.current()
    if version is None:
        return nothing_published(request)
    form = DecliningForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.decline(customer=request.customer, version=version, by=request.user, reason=form.cleaned_data["reason"], at=timezone.now())
        return redirect("agreement_declined")
    return TemplateResponse(request, "dpa/decline.html", {"section": "dpa", "form": form, "version": version})


@customer_page
@require_safe
def declined(request: CustomerRequest) -> HttpResponse:
    return TemplateResponse(request, "dpa/declined.html", {"section": "dpa", "refusal": request.customer.declines.first()})
