"""The provider's side: drafts and publication of the agreement, and the register of acceptances."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from customers.access import StaffRequest, staff_page
from customers.models import Customer
from dpa import reading, services, standing
from dpa.forms import PaperForm, TextForm, VersionForm
from dpa.models import AgreementText, AgreementVersion
from dpa.wizard import REGISTER
from publishing import services as publishing
from publishing.models import State
from publishing.tables import csv_bytes

LOOK, EDIT = REGISTER.look, REGISTER.edit
SEE, RECORD = "dpa.view_acceptance", "dpa.record_paperagreement"
ROWS_A_PAGE = 50


@staff_page(LOOK)
@require_safe
def versions(request: StaffRequest) -> HttpResponse:
    context = {
        "section": "manage",
        "drafts": AgreementVersion.objects.in_preparation().select_related("created_by", "approved_by"),
        "versions": reading.versions().select_related("created_by", "approved_by", "published_by"),
    }
    return TemplateResponse(request, "dpa/manage_versions.html", context)


@staff_page(EDIT)
@require_POST
def draft(request: StaffRequest) -> HttpResponse:
    """Make a new draft from the current version, or from the one that is to be restored."""
    source = AgreementVersion.objects.readable().filter(number=request.POST.get("number", "")).first() or AgreementVersion.objects.current()
    new = services.draft_from(source=source, by=request.user, at=timezone.now())
    return redirect("manage_dpa_version", new.pk)


@staff_page(LOOK)
def version(request: StaffRequest, pk: int) -> HttpResponse:
    """The draft's fields and texts, what is missing, what differs from the current version, and the next step."""
    chosen = get_object_or_404(AgreementVersion, pk=pk)
    if request.method == "POST" and not request.user.has_perm(EDIT):
        raise PermissionDenied
    form, text_forms = forms_of(request, chosen)
    if request.method == "POST" and form.is_valid() and all(each.is_valid() for each in text_forms.values()):
        return save(request, chosen, form, text_forms)
    return version_page(request, chosen, form, text_forms, status=422 if request.method == "POST" else 200)


def forms_of(request: StaffRequest, chosen: AgreementVersion) -> tuple[VersionForm, dict[str, TextForm]]:
    given = request.POST if request.method == "POST" else None
    texts = {text.language: text for text in chosen.texts.all()}
    text_forms = {
        language: TextForm(given, instance=texts.get(language) or AgreementText(version=chosen, language=language), prefix=language)
        for language, _name in settings.LANGUAGES
    }
    return VersionForm(given, instance=chosen), text_forms


def save(request: StaffRequest, chosen: AgreementVersion, form: VersionForm, text_forms: dict[str, TextForm]) -> HttpResponse:
    try:
        texts = {language: each.cleaned_data for language, each in text_forms.items()}
        services.save_draft(draft=chosen, fields=form.cleaned_data, texts=texts, by=request.user)
    except publishing.NotADraft:
        messages.error(request, _("This version is approved or published. Open it again, or make a new draft."))
    except services.BodyLocked:
        form.add_error(None, _("The body is locked: only options, the description and the annexes may change."))
        return version_page(request, chosen, form, text_forms, status=422)
    else:
        messages.success(request, _("The draft was saved."))
    return redirect("manage_dpa_version", chosen.pk)


def version_page(
    request: StaffRequest, chosen: AgreementVersion, form: VersionForm, text_forms: dict[str, TextForm], *, status: int
) -> HttpResponse:
    chosen = AgreementVersion.objects.select_related("created_by", "approved_by", "published_by").get(pk=chosen.pk)
    texts = list(chosen.texts.all())
    context: dict[str, Any] = {
        "section": "manage",
        "version": chosen,
        "form": form,
        "text_forms": text_forms,
        "texts": texts,
        "lacks": REGISTER.lacks(chosen) if chosen.state == State.DRAFT else [],
        "may_edit": request.user.has_perm(EDIT),
        "documents": [{"text": text, "document": text.document} for text in texts],
    }
    return TemplateResponse(request, "dpa/manage_version.html", context, status=status)


# --- the register of acceptances --------------------------------------------------------------------------------------


@staff_page(SEE)
@require_safe
def acceptances(request: StaffRequest) -> HttpResponse:
    """Who accepted which version and who has not, with search and filter in the address."""
    now = timezone.now()
    state, search = request.GET.get("state", ""), request.GET.get("q", "").strip()
    page = Paginator(standing.register(state=state, search=search, now=now), ROWS_A_PAGE).get_page(request.GET.get("page"))
    rows = [{"customer": customer, "state": standing.state_of(customer, now)} for customer in page]
    context = {
        "section": "manage",
        "page": page,
        "rows": rows,
        "state": state,
        "q": search,
        "states": standing.STATES,
        "current": reading.current(),
    }
    return TemplateResponse(request, "dpa/manage_acceptances.html", context)


@staff_page(SEE)
@require_safe
def acceptances_csv(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    rows = standing.register(state=request.GET.get("state", ""), search=request.GET.get("q", "").strip(), now=now)
    header = [_("Company"), _("Country"), _("State"), _("Version"), _("Accepted at (UTC)"), _("Reference")]
    table = csv_bytes(header, (csv_row(customer, now) for customer in rows.iterator(chunk_size=1000)))
    response = HttpResponse(table, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="acceptances.csv"'
    return response


def csv_row(customer: Any, now: datetime.datetime) -> list[str]:
    accepted = customer.accepted_at.strftime("%Y-%m-%dT%H:%M:%SZ") if customer.accepted_at else ""
    state = standing.state_of(customer, now)
    return [customer.legal_name, customer.country, state, customer.accepted_number or "", accepted, customer.accepted_reference or ""]


@staff_page(SEE)
@require_POST
def remind(request: StaffRequest, customer_id: int) -> HttpResponse:
    customer = get_object_or_404(Customer, pk=customer_id, closed_at=None)
    current = reading.current()
    if current is None:
        messages.error(request, _("No version is published yet."))
        return redirect("manage_acceptances")
    count = services.remind(customer=customer, version=current, at=timezone.now())
    messages.success(request, _("Reminded: %(count)s people.") % {"count": count})
    return redirect("manage_acceptances")


@staff_page(RECORD)
def paper(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Enter an agreement that was concluded on paper."""
    customer = get_object_or_404(Customer, pk=customer_id, closed_at=None)
    form = PaperForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        fields = dict(form.cleaned_data)
        document = fields.pop("document").read(services.paper.LARGEST + 1)
        try:
            services.import_paper(customer=customer, document=document, by=request.user, at=timezone.now(), **fields)
        except services.NotAPdf:
            form.add_error("document", _("Choose a PDF of at most 10 MB"))
        else:
            messages.success(request, _("The agreement on paper was entered."))
            return redirect("manage_acceptances")
    context = {"section": "manage", "form": form, "customer": customer, "papers": customer.paper_agreements.all()}
    return TemplateResponse(request, "dpa/manage_paper.html", context, status=422 if form.errors else 200)
