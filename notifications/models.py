"""Who was told what, and whether it went out: one row per recipient and message."""

from __future__ import annotations

import datetime
import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from notifications.kinds import name_of
from publishing.placeholders import as_header


class Topic(models.TextChoices):
    """What visitors can be told about."""

    SUBPROCESSORS = "subprocessors", _("Subprocessors")
    MEASURES = "measures", _("Technical and organisational measures")
    AGREEMENT = "agreement", _("Data processing agreement")


class Broadcast(models.Model):
    """One message to many: what it says is kept once per language, beside the deliveries that carry it."""

    key = models.CharField(_("key"), max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=60)
    content = models.JSONField(_("content by language"), default=dict)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("broadcast")
        verbose_name_plural = _("broadcasts")

    def __str__(self) -> str:
        return self.key


class UpdateSubscriptionQuerySet(models.QuerySet["UpdateSubscription"]):
    def confirmed(self) -> UpdateSubscriptionQuerySet:
        return self.exclude(confirmed_at=None)

    def never_confirmed(self, asked_before: datetime.datetime) -> UpdateSubscriptionQuerySet:
        return self.filter(confirmed_at=None, asked_at__lt=asked_before)


class UpdateSubscription(models.Model):
    """A visitor who wants to hear of changes: asked once, confirmed by the mail's link, deleted when it ends.

    The random number is the only thing that links carry, and they carry it signed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    topics = ArrayField(models.CharField(max_length=20, choices=Topic), verbose_name=_("topics"))
    asked_at = models.DateTimeField(_("asked at"))
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)

    objects = UpdateSubscriptionQuerySet.as_manager()

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("subscription to updates")
        verbose_name_plural = _("subscriptions to updates")
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower(F("email"))), name="notifications_subscription_email_lower_case"),
            models.CheckConstraint(
                condition=Q(topics__contained_by=Topic.values, topics__len__gt=0), name="notifications_subscription_topics_known"
            ),
            models.CheckConstraint(condition=Q(language__in=["de", "en"]), name="notifications_subscription_language_known"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Deliveries by what became of them."""

    def waiting(self) -> DeliveryQuerySet:
        return self.filter(state=Delivery.State.QUEUED)

    def failed(self) -> DeliveryQuerySet:
        return self.filter(state=Delivery.State.FAILED)

    def retried(self) -> DeliveryQuerySet:
        """Deliveries that failed at least once and are tried again."""
        return self.waiting().filter(attempts__gt=0)

    def to(self, address: str) -> DeliveryQuerySet:
        return self.filter(recipient__iexact=address)


class Delivery(models.Model):
    """One message to one recipient; what it says is made from its kind and context when it is sent."""

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        BOUNCED = "bounced", _("bounced")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(_("key"), max_length=190, unique=True)
    recipient = models.EmailField(_("recipient"))
    customer = models.ForeignKey(
        Customer, models.CASCADE, null=True, blank=True, editable=False, related_name="deliveries", verbose_name=_("customer")
    )
    broadcast = models.ForeignKey(
        Broadcast, models.PROTECT, null=True, blank=True, editable=False, related_name="deliveries", verbose_name=_("broadcast")
    )
    subscription = models.ForeignKey(
        UpdateSubscription, models.CASCADE, null=True, blank=True, editable=False, related_name="deliveries", verbose_name=_("subscription")
    )
    kind = models.CharField(_("kind"), max_length=60)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    context = models.JSONField(_("context"), default=dict, blank=True)
    attachments = models.JSONField(_("attachments"), default=list, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.CharField(_("last error"), max_length=40, blank=True, default="")
    message_id = models.CharField(_("Message-ID"), max_length=200, unique=True)
    created_at = models.DateTimeField(_("created at"))
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["state", "-created_at"], name="notifications_by_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["sent", "bounced"], sent_at__isnull=False) | Q(state__in=["queued", "failed"], sent_at=None),
                name="notifications_delivery_sent_and_time_together",
            ),
            models.CheckConstraint(condition=~Q(state="failed") | ~Q(last_error=""), name="notifications_delivery_failed_with_error"),
            models.CheckConstraint(condition=Q(language__in=["de", "en"]), name="notifications_delivery_language_known"),
            # The kind names template files, so it can hold no path.
            models.CheckConstraint(condition=Q(kind__regex=r"^[a-z][a-z0-9_]*$"), name="notifications_delivery_kind_is_a_name"),
            models.CheckConstraint(condition=~Q(recipient__regex=r"[[:cntrl:]]"), name="notifications_delivery_recipient_one_line"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def kind_name(self) -> str:
        return name_of(self.kind)

    @property
    def is_retried(self) -> bool:
        """Say whether it failed and is tried again."""
        return self.state == self.State.QUEUED and self.attempts > 0

    @property
    def file_names(self) -> list[str]:
        """The attachments' names, each on one line."""
        return [as_header(attachment["filename"]) for attachment in self.attachments]
