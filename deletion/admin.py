"""Requests and cancellations in the admin: to read, the most urgent request first."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from deletion.models import Cancellation, ErasureRequest


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Rows come into being and change through services alone."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ErasureRequest)
class ErasureRequestAdmin(ReadOnlyAdmin):
    list_display = ["reference", "customer", "state", "requested_at", "not_before", "due_date"]
    list_filter = ["state"]
    list_select_related = ["customer"]
    search_fields = ["reference", "customer__legal_name"]
    ordering = ["due_date", "pk"]


@admin.register(Cancellation)
class CancellationAdmin(ReadOnlyAdmin):
    list_display = ["reference", "name", "kind", "ends_date", "received_at"]
    list_filter = ["kind"]
    search_fields = ["reference", "name", "identification", "email"]
    exclude = ["secret_sha256", "commitment"]
