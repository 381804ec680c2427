"""The agreement in Django's admin: to look at. Drafting, approval and publication have their own pages, evidence is never edited."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from dpa.models import Acceptance, AcceptanceParty, AgreementText, AgreementVersion, Decline, Delegation, ExecutedAgreement, PaperAgreement


class LookOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that nobody adds, changes or deletes here, whatever rights a person has."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False


class TextInline(admin.StackedInline):  # type: ignore[type-arg]
    model = AgreementText
    extra = 0
    fields = readonly_fields = ("language", "title", "body", "description", "sha256")
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False


@admin.register(AgreementVersion)
class AgreementVersionAdmin(LookOnly):
    list_display = ["__str__", "state", "change_kind", "effective_date", "must_accept_by", "created_by", "approved_by"]
    list_filter = ["state", "change_kind"]
    inlines = [TextInline]


@admin.register(Acceptance)
class AcceptanceAdmin(LookOnly):
    list_display = ["reference", "customer", "version", "language", "accepted_at", "channel"]
    list_filter = ["version", "language", "channel"]
    search_fields = ["reference", "customer__legal_name"]
    list_select_related = ["customer", "version"]


@admin.register(AcceptanceParty)
class AcceptancePartyAdmin(LookOnly):
    list_display = ["acceptance", "legal_name", "person_name", "person_function"]
    search_fields = ["acceptance__reference", "legal_name"]
    list_select_related = ["acceptance"]


@admin.register(ExecutedAgreement)
class ExecutedAgreementAdmin(LookOnly):
    list_display = ["acceptance", "sha256", "pages", "size", "rendered_at"]
    list_select_related = ["acceptance"]


@admin.register(PaperAgreement)
class PaperAgreementAdmin(LookOnly):
    list_display = ["reference", "customer", "signed_date", "ends_date", "imported_at"]
    list_select_related = ["customer"]


@admin.register(Delegation)
class DelegationAdmin(LookOnly):
    list_display = ["customer", "created_at", "read_at", "expires_at", "withdrawn_at"]
    exclude = ["token_sha256"]
    list_select_related = ["customer"]


@admin.register(Decline)
class DeclineAdmin(LookOnly):
    list_display = ["customer", "version", "declined_at"]
    list_select_related = ["customer", "version"]
