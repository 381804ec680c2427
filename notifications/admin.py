"""Deliveries for the people at the desk: what went out, what failed, and once more."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from notifications import services
from notifications.kinds import NAMES
from notifications.models import Delivery


class KindFilter(admin.SimpleListFilter):
    """The kinds of mails by their names."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return sorted(((kind, str(name)) for kind, name in NAMES.items()), key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Delivery)
class DeliveryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Read-only; what a mail says is left out, since the desk needs to know only whether it arrived."""

    list_display = ["created_at", "kind_name", "recipient", "language", "state", "attempts", "last_error", "sent_at"]
    list_filter = ["state", KindFilter, "language"]
    search_fields = ["recipient", "key", "message_id"]
    date_hierarchy = "created_at"
    fields = readonly_fields = (
        "key",
        "kind_name",
        "recipient",
        "language",
        "state",
        "attempts",
        "last_error",
        "message_id",
        "created_at",
        "sent_at",
        "files",
    )
    actions = ["send_again", "note_bounce"]

    @admin.display(description=_("kind"), ordering="kind")
    def kind_name(self, delivery: Delivery) -> str:
        return delivery.kind_name

    @admin.display(description=_("files"))
    def files(self, delivery: Delivery) -> str:
        return ", ".join(delivery.file_names)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        return False

    @admin.action(description=_("Send again"), permissions=["change"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        chosen = list(queryset.filter(state=Delivery.State.FAILED))
        for delivery in chosen:
            services.send_again(delivery=delivery)
        text = ngettext("%(count)d delivery is being sent again.", "%(count)d deliveries are being sent again.", len(chosen))
        self.message_user(request, text % {"count": len(chosen)}, messages.SUCCESS)

    @admin.action(description=_("Note that it came back"), permissions=["change"])
    def note_bounce(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        chosen = list(queryset.filter(state=Delivery.State.SENT))
        for delivery in chosen:
            services.note_bounce(delivery=delivery)
        text = ngettext("%(count)d delivery is marked as returned.", "%(count)d deliveries are marked as returned.", len(chosen))
        self.message_user(request, text % {"count": len(chosen)}, messages.SUCCESS)
