"""Erasures of one subscriber or one person, and ended subscriptions, in the second database: what a restored backup brings back."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class LedgerErasure(models.Model):
    """In the second database: from this moment on these data were gone, or this consent withdrawn. Holds keyed hashes and random references."""

    append_only = True
    in_ledger = True

    class Kind(models.TextChoices):
        CANCELLED = "cancelled", _("subscription cancelled")
        SUBSCRIBER = "subscriber", _("subscriber erased")
        PERSON = "person", _("person with a login erased")

    reference = models.UUIDField(_("reference"), db_index=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    case_reference = models.CharField(_("request on the desk"), max_length=24, blank=True)
    customer_reference = models.UUIDField(_("customer’s reference"), null=True)
    channel_type = models.CharField(_("channel type"), max_length=40, blank=True)
    channel = models.UUIDField(_("channel"), null=True)
    person_reference = models.UUIDField(_("reference of the person"), null=True)
    hashes = ArrayField(models.CharField(max_length=64), verbose_name=_("keyed hashes"))
    through = models.CharField(_("cancelled through"), max_length=4, blank=True)
    why = models.CharField(_("reason of the cancellation"), max_length=12, blank=True)
    happened_at = models.DateTimeField(_("happened at"))
    written_at = models.DateTimeField(_("written at"), db_default=Now(), db_index=True)

    class Meta:
        default_permissions = ()
        db_table = "customers_ledger_erasure"
        verbose_name = _("single erasure in the ledger of erasures")
        verbose_name_plural = _("single erasures in the ledger of erasures")

    def __str__(self) -> str:
        return str(self.reference)


class SingleErasure(models.Model):
    """In the portal: this erasure was begun here. An entry of the ledger without its row here is younger than the portal's own data."""

    reference = models.UUIDField(_("reference"), unique=True)
    begun_at = models.DateTimeField(_("begun at"), db_index=True)

    class Meta:
        default_permissions = ()
        verbose_name = _("single erasure that was begun")
        verbose_name_plural = _("single erasures that were begun")

    def __str__(self) -> str:
        return str(self.reference)
