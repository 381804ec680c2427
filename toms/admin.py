"""The register in the admin: drafts change by the services that the desk uses, what was published is there to read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

import publishing.services
from toms import exchange, services
from toms.forms import ImportForm
from toms.models import Category, Control, EvidenceFile, Measure, MeasureSet, MeasureSetDocument, Review, Weakening


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Rows that services write and nobody changes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(MeasureSet)
class MeasureSetAdmin(ReadOnlyAdmin):
    """Sets come into being, are classified and published by the services alone, which ask for a second person."""

    list_display = ["__str__", "state", "change_kind", "effective_date", "created_at", "approved_at", "published_at"]
    list_filter = ["state"]
    fields = ["number", "state", "change_kind", "change_note_de", "change_note_en", "effective_date", "sha256"]
    change_form_template = "admin/toms/measureset/change_form.html"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        held = request.user.has_perm("toms.delete_measureset")
        return held and obj is not None and obj.is_draft

    def get_urls(self) -> list[URLPattern]:
        own = [
            path("<int:pk>/export/", self.admin_site.admin_view(self.export), name="toms_measureset_export"),
            path("<int:pk>/import/", self.admin_site.admin_view(self.read_in), name="toms_measureset_import"),
        ]
        return own + super().get_urls()

    def export(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give the measures of a set as a CSV file."""
        measure_set = get_object_or_404(MeasureSet, pk=pk)
        if not self.has_view_permission(request, measure_set):
            raise PermissionDenied
        response = HttpResponse(exchange.export(measure_set), content_type="text/csv; charset=utf-8")
        name = f"measures_{measure_set.number or 'draft'}.csv"
        response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
        return response

    def read_in(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Read a CSV file into a draft: every line is good, or none is taken."""
        draft = get_object_or_404(MeasureSet, pk=pk)
        if not request.user.has_perm("toms.change_measureset") or not draft.is_draft:
            raise PermissionDenied
        form = ImportForm(request.POST or None, request.FILES or None)
        if form.is_valid():
            person: Any = request.user
            try:
                count = services.import_rows(draft=draft, lines=form.lines, by=person)
            except services.LinesRefused as refusal:
                form.add_error("file", ValidationError(refusal.reasons))
            else:
                messages.success(request, _("Measures read in: %(count)s.") % {"count": count})
                return HttpResponseRedirect(reverse("admin:toms_measureset_change", args=[pk]))
        context = {
            **self.admin_site.each_context(request),
            "form": form,
            "original": draft,
            "opts": self.opts,
            "title": _("Read in a CSV file"),
        }
        return TemplateResponse(request, "admin/toms/measureset/import.html", context, status=422 if form.errors else 200)


class RowOfSetAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows change while their set is a draft, by the services of the desk; a bulk deletion could not tell, so there is none."""

    list_select_related = ["measure_set"]
    list_filter = ["measure_set"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.measure_set.is_draft)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and obj is not None and obj.measure_set.is_draft

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer drafts and their rows alone, so that nothing moves into a published set."""
        model = db_field.remote_field.model
        filters = {"state": "draft"} if model is MeasureSet else {"measure_set__state": "draft"}
        return super().formfield_for_foreignkey(db_field, request, queryset=model.objects.filter(**filters), **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        try:
            services.save_row(row=obj, by=request.user)  # type: ignore[arg-type]  # staff alone get here
        except publishing.services.NotADraft:
            raise PermissionDenied from None  # approved while the form was open

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        try:
            services.remove_row(row=obj, by=request.user)  # type: ignore[arg-type]
        except publishing.services.NotADraft:
            raise PermissionDenied from None
        except services.StillHolds:
            raise PermissionDenied(_("Remove or move what is in it first.")) from None


@admin.register(Category)
class CategoryAdmin(RowOfSetAdmin):
    list_display = ["label_de", "label_en", "key", "sort", "measure_set"]


@admin.register(Control)
class ControlAdmin(RowOfSetAdmin):
    list_display = ["code", "label_de", "label_en", "category", "sort", "measure_set"]
    list_select_related = ["measure_set", "category"]


@admin.register(Measure)
class MeasureAdmin(RowOfSetAdmin):
    list_display = ["key", "control", "implemented_by", "status", "owner", "next_review_date", "measure_set"]
    list_filter = ["measure_set", "status", "implemented_by", "scc_heading"]
    list_select_related = ["measure_set", "control"]


@admin.register(Weakening)
class WeakeningAdmin(ReadOnlyAdmin):
    list_display = ["measure_key", "replacement_key", "measure_set"]
    list_select_related = ["measure_set"]


@admin.register(MeasureSetDocument)
class MeasureSetDocumentAdmin(ReadOnlyAdmin):
    list_display = ["measure_set", "language", "pages", "size", "sha256", "created_at"]
    list_select_related = ["measure_set"]


@admin.register(EvidenceFile)
class EvidenceFileAdmin(ReadOnlyAdmin):
    """Files are added, read and removed at the desk, where they are checked and given away safely."""

    list_display = ["name", "measure_key", "size", "added_by", "added_at"]
    list_select_related = ["added_by"]


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    list_display = ["measure_key", "reviewed_by", "reviewed_at", "next_review_date"]
    list_select_related = ["reviewed_by"]
