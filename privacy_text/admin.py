"""Sample texts in the admin: to read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from privacy_text.models import SampleText, SampleTextPart


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Versions come into being and are published by the services alone, which ask for a second person."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(SampleText)
class SampleTextAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "state", "effective_date", "created_at", "approved_at", "published_at"]
    list_filter = ["state"]


@admin.register(SampleTextPart)
class SampleTextPartAdmin(ReadOnlyAdmin):
    list_display = ["channel_type", "language", "kind", "text", "version"]
    list_filter = ["version", "channel_type", "language"]
    list_select_related = ["channel_type", "version"]
