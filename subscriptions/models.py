"""Who agreed to messages of which company, when and to which text (Art. 7(1) GDPR); processed on the company's behalf."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from privacy_text.models import ChannelType, SampleText

HASH_IS_SHA256 = r"^[0-9a-f]{64}$"


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def active(self) -> SubscriptionQuerySet:
        return self.filter(cancelled_at=None)

    def of_identifier(self, digests: list[str]) -> SubscriptionQuerySet:
        """Return the subscriptions of an identifier by its keyed hashes, the newest first."""
        return self.filter(identifier_sha256__in=digests).order_by("-registered_at", "-pk")


class Subscription(models.Model):
    """One subscription of one device or messenger account; after its end only the keyed hash of the identifier stays, as proof."""

    class Why(models.TextChoices):
        WITHDRAWN = "withdrawn", _("The subscriber withdrew consent")
        OBJECTED = "objected", _("The subscriber objected to the processing")
        INSTRUCTED = "instructed", _("The customer instructed us")
        INVALID = "invalid", _("The subscription was made without the subscriber")

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="subscriptions", verbose_name=_("customer"), db_index=False)
    channel_type = models.ForeignKey(ChannelType, models.PROTECT, related_name="+", verbose_name=_("channel type"))
    identifier = models.TextField(_("identifier"), blank=True)
    identifier_sha256 = models.CharField(_("keyed hash of the identifier"), max_length=64, editable=False)
    registered_at = models.DateTimeField(_("registered at"))
    opt_in_text_version = models.ForeignKey(
        SampleText, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("sample text that was shown")
    )
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True)
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("cancelled by"))
    cancelled_why = models.CharField(_("reason of the cancellation"), max_length=12, choices=Why, blank=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        permissions = [("cancel_subscription", "Can cancel subscriptions")]
        indexes = [
            models.Index(fields=["customer", "id"], name="subscriptions_by_customer"),
            models.Index(fields=["identifier_sha256"], name="subscriptions_by_identifier"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "channel_type", "identifier_sha256"], condition=Q(cancelled_at=None), name="subscriptions_one_active"
            ),
            models.CheckConstraint(condition=Q(identifier_sha256__regex=HASH_IS_SHA256), name="subscriptions_identifier_is_hashed"),
            models.CheckConstraint(
                condition=Q(cancelled_at=None, cancelled_why="", cancelled_by=None)
                | (Q(cancelled_at__isnull=False) & ~Q(cancelled_why="")),
                name="subscriptions_cancelled_with_time_and_reason",
            ),
            models.CheckConstraint(
                condition=(Q(cancelled_at=None) & ~Q(identifier="")) | Q(cancelled_at__isnull=False, identifier=""),
                name="subscriptions_identifier_until_cancelled",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
