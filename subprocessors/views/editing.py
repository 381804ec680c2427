"""The desk of the register: the draft beside the published list, its entries, files in and out, older versions, fallbacks."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

import publishing.services
from customers.access import StaffRequest, staff_page
from subprocessors import exchange, pages, services
from subprocessors.forms import CSV_COLUMNS, EntryForm, ImportForm
from subprocessors.models import Subprocessor, SubprocessorList

LOOK, EDIT = "subprocessors.view_subprocessorlist", "subprocessors.change_subprocessorlist"
OPEN = ("draft", "approved")
NOT_A_DRAFT = gettext_lazy("The list is approved or published. Open it again, or edit a new draft.")


@staff_page(LOOK)
@require_safe
def desk(request: StaffRequest) -> HttpResponse:
    """The draft, row by row beside what is published, and the versions that can be restored."""
    context = pages.desk_page(get_language() or "de") | {"section": "manage", "may_edit": request.user.has_perm(EDIT)}
    return TemplateResponse(request, "subprocessors/manage_register.html", context)


@staff_page(EDIT)
@require_POST
def draft(request: StaffRequest) -> HttpResponse:
    services.draft_in_work(by=request.user, at=timezone.now())
    messages.success(request, _("The draft holds the entries of the published list. Readers see nothing of it."))
    return redirect("manage_subprocessors")


# --- entries ----------------------------------------------------------------------------------------------------------


@staff_page(EDIT)
def new_entry(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    form = EntryForm(request.POST or None, at=now)
    if form.is_valid():
        entry = form.save(commit=False)
        entry.subprocessor_list = services.draft_in_work(by=request.user, at=now)
        services.save_entry(entry=entry, by=request.user)
        messages.success(request, _("%(name)s is in the draft.") % {"name": entry.legal_name})
        return redirect("manage_subprocessors")
    return entry_page(request, form, None)


@staff_page(LOOK)
def entry(request: StaffRequest, pk: int) -> HttpResponse:
    """Read or change one entry of the draft."""
    found = entry_or_404(pk)
    if request.method == "POST" and not request.user.has_perm(EDIT):
        raise PermissionDenied
    form = EntryForm(request.POST or None, instance=found, at=timezone.now())
    if form.is_valid():
        try:
            services.save_entry(entry=form.save(commit=False), by=request.user)
        except publishing.services.NotADraft:
            messages.error(request, NOT_A_DRAFT)
        else:
            messages.success(request, _("%(name)s is saved in the draft.") % {"name": found.legal_name})
        return redirect("manage_subprocessors")
    return entry_page(request, form, found)


def entry_page(request: StaffRequest, form: EntryForm, found: Subprocessor | None) -> HttpResponse:
    context = {
        "section": "manage",
        "form": form,
        "entry": found,
        "published": pages.published_entry(found.slug) if found else None,
        "may_edit": request.user.has_perm(EDIT) and (found is None or found.subprocessor_list.is_draft),
    }
    return TemplateResponse(request, "subprocessors/manage_entry.html", context, status=422 if form.errors else 200)


def entry_or_404(pk: int) -> Subprocessor:
    return get_object_or_404(Subprocessor.objects.select_related("subprocessor_list").filter(subprocessor_list__state__in=OPEN), pk=pk)


@staff_page(EDIT)
@require_POST
def move(request: StaffRequest, pk: int) -> HttpResponse:
    """One place up or down, by a button: dragging is never the only way (WCAG 2.2, 2.5.7)."""
    try:
        services.move_entry(entry=entry_or_404(pk), up=request.POST.get("to") == "up", by=request.user)
    except publishing.services.NotADraft:
        messages.error(request, NOT_A_DRAFT)
    return redirect("manage_subprocessors")


# --- files ------------------------------------------------------------------------------------------------------------


@staff_page(LOOK)
@require_safe
def export(request: StaffRequest) -> HttpResponse:
    """The draft, or the published list where there is none, as a file that can be read in again."""
    chosen = SubprocessorList.objects.drafts().first() or SubprocessorList.objects.current()
    if chosen is None:
        raise Http404
    response = HttpResponse(exchange.export(chosen.entries.all(), CSV_COLUMNS), content_type="text/csv; charset=utf-8")
    name = f"subprocessors_{chosen.number or 'draft'}.csv"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return response


@staff_page(EDIT)
def read_in(request: StaffRequest) -> HttpResponse:
    """Read a CSV file into the draft: every row is good, or none is taken."""
    now = timezone.now()
    form = ImportForm(request.POST or None, request.FILES or None, draft=SubprocessorList.objects.drafts().first(), at=now)
    if form.is_valid():
        draft = services.draft_in_work(by=request.user, at=now)
        services.import_entries(draft=draft, entries=form.entries, replaces=form.cleaned_data["replaces"], by=request.user)
        count = len(form.entries)
        messages.success(request, ngettext("%(count)d entry was read in.", "%(count)d entries were read in.", count) % {"count": count})
        return redirect("manage_subprocessors")
    context = {"section": "manage", "form": form, "columns": CSV_COLUMNS}
    return TemplateResponse(request, "subprocessors/manage_import.html", context, status=422 if form.errors else 200)


# --- when a basis falls -----------------------------------------------------------------------------------------------


@staff_page(LOOK)
def fallback(request: StaffRequest) -> HttpResponse:
    """All entries that rest on one basis; one button rests them on their fallbacks and so drafts the notices."""
    basis = request.POST.get("basis") or request.GET.get("basis", "")
    basis = basis if basis in Subprocessor.TransferBasis.values else Subprocessor.TransferBasis.DPF.value
    if request.method == "POST":
        if not request.user.has_perm(EDIT):
            raise PermissionDenied
        moved = services.fall_back(basis=basis, by=request.user, at=timezone.now())
        text = ngettext("%(count)d entry now rests on its fallback.", "%(count)d entries now rest on their fallbacks.", len(moved))
        messages.success(request, text % {"count": len(moved)})
        return redirect("manage_subprocessors")
    context = pages.fallback_page(basis, get_language() or "de") | {"section": "manage", "may_edit": request.user.has_perm(EDIT)}
    return TemplateResponse(request, "subprocessors/manage_fallback.html", context)
