"""The register in the admin: drafts can be changed, what was published is there to read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from toms.models import Category, Control, Measure, MeasureSet, MeasureSetDocument


@admin.register(MeasureSet)
class MeasureSetAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Sets come into being and are published by the services alone, which ask for a second person."""

    list_display = ["__str__", "state", "change_kind", "effective_date", "created_at", "approved_at", "published_at"]
    list_filter = ["state"]
    fields = ["number", "state", "change_kind", "change_note_de", "change_note_en", "effective_date", "sha256"]
    readonly_fields = ["number", "state", "effective_date", "sha256"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.is_draft)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and obj is not None and obj.is_draft


class RowOfSetAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows change while their set is a draft; a bulk deletion could not tell, so there is none."""

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


@admin.register(Category)
class CategoryAdmin(RowOfSetAdmin):
    list_display = ["label_en", "key", "sort", "measure_set"]


@admin.register(Control)
class ControlAdmin(RowOfSetAdmin):
    list_display = ["code", "label_en", "category", "sort", "measure_set"]
    list_select_related = ["measure_set", "category"]


@admin.register(Measure)
class MeasureAdmin(RowOfSetAdmin):
    list_display = ["key", "control", "implemented_by", "status", "owner", "next_review_date", "measure_set"]
    list_filter = ["measure_set", "status", "implemented_by"]
    list_select_related = ["measure_set", "control"]


@admin.register(MeasureSetDocument)
class MeasureSetDocumentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["measure_set", "language", "pages", "size", "sha256", "created_at"]
    list_select_related = ["measure_set"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
