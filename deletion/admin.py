"""The desk's rows in the admin: to read and nothing else; whatever is decided or started goes through the desk and its checks."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from deletion.models import (
    Cancellation,
    CaseFile,
    ErasureCertificate,
    ErasureRequest,
    ErasureStep,
    HandWork,
    LegalHold,
    RetentionRule,
    SubprocessorNotice,
    Tombstone,
)


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Rows come into being and change through services alone."""

    actions = None

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


@admin.register(CaseFile)
class CaseFileAdmin(ReadOnlyAdmin):
    list_display = ["reference", "kind", "customer", "state", "identity", "received_at", "due_date", "assigned_to"]
    list_filter = ["kind", "state", "identity"]
    list_select_related = ["customer", "assigned_to"]
    search_fields = ["reference", "customer__legal_name"]
    ordering = ["due_date", "pk"]
    exclude = ["code_sha256"]


@admin.register(ErasureStep)
class ErasureStepAdmin(ReadOnlyAdmin):
    list_display = ["request", "ordinal", "dataset", "state", "deleted", "estimated", "residual", "attempts", "last_error"]
    list_filter = ["state", "store"]
    list_select_related = ["request"]
    search_fields = ["request__reference", "dataset"]
    exclude = ["cursor"]


@admin.register(LegalHold)
class LegalHoldAdmin(ReadOnlyAdmin):
    list_display = ["file_number", "ground", "customer_reference", "placed_at", "review_date", "released_at"]
    list_filter = ["ground"]
    search_fields = ["file_number", "customer_reference"]


@admin.register(RetentionRule)
class RetentionRuleAdmin(ReadOnlyAdmin):
    list_display = ["dataset", "label", "start", "months", "days", "to_year_end", "norm_de"]
    list_filter = ["start"]
    search_fields = ["dataset", "label_de", "label_en"]


@admin.register(ErasureCertificate)
class ErasureCertificateAdmin(ReadOnlyAdmin):
    list_display = ["reference", "request", "kind", "sha256", "issued_at"]
    list_filter = ["kind"]
    list_select_related = ["request"]
    search_fields = ["reference", "request__reference"]
    exclude = ["canonical"]


@admin.register(SubprocessorNotice)
class SubprocessorNoticeAdmin(ReadOnlyAdmin):
    list_display = ["request", "subprocessor", "told_at", "confirm_by_date", "confirmed_at"]
    list_select_related = ["request"]
    search_fields = ["request__reference", "subprocessor"]


@admin.register(HandWork)
class HandWorkAdmin(ReadOnlyAdmin):
    list_display = ["step", "reason", "proposed_by", "proposed_at", "confirmed_by", "confirmed_at"]
    list_select_related = ["step", "proposed_by", "confirmed_by"]


@admin.register(Tombstone)
class TombstoneAdmin(ReadOnlyAdmin):
    list_display = ["customer_reference", "request_reference", "erased_at"]
    search_fields = ["customer_reference", "request_reference"]


@admin.register(Cancellation)
class CancellationAdmin(ReadOnlyAdmin):
    list_display = ["reference", "name", "kind", "ends_date", "received_at"]
    list_filter = ["kind"]
    search_fields = ["reference", "name", "identification", "email"]
    exclude = ["secret_sha256", "commitment"]
