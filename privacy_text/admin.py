"""Sample texts in the admin: texts of a draft change through the same services as at the desk, what was published is there to read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from privacy_text import services
from privacy_text.linting import NEVER_VERIFIED
from privacy_text.models import (
    ChannelText,
    LengthLimit,
    Operator,
    PassageSection,
    Placement,
    SampleText,
    SampleTextPart,
    TextUpdate,
)
from publishing.models import State


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Versions come into being and are published by the services alone, which ask for a second person."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RowOfVersionAdmin(ReadOnlyAdmin):
    """Texts and sections change while their version is a draft; whoever changes one is among its authors."""

    list_filter = ["version", "channel_type"]
    list_select_related = ["channel_type", "version"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = admin.ModelAdmin.has_change_permission(self, request, obj)
        return may and (obj is None or obj.version.state == State.DRAFT)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001  # Django's signature
        services.save_row(row=obj, by=request.user)  # type: ignore[arg-type]  # the admin lets staff alone in


class DatedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What is publicly known is added and corrected; nothing is deleted, since earlier days must stay readable."""

    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(SampleText)
class SampleTextAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "state", "effective_date", "created_at", "approved_at", "published_at"]
    list_filter = ["state"]


@admin.register(SampleTextPart)
class SampleTextPartAdmin(RowOfVersionAdmin):
    list_display = ["channel_type", "language", "kind", "text", "version"]
    readonly_fields = ["version", "channel_type", "language", "kind"]


@admin.register(PassageSection)
class PassageSectionAdmin(RowOfVersionAdmin):
    list_display = ["key", "channel_type", "heading_de", "conditions", "version"]
    readonly_fields = ["version", "channel_type", "key", "recipients", "facts", "sort"]
    readonly_fields += ["when_statistics", "when_segments", "when_profile", "when_recipients"]


@admin.register(Operator)
class OperatorAdmin(DatedAdmin):
    """Passages print these rows: what nobody verified says so, and a corrected row waits to be verified again."""

    list_display = ["legal_name", "verified", "service_name", "role", "address", "valid_from", "valid_to"]
    list_filter = ["channel_types", ("last_verified_at", admin.EmptyFieldListFilter)]
    readonly_fields = ["verified"]
    exclude = ["last_verified_at"]
    actions = ["verify"]

    @admin.display(description=_("verification"), ordering="last_verified_at")
    def verified(self, row: Operator) -> str:
        if row.last_verified_at is None:
            return str(NEVER_VERIFIED)
        return gettext("last verified: %(day)s") % {"day": date_format(timezone.localtime(row.last_verified_at), "DATE_FORMAT")}

    @admin.action(description=_("I have verified these rows today"), permissions=["change"])
    def verify(self, request: HttpRequest, queryset: QuerySet[Operator]) -> None:
        """Note who checked which rows against a source, and when."""
        for row in queryset:
            row.last_verified_at = timezone.now()
            row.save(update_fields=["last_verified_at"])
            self.log_change(request, row, "verified")
        self.message_user(request, _("Noted: verified today."))

    def save_model(self, request: HttpRequest, obj: Operator, form: Any, change: bool) -> None:  # noqa: FBT001  # Django's signature
        if form.changed_data:
            obj.last_verified_at = None
        super().save_model(request, obj, form, change)


@admin.register(LengthLimit)
class LengthLimitAdmin(DatedAdmin):
    list_display = ["platform", "channel_type", "part", "characters"]
    list_filter = ["channel_type"]
    list_select_related = ["channel_type"]


@admin.register(ChannelText)
class ChannelTextAdmin(ReadOnlyAdmin):
    list_display = ["channel", "kind", "language", "number", "sample_text", "origin", "saved_at"]
    list_filter = ["kind", "language", "origin", "sample_text"]
    list_select_related = ["channel", "sample_text"]
    search_fields = ["channel__customer__legal_name", "channel__name"]


@admin.register(TextUpdate)
class TextUpdateAdmin(ReadOnlyAdmin):
    list_display = ["channel", "kind", "language", "sample_text", "found_at", "applies_at", "settled_at"]
    list_filter = ["kind", "language", "sample_text"]
    list_select_related = ["channel", "sample_text"]


@admin.register(Placement)
class PlacementAdmin(ReadOnlyAdmin):
    list_display = ["channel", "updates", "page_url", "found", "checked_at", "taken_out_at"]
    list_filter = ["updates", "found"]
    list_select_related = ["channel"]
