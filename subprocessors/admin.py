"""The register in the admin: drafts can be changed, what was published is there to read."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from customers.models import ChannelType, User
from subprocessors import exchange, services
from subprocessors.forms import CSV_COLUMNS, ImportForm, TransferRules
from subprocessors.models import Subprocessor, SubprocessorList, SubprocessorListDocument


@admin.register(SubprocessorList)
class SubprocessorListAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Lists come into being, are classified and published by the services alone, which ask for a second person."""

    list_display = ["__str__", "state", "change_kind", "effective_date", "created_at", "approved_at", "published_at"]
    list_filter = ["state"]
    fields = ["number", "state", "change_kind", "change_note_de", "change_note_en", "effective_date", "sha256"]
    # classified in the wizard, so that whoever approves sees kind and notes
    readonly_fields = ["number", "state", "change_kind", "change_note_de", "change_note_en", "effective_date", "sha256"]
    change_list_template = "admin/subprocessors/change_list.html"
    actions = ["export_csv"]

    @admin.action(description=_("Save as CSV"), permissions=["view"])
    def export_csv(self, request: HttpRequest, queryset: QuerySet[SubprocessorList]) -> HttpResponse | None:
        """One list as a file that can be read in again, as at the desk."""
        chosen = list(queryset[:2])
        if len(chosen) != 1:
            self.message_user(request, _("Choose one list."), messages.WARNING)
            return None
        response = HttpResponse(exchange.export(chosen[0].entries.all(), CSV_COLUMNS), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="subprocessors_{chosen[0].number or "draft"}.csv"'
        return response

    def get_urls(self) -> list[URLPattern]:
        read_in = self.admin_site.admin_view(self.read_in)
        return [path("import/", read_in, name="subprocessors_subprocessorlist_import"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().changelist_view(request, {**(extra_context or {}), "may_import": self.has_change_permission(request)})

    def read_in(self, request: HttpRequest) -> HttpResponse:
        """Read a CSV file into the draft by the same form and service as the desk."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        now, by = timezone.now(), cast(User, request.user)
        form = ImportForm(request.POST or None, request.FILES or None, draft=SubprocessorList.objects.drafts().first(), at=now)
        if form.is_valid():
            draft = services.draft_in_work(by=by, at=now)
            services.import_entries(draft=draft, entries=form.entries, replaces=form.cleaned_data["replaces"], by=by)
            return redirect("admin:subprocessors_subprocessorlist_changelist")
        context = {**self.admin_site.each_context(request), "title": _("Read in a CSV file"), "form": form}
        return TemplateResponse(request, "admin/subprocessors/import.html", context, status=422 if form.errors else 200)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.is_draft)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and obj is not None and obj.is_draft


class EntryAdminForm(TransferRules, forms.ModelForm):  # type: ignore[type-arg]
    """The table's fields with the checks of the desk's form."""

    channel_types = forms.MultipleChoiceField(
        label=_("channel types"),
        choices=lambda: list(ChannelType.objects.labels(get_language() or "de").items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


@admin.register(Subprocessor)
class SubprocessorAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Entries change while their list is a draft, by the desk's services; a bulk deletion could not tell, so there is none."""

    form = EntryAdminForm
    exclude = ("sort",)
    list_display = ["legal_name", "kind", "service_kind", "seat_country", "transfer_basis", "last_verified_at", "subprocessor_list"]
    list_filter = ["subprocessor_list", "kind", "service_kind", "transfer_basis"]
    list_select_related = ["subprocessor_list"]
    search_fields = ["legal_name", "service_name"]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.subprocessor_list.is_draft)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and obj is not None and obj.subprocessor_list.is_draft

    def save_model(self, request: HttpRequest, obj: Subprocessor, form: Any, change: Any) -> None:
        services.save_entry(entry=obj, by=cast(User, request.user))

    def delete_model(self, request: HttpRequest, obj: Subprocessor) -> None:
        services.remove_entry(entry=obj, by=cast(User, request.user))

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
