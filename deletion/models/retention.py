"""How long what stays may stay, and what stops an erasure: the operator's deletion concept as rows (DIN 66398)."""

from __future__ import annotations

import calendar
import datetime
import uuid
from typing import Any

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _


class RetentionRule(models.Model):
    """One type of data, exactly one rule: from which moment on, how long, under which norm."""

    class Start(models.TextChoices):
        COLLECTION = "collection", _("from the collection of the data")
        PROCESS = "process", _("from the end of the process that needed them")
        RELATIONSHIP = "relationship", _("from the end of the relationship with the customer")

    dataset = models.CharField(_("type of data"), max_length=80, unique=True)
    label_de = models.CharField(_("name, German"), max_length=200)
    label_en = models.CharField(_("name, English"), max_length=200)
    start = models.CharField(_("start of the period"), max_length=12, choices=Start)
    months = models.PositiveSmallIntegerField(_("period in months"), default=0)
    days = models.PositiveSmallIntegerField(_("period in days"), default=0)
    to_year_end = models.BooleanField(_("the period begins with the end of the calendar year"), default=False)
    norm_de = models.CharField(_("norm, German"), max_length=200)
    norm_en = models.CharField(_("norm, English"), max_length=200)
    reason_de = models.CharField(_("reason, German"), max_length=300)
    reason_en = models.CharField(_("reason, English"), max_length=300)

    class Meta:
        verbose_name = _("retention rule")
        verbose_name_plural = _("retention rules")
        ordering = ["dataset"]
        constraints = [
            models.CheckConstraint(
                condition=Q(start__in=["collection", "process", "relationship"]), name="deletion_rule_has_one_of_three_starts"
            ),
            models.CheckConstraint(
                condition=Q(months=0) | Q(days=0), name="deletion_rule_has_one_period"
            ),  # a rule with "or" is none (DIN 66398)
            models.CheckConstraint(
                condition=~Q(norm_de="") & ~Q(norm_en="") & ~Q(reason_de="") & ~Q(reason_en=""), name="deletion_rule_says_why"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return self.label_de if (get_language() or "de").startswith("de") else self.label_en

    @property
    def norm(self) -> str:
        """Return the norm as it is cited in the language of the page or the paper."""
        return self.norm_de if (get_language() or "de").startswith("de") else self.norm_en

    @property
    def reason(self) -> str:
        return self.reason_de if (get_language() or "de").startswith("de") else self.reason_en

    @property
    def period(self) -> str:
        """Return the period in words."""
        if self.months and self.months % 12 == 0:
            years = self.months // 12
            return ngettext("%(number)d year", "%(number)d years", years) % {"number": years}
        if self.months:
            return ngettext("%(number)d month", "%(number)d months", self.months) % {"number": self.months}
        return ngettext("%(number)d day", "%(number)d days", self.days) % {"number": self.days}

    def ends(self, start: datetime.datetime) -> datetime.date:
        """Return the last day on which the data may be kept when the period began at this moment (§ 147(4) AO: from the year's end)."""
        first = timezone.localdate(start)
        if self.to_year_end:
            first = datetime.date(first.year, 12, 31)
        if not self.months:
            return first + datetime.timedelta(days=self.days)
        year, month = divmod(first.year * 12 + first.month - 1 + self.months, 12)
        return datetime.date(year, month + 1, min(first.day, calendar.monthrange(year, month + 1)[1]))


class LegalHoldQuerySet(models.QuerySet["LegalHold"]):
    def standing(self, customer_reference: uuid.UUID) -> LegalHoldQuerySet:
        """Return the holds on the company that nobody has released."""
        return self.filter(customer_reference=customer_reference, released_at=None)

    def held_accounts(self) -> models.QuerySet[LegalHold, Any]:
        """Return the references of all companies on which a hold stands, for other queries."""
        return self.filter(released_at=None).values("customer_reference")


class LegalHold(models.Model):
    """Something that forbids an erasure for now, such as a court's order; it also stops one that runs, before its next chunk."""

    class Ground(models.TextChoices):
        OBLIGATION = "obligation", _("Legal obligation (Art. 17(3)(b) GDPR)")
        CLAIMS = "claims", _("Legal claims (Art. 17(3)(e) GDPR)")
        AUTHORITY = "authority", _("Order of a court or authority")

    reference = models.UUIDField(unique=True, editable=False, db_default=RandomUUID())
    customer_reference = models.UUIDField(_("customer’s reference"), db_index=True)
    ground = models.CharField(_("ground"), max_length=10, choices=Ground)
    file_number = models.CharField(_("file number"), max_length=80)
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("placed by"))
    placed_at = models.DateTimeField(_("placed at"))
    review_date = models.DateField(_("to be reviewed on"))
    review_moved_at = models.DateTimeField(_("review moved at"), null=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("released by"))
    released_at = models.DateTimeField(_("released at"), null=True)

    objects = LegalHoldQuerySet.as_manager()

    class Meta:
        default_permissions = ("add", "view")
        verbose_name = _("legal hold")
        verbose_name_plural = _("legal holds")
        ordering = ["-placed_at"]
        constraints = [
            models.CheckConstraint(condition=Q(ground__in=["obligation", "claims", "authority"]), name="deletion_hold_ground_known"),
            models.CheckConstraint(condition=Q(released_by=None) | Q(released_at__isnull=False), name="deletion_hold_released_with_time"),
        ]

    def __str__(self) -> str:
        return self.file_number
