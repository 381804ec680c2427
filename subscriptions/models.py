"""Who agreed to messages of which company, when and to which text (Art. 7(1) GDPR); processed on the company's behalf."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from customers.models import Channel, ChannelType, Customer
from privacy_text.models import SampleText

HASH_IS_SHA256 = r"^[0-9a-f]{64}$"
HASH_IS_SHA256_OR_EMPTY = r"^([0-9a-f]{64})?$"


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def active(self) -> SubscriptionQuerySet:
        return self.filter(cancelled_at=None)

    def of_identifier(self, digests: list[str]) -> SubscriptionQuerySet:
        """Return the subscriptions of an identifier by its keyed hashes, the newest first."""
        return self.filter(identifier_sha256__in=digests).order_by("-registered_at", "-pk")

    def numbers(self, customer: Customer) -> models.QuerySet[Any, Any]:
        """Count the company's subscriptions by type of channel."""
        counted = self.filter(customer=customer).values("channel_type__label_de", "channel_type__label_en", "channel_type__sort")
        ended = Q(cancelled_at__isnull=False)
        return counted.annotate(active=models.Count("pk", filter=~ended), ended=models.Count("pk", filter=ended)).order_by(
            "channel_type__sort"
        )

    def with_proof(self, at: datetime.datetime) -> SubscriptionQuerySet:
        """Load what the desk shows, and until when the identifier is suppressed in this place, in one query."""
        blocked = Suppression.objects.alias(place=Coalesce("channel", 0)).filter(
            customer=models.OuterRef("customer"),
            channel_type=models.OuterRef("channel_type"),
            place=Coalesce(models.OuterRef("channel"), 0),  # without a channel is a place too
            identifier_sha256=models.OuterRef("identifier_sha256"),
            until__gt=at,
        )
        return self.select_related("customer", "channel_type", "channel", "opt_in_text_version", "cancelled_by").annotate(
            suppressed_until=models.Subquery(blocked.values("until")[:1]),
            shown=models.Count("activity", filter=Q(activity__kind="shown")),
            clicked=models.Count("activity", filter=Q(activity__kind="clicked")),
        )


class Subscription(models.Model):
    """One subscription of one device or messenger account; after its end only the keyed hash of the identifier stays, as proof."""

    class Why(models.TextChoices):
        WITHDRAWN = "withdrawn", _("The subscriber withdrew consent")
        OBJECTED = "objected", _("The subscriber objected to the processing")
        INSTRUCTED = "instructed", _("The customer instructed us")
        INVALID = "invalid", _("The subscription was made without the subscriber")

    class Way(models.TextChoices):
        DESK = "desk", _("the provider’s support")
        API = "api", _("the customer’s system")

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="subscriptions", verbose_name=_("customer"), db_index=False)
    channel_type = models.ForeignKey(ChannelType, models.PROTECT, related_name="+", verbose_name=_("channel type"))
    channel = models.ForeignKey(Channel, models.PROTECT, null=True, blank=True, related_name="subscriptions", verbose_name=_("channel"))
    identifier = models.TextField(_("identifier"), blank=True)
    identifier_sha256 = models.CharField(_("keyed hash of the identifier"), max_length=64, editable=False)
    registered_at = models.DateTimeField(_("registered at"))
    topic = models.CharField(_("topic"), max_length=100, blank=True)
    opt_in_text_version = models.ForeignKey(
        SampleText, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("sample text that was shown")
    )
    opt_in_label = models.CharField(_("version of the customer’s own text"), max_length=60, blank=True)
    opt_in_sha256 = models.CharField(_("SHA-256 of the text that was shown"), max_length=64, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True)
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("cancelled by"))
    cancelled_through = models.CharField(_("cancelled through"), max_length=4, choices=Way, blank=True)
    cancelled_why = models.CharField(_("reason of the cancellation"), max_length=12, choices=Why, blank=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        permissions = [("cancel_subscription", "Can cancel subscriptions")]
        indexes = [models.Index(fields=["identifier_sha256"], name="subscriptions_by_identifier")]
        constraints = [
            # The chunks of an erasure walk along it, and activity refers to it: a row of activity is of its subscription's company.
            models.UniqueConstraint(fields=["customer", "id"], name="subscriptions_by_customer"),
            models.UniqueConstraint(
                fields=["customer", "channel_type", "channel", "identifier_sha256"],
                condition=Q(cancelled_at=None),
                nulls_distinct=False,
                name="subscriptions_one_active",
            ),
            models.CheckConstraint(condition=Q(identifier_sha256__regex=HASH_IS_SHA256), name="subscriptions_identifier_is_hashed"),
            models.CheckConstraint(
                condition=Q(cancelled_at=None, cancelled_why="", cancelled_by=None, cancelled_through="")
                | (Q(cancelled_at__isnull=False) & ~Q(cancelled_why="") & ~Q(cancelled_through="")),
                name="subscriptions_cancelled_with_time_and_reason",
            ),
            models.CheckConstraint(
                condition=(Q(cancelled_at=None) & ~Q(identifier="")) | Q(cancelled_at__isnull=False, identifier=""),
                name="subscriptions_identifier_until_cancelled",
            ),
            models.CheckConstraint(condition=Q(opt_in_sha256__regex=HASH_IS_SHA256_OR_EMPTY), name="subscriptions_text_is_hashed"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Activity(models.Model):
    """A message was shown or clicked; written only while the customer's switch allows it. Carries the account's key itself."""

    class Kind(models.TextChoices):
        SHOWN = "shown", _("shown")
        CLICKED = "clicked", _("clicked")

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="activity", verbose_name=_("customer"), db_index=False)
    # The constraint stands in migration 0006, over the company's key too. ON DELETE CASCADE costs one look-up per parent, not two.
    subscription = models.ForeignKey(
        Subscription, models.CASCADE, related_name="activity", verbose_name=_("subscription"), db_constraint=False
    )
    kind = models.CharField(_("kind"), max_length=7, choices=Kind)
    message = models.CharField(_("message"), max_length=60, blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("activity of a subscriber")
        verbose_name_plural = _("activities of subscribers")
        indexes = [models.Index(fields=["customer", "id"], name="subscriptions_activity_account")]
        constraints = [models.CheckConstraint(condition=Q(kind__in=["shown", "clicked"]), name="subscriptions_activity_kind_known")]

    def __str__(self) -> str:
        return self.kind


class Suppression(models.Model):
    """An identifier that ended or was erased: for a set time a stale client cannot bring it back. Holds its keyed hash alone."""

    class Reason(models.TextChoices):
        CANCELLED = "cancelled", _("the subscription was cancelled")
        ERASED = "erased", _("the subscription was erased")

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="suppressions", verbose_name=_("customer"), db_index=False)
    channel_type = models.ForeignKey(ChannelType, models.PROTECT, related_name="+", verbose_name=_("channel type"))
    channel = models.ForeignKey(Channel, models.PROTECT, null=True, related_name="+", verbose_name=_("channel"))
    identifier_sha256 = models.CharField(_("keyed hash of the identifier"), max_length=64)
    reason = models.CharField(_("reason"), max_length=9, choices=Reason)
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"), db_index=True)

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("suppressed identifier")
        verbose_name_plural = _("suppressed identifiers")
        indexes = [models.Index(fields=["customer", "id"], name="subscriptions_suppr_account")]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "identifier_sha256", "channel_type", "channel"],
                nulls_distinct=False,
                name="subscriptions_suppressed_once",
            ),
            models.CheckConstraint(condition=Q(identifier_sha256__regex=HASH_IS_SHA256), name="subscriptions_suppressed_by_hash"),
            models.CheckConstraint(condition=Q(until__gt=models.F("since")), name="subscriptions_suppression_ends"),
            models.CheckConstraint(condition=Q(reason__in=["cancelled", "erased"]), name="subscriptions_suppression_reason_known"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class StatisticsSwitch(models.Model):
    """Whether the customer wants activity recorded; without a row it is off, as Art. 25(2) GDPR asks."""

    customer = models.OneToOneField(Customer, models.CASCADE, related_name="statistics_switch", verbose_name=_("customer"))
    is_on = models.BooleanField(_("activity is recorded"), default=False)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("changed by"))
    changed_at = models.DateTimeField(_("changed at"))

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("switch for statistics")
        verbose_name_plural = _("switches for statistics")

    def __str__(self) -> str:
        return str(self.pk)
