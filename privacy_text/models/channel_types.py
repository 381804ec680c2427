"""Who operates channels of a type, and how long a text may be there: data, as the types are (``customers.models.ChannelType``)."""

from __future__ import annotations

import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from customers.models import ChannelType


class OperatorQuerySet(models.QuerySet["Operator"]):
    def in_force(self, on: datetime.date) -> OperatorQuerySet:
        """Return the companies as they were named on that day."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=on), valid_from__lte=on)

    def for_channel_type(self, channel_type: ChannelType) -> OperatorQuerySet:
        return self.filter(channel_types=channel_type)

    def unverified(self) -> OperatorQuerySet:
        """Return companies whose details nobody of the provider has checked, as those are that the portal ships with."""
        return self.filter(last_verified_at=None)


class Operator(models.Model):
    """A company that operates what messages pass through and decides for itself: a messenger, a push service (Art. 13(1)(e) GDPR).

    Names change: each row is one company under one name from one day to another, both included.
    """

    class Role(models.TextChoices):
        OPERATOR = "operator", _("operator")
        AFFILIATE = "affiliate", _("company of the operator's group")

    key = models.SlugField(_("key"), max_length=60)
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.OPERATOR)
    channel_types = models.ManyToManyField(ChannelType, related_name="operators", verbose_name=_("channel types"))
    legal_name = models.CharField(_("legal name"), max_length=200)
    service_name = models.CharField(_("name of the service"), max_length=200, blank=True, default="")
    address = models.CharField(_("address"), max_length=300, blank=True, default="")
    representative_de = models.CharField(_("representative in the EU (Art. 27 GDPR), German"), max_length=300, blank=True, default="")
    representative_en = models.CharField(_("representative in the EU (Art. 27 GDPR), English"), max_length=300, blank=True, default="")
    seat_country = models.CharField(_("country of the seat"), max_length=2)
    transfer_de = models.TextField(_("transfer to third countries (German)"), blank=True, default="")
    transfer_en = models.TextField(_("transfer to third countries (English)"), blank=True, default="")
    policy_url = models.URLField(_("privacy policy"), blank=True, default="")
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    last_verified_at = models.DateTimeField(_("last verified"), null=True, blank=True)
    sort = models.PositiveSmallIntegerField(_("position"), default=0)

    objects = OperatorQuerySet.as_manager()

    class Meta:
        default_permissions = ("view", "add", "change")
        verbose_name = _("operator")
        verbose_name_plural = _("operators")
        ordering = ["sort", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=Q(valid_to=None), name="privacy_text_operator_one_name_today"),
            models.UniqueConstraint(fields=["key", "valid_from"], name="privacy_text_operator_one_name_per_day"),
            models.CheckConstraint(condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="privacy_text_operator_ends_later"),
            models.CheckConstraint(condition=Q(seat_country__regex=r"^[A-Z]{2}$"), name="privacy_text_operator_seat_is_a_country"),
            models.CheckConstraint(condition=Q(role__in=["operator", "affiliate"]), name="privacy_text_operator_role_known"),
        ]

    def __str__(self) -> str:
        return self.legal_name

    @property
    def is_verified(self) -> bool:
        return self.last_verified_at is not None

    def representative(self, language: str) -> str:
        return self.representative_de if language == "de" else self.representative_en

    def transfer(self, language: str) -> str:
        return self.transfer_de if language == "de" else self.transfer_en


class LengthLimit(models.Model):
    """How many characters of a text a platform shows or takes; counters warn beyond it."""

    channel_type = models.ForeignKey(ChannelType, models.CASCADE, related_name="length_limits", verbose_name=_("channel type"))
    part = models.CharField(_("text"), max_length=20)
    platform = models.CharField(_("platform"), max_length=120)
    characters = models.PositiveIntegerField(_("characters"))
    source_url = models.URLField(_("source"), blank=True, default="")

    class Meta:
        default_permissions = ("view", "add", "change")
        verbose_name = _("limit of length")
        verbose_name_plural = _("limits of length")
        ordering = ["characters", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["channel_type", "part", "platform"], name="privacy_text_limit_once"),
            models.CheckConstraint(condition=Q(characters__gt=0), name="privacy_text_limit_is_a_length"),
        ]

    def __str__(self) -> str:
        return f"{self.platform}: {self.characters}"
