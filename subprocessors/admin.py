"""The register in the admin: drafts can be changed, what was published is there to read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from subprocessors.models import Subprocessor, SubprocessorList, SubprocessorListDocument


@admin.register(SubprocessorList)
class SubprocessorListAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Lists come into being and are published by the services alone, which ask for a second person."""

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


@admin.register(Subprocessor)
class SubprocessorAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Entries change while their list is a draft; a bulk deletion could not tell, so there is none."""

    list_display = ["legal_name", "kind", "seat_country", "transfer_basis", "last_verified_at", "subprocessor_list"]
    list_filter = ["subprocessor_list", "kind", "transfer_basis"]
    list_select_related = ["subprocessor_list"]
    search_fields = ["legal_name", "service_name"]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.subprocessor_list.is_draft)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and obj is not None and obj.subprocessor_list.is_draft

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer drafts alone, so that nothing moves into a published list."""
        return super().formfield_for_foreignkey(db_field, request, queryset=SubprocessorList.objects.filter(state="draft"), **kwargs)


@admin.register(SubprocessorListDocument)
class SubprocessorListDocumentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["subprocessor_list", "language", "pages", "size", "sha256", "created_at"]
    list_select_related = ["subprocessor_list"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
