"""The rows of a draft: new, changed, moved, removed; and many of them at once by a file."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from customers.access import StaffRequest, staff_page
from publishing.pages import reading_language
from publishing.services import NotADraft
from toms import exchange, pages, services
from toms.forms import CategoryForm, ControlForm, ImportForm, MeasureForm
from toms.models import Category, Control, Measure, MeasureSet
from toms.wizard import REGISTER

LOOK, EDIT = REGISTER.look, REGISTER.edit
NOT_A_DRAFT = gettext_lazy("This version is approved or published. Open it again, or make a new draft.")
MODELS: dict[str, type[Category | Control | Measure]] = {"category": Category, "control": Control, "measure": Measure}


def row_or_404(kind: str, pk: int) -> Category | Control | Measure:
    if kind not in MODELS:
        raise Http404
    return cast("Category | Control | Measure", get_object_or_404(MODELS[kind].objects.select_related("measure_set"), pk=pk))


def new_row(kind: str, parent: int) -> Category | Control | Measure:
    """Return an unsaved row below its parent: a category in a set, a control in a category, a measure in a control."""
    if kind == "category":
        return Category(measure_set=get_object_or_404(MeasureSet, pk=parent))
    if kind == "control":
        category = get_object_or_404(Category.objects.select_related("measure_set"), pk=parent)
        return Control(measure_set=category.measure_set, category=category)
    if kind != "measure":
        raise Http404
    control = get_object_or_404(Control.objects.select_related("measure_set"), pk=parent)
    return Measure(measure_set=control.measure_set, control=control, key=pages.next_key(control))


def form_for(row: Category | Control | Measure, request: StaffRequest) -> Any:
    given = request.POST if request.method == "POST" else None
    if isinstance(row, Measure):
        return MeasureForm(given, instance=row, at=timezone.now())
    return (ControlForm if isinstance(row, Control) else CategoryForm)(given, instance=row)


@staff_page(EDIT)
def add(request: StaffRequest, kind: str, parent: int) -> HttpResponse:
    return edit(request, kind, new_row(kind, parent))


@staff_page(EDIT)
def change(request: StaffRequest, kind: str, pk: int) -> HttpResponse:
    return edit(request, kind, row_or_404(kind, pk))


def edit(request: StaffRequest, kind: str, row: Category | Control | Measure) -> HttpResponse:
    measure_set = row.measure_set
    if not measure_set.is_draft:
        messages.error(request, NOT_A_DRAFT)
        return redirect("manage_toms_version", measure_set.pk)
    form = form_for(row, request)
    if request.method == "POST" and form.is_valid() and saved(request, form):
        messages.success(request, _("Saved in the draft."))
        return redirect("manage_toms_version", measure_set.pk)
    context = {"section": "manage", "form": form, "row": row, "kind": kind, "version": measure_set, "is_new": row.pk is None}
    context["name"] = pages.row_name(row, reading_language())
    return TemplateResponse(request, "toms/manage_row.html", context, status=422 if form.errors else 200)


def saved(request: StaffRequest, form: Any) -> bool:
    """Save the row, or write into the form what the register cannot hold, such as a second control of one English name."""
    try:
        services.save_row(row=form.instance, by=request.user)
    except ValidationError as refusal:
        named = hasattr(refusal, "error_dict") and set(refusal.error_dict) <= set(form.fields)
        form.add_error(None, refusal if named else ValidationError(refusal.messages))
        return False
    except NotADraft:
        form.add_error(None, NOT_A_DRAFT)
        return False
    return True


@staff_page(EDIT)
@require_POST
def move(request: StaffRequest, kind: str, pk: int) -> HttpResponse:
    """One place up or down, by a button: dragging is never the only way (WCAG 2.2, 2.5.7)."""
    row = row_or_404(kind, pk)
    try:
        services.move_row(row=row, up=request.POST.get("to") == "up", by=request.user)
    except NotADraft:
        messages.error(request, NOT_A_DRAFT)
    return redirect(f"{REGISTER.address('version', row.measure_set)}#{kind}-{pk}")


@staff_page(EDIT)
def remove(request: StaffRequest, kind: str, pk: int) -> HttpResponse:
    """Ask, then take the row out of the draft."""
    row = row_or_404(kind, pk)
    if request.method != "POST":
        name = pages.row_name(row, reading_language())
        context = {"section": "manage", "row": row, "kind": kind, "version": row.measure_set, "name": name}
        return TemplateResponse(request, "toms/manage_remove.html", context)
    try:
        services.remove_row(row=row, by=request.user)
    except NotADraft:
        messages.error(request, NOT_A_DRAFT)
    except services.StillHolds:
        messages.error(request, _("Remove or move what is in it first."))
    else:
        messages.success(request, _("Removed from the draft."))
    return redirect("manage_toms_version", row.measure_set.pk)


# --- files -----------------------------------------------------------------------------------------------------------


@staff_page(LOOK)
@require_safe
def export(request: StaffRequest, pk: int) -> HttpResponse:
    measure_set = get_object_or_404(MeasureSet, pk=pk)
    response = HttpResponse(exchange.export(measure_set), content_type="text/csv; charset=utf-8")
    name = f"measures_{measure_set.number or 'draft'}.csv"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return response


@staff_page(EDIT)
def read_in(request: StaffRequest, pk: int) -> HttpResponse:
    """Read a CSV file into the draft: every line is good, or none is taken."""
    draft = get_object_or_404(MeasureSet, pk=pk)
    form = ImportForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            count = services.import_rows(draft=draft, lines=form.lines, by=request.user)
        except services.LinesRefused as refusal:
            form.add_error("file", ValidationError(refusal.reasons))
        except NotADraft:
            form.add_error(None, NOT_A_DRAFT)
        else:
            done = ngettext("%(count)d measure was read in.", "%(count)d measures were read in.", count) % {"count": count}
            messages.success(request, done)
            return redirect("manage_toms_version", draft.pk)
    context = {"section": "manage", "form": form, "version": draft, "columns": exchange.COLUMNS}
    return TemplateResponse(request, "toms/manage_import.html", context, status=422 if form.errors else 200)
