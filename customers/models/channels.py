"""The ways in which a company sends messages: a website, an app, a messenger account."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models.parties import Customer
from customers.models.people import User


class ChannelQuerySet(models.QuerySet["Channel"]):
    """Channels by where they stand."""

    def kept(self) -> ChannelQuerySet:
        """Return channels that were not removed."""
        return self.filter(removed_at=None)

    def active(self) -> ChannelQuerySet:
        return self.kept().exclude(activated_at=None)


class Channel(models.Model):
    """One channel of a company.

    The type is the key of a ``ChannelType``: the database holds the foreign key, Python holds the word. The public identifier is
    random: addresses of embedded texts tell nothing and cannot be guessed.
    """

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="channels", verbose_name=_("customer"))
    channel_type = models.SlugField(_("channel type"), max_length=40)
    name = models.CharField(_("name"), max_length=100)
    address = models.URLField(_("address of the website or app"), blank=True, default="")
    privacy_url = models.URLField(_("address of the privacy notice"), blank=True, default="")
    public_id = models.UUIDField(_("public identifier"), default=uuid.uuid4, unique=True, editable=False)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("created by"))
    created_at = models.DateTimeField(_("created"))
    activated_at = models.DateTimeField(_("active since"), null=True, blank=True, editable=False)
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True, editable=False)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(name="channel_has_a_name", condition=~Q(name="")),
            models.CheckConstraint(name="channel_removed_is_not_active", condition=Q(removed_at=None) | Q(activated_at=None)),
            models.UniqueConstraint(name="channel_name_once", fields=["customer", "name"], condition=Q(removed_at=None)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.activated_at is not None

    def may_be_activated(self, at: datetime) -> bool:
        """Say whether the company's agreement is in force: without it nothing may be processed (Art. 28(3) GDPR)."""
        return self.removed_at is None and self.customer.agreement_valid_until > at
