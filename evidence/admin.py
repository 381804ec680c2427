"""Reading the ledger in the admin; nothing there can change it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from evidence.canonical import NotCanonical
from evidence.models import Event, Seal


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Show rows; add, change and delete nothing, whoever asks."""

    show_full_result_count = False

    def has_add_permission(self, _request: HttpRequest, *_arguments: Any) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False


@admin.register(Event)
class EventAdmin(ReadOnly):
    list_display = ("number", "kind", "subject", "happened_at")
    fields = ("number", "kind", "subject", "happened_at", "canonical_text", "leaf_hash_digits", "commitment_digits")
    readonly_fields = fields
    ordering = ("-pk",)

    @admin.display(description=_("number"), ordering="pk")
    def number(self, event: Event) -> int:
        return event.pk

    @admin.display(description=_("kind"))
    def kind(self, event: Event) -> str:
        return field_of(event, "kind")

    @admin.display(description=_("subject"))
    def subject(self, event: Event) -> str:
        return field_of(event, "subject")

    @admin.display(description=_("happened at"))
    def happened_at(self, event: Event) -> str:
        return field_of(event, "happened_at")

    @admin.display(description=_("canonical form"))
    def canonical_text(self, event: Event) -> str:
        return event.canonical.decode(errors="backslashreplace")

    @admin.display(description=_("leaf hash"))
    def leaf_hash_digits(self, event: Event) -> str:
        return event.leaf_hash.hex()

    @admin.display(description=_("commitment to personal data"))
    def commitment_digits(self, event: Event) -> str | None:
        return event.commitment.hex() if event.commitment else None


@admin.register(Seal)
class SealAdmin(ReadOnly):
    list_display = ("size", "root_digits", "sealed_at")
    fields = ("size", "root_digits", "sealed_at")
    readonly_fields = fields
    ordering = ("-size",)

    @admin.display(description=_("root"))
    def root_digits(self, seal: Seal) -> str:
        return seal.root.hex()


def field_of(event: Event, name: str) -> str:
    """Return one field of the event; bytes that were tampered with are named as such, not hidden."""
    try:
        return str(event.content[name])
    except NotCanonical as error:
        return f"⚠ {error}"
