"""What each customer was told of an announced change (Art. 28(2) GDPR): periods, objections, and decisions to go on regardless."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from notifications.models import Delivery
from subprocessors.models.announcement import Announcement
from subprocessors.models.terms import Authorisation


class NoticeQuerySet(models.QuerySet["Notice"]):
    def with_facts(self) -> NoticeQuerySet:
        """Add what decides whether a notice stands in the way of the change."""
        objections = Objection.objects.filter(notice=OuterRef("pk"))
        sent = Delivery.objects.filter(
            customer=OuterRef("customer"), broadcast=OuterRef("announcement__broadcast"), state=Delivery.State.SENT
        )
        return self.annotate(
            has_open_objection=Exists(objections.filter(state__in=Objection.OPEN)),
            was_delivered=Exists(sent),
        )

    def blocking(self, today: datetime.date) -> NoticeQuerySet:
        """Notices of open accounts that stand in the way, unless somebody decided for this customer with a reason.

        Customers who joined after the announcement hold up nobody else: for them alone the change begins later.
        """
        obstacle = (
            Q(has_open_objection=True)
            | Q(may_start_date__gt=today)
            | Q(authorisation=Authorisation.SPECIFIC, consented_at=None)
            | Q(was_delivered=False, seen_at=None)
        )
        return self.with_facts().filter(obstacle, override=None, is_late=False, is_information=False, customer__closed_at=None)

    def undecided(self, now: datetime.datetime) -> NoticeQuerySet:
        """Notices to which somebody can still object, and nobody has, nor consented."""
        return self.filter(
            is_information=False,
            announcement__state__in=[Announcement.State.NOTICE, Announcement.State.ACTIVE],
            objection_ends_at__gt=now,
            consented_at=None,
            objections=None,
        )


class Notice(models.Model):
    """One customer was told of an announcement: until when it may object, and from which day on the change may begin for it."""

    announcement = models.ForeignKey(Announcement, models.CASCADE, related_name="notices", verbose_name=_("announcement"))
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="notices", verbose_name=_("customer"))
    told_date = models.DateField(_("told on"))
    notice_ends_date = models.DateField(_("end of the notice period"))
    objection_ends_date = models.DateField(_("end of the objection period"))
    objection_ends_at = models.DateTimeField(_("moment at which the objection period ends"))
    may_start_date = models.DateField(_("may begin on"))
    is_shortened = models.BooleanField(_("shortened for urgency"), default=False)
    is_information = models.BooleanField(_("for information only"), default=False)
    is_late = models.BooleanField(_("joined after the announcement"), default=False)
    authorisation = models.CharField(_("authorisation"), max_length=8, choices=Authorisation)
    terms_source = models.CharField(_("terms from"), max_length=40)
    seen_at = models.DateTimeField(_("opened in the portal at"), null=True, blank=True)
    consented_at = models.DateTimeField(_("consented at"), null=True, blank=True)
    consented_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("consented by")
    )

    objects = NoticeQuerySet.as_manager()

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("notice to a customer")
        verbose_name_plural = _("notices to customers")
        constraints = [
            models.UniqueConstraint(fields=["announcement", "customer"], name="subprocessors_notice_once_per_customer"),
            models.CheckConstraint(
                condition=Q(may_start_date__gt=models.F("told_date")) | Q(is_information=True), name="subprocessors_notice_before_the_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.announcement_id}-{self.customer_id}"

    def can_object(self, now: datetime.datetime) -> bool:
        """Say whether the objection period runs; its last day counts whole."""
        is_open = self.announcement.state in (Announcement.State.NOTICE, Announcement.State.ACTIVE)
        return is_open and not self.is_information and now < self.objection_ends_at

    def starts_date(self) -> datetime.date:
        """Return the day on which the change begins for this customer at the earliest."""
        return max(self.may_start_date, self.announcement.starts_date)


class Objection(models.Model):
    """A customer objects to a change, with grounds; what was answered and how it ended."""

    class State(models.TextChoices):
        RECEIVED = "received", _("received")
        ANSWERED = "answered", _("remedy proposed")
        REMEDIED = "remedied", _("settled: the remedy was accepted")
        UPHELD = "upheld", _("upheld: the change does not apply to you")
        TERMINATED = "terminated", _("ended with the contract")
        WITHDRAWN = "withdrawn", _("withdrawn")

    OPEN = ("received", "answered")

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    notice = models.ForeignKey(Notice, models.CASCADE, related_name="objections", verbose_name=_("notice"))
    grounds = models.TextField(_("grounds"), max_length=4000)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RECEIVED)
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("raised by"))
    raised_at = models.DateTimeField(_("raised at"))
    solve_by_date = models.DateField(_("to be solved by"))
    answer = models.TextField(_("answer"), blank=True, default="", max_length=4000)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("answered by")
    )
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    outcome = models.TextField(_("outcome"), blank=True, default="", max_length=4000)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("closed by")
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        default_permissions = ("view",)
        permissions = [("decide_objection", "Can answer and close objections")]
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        ordering = ["-raised_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["notice"], condition=Q(state__in=["received", "answered"]), name="subprocessors_objection_one_open_per_notice"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["received", "answered"], closed_at=None)
                | Q(state__in=["remedied", "upheld", "terminated", "withdrawn"], closed_at__isnull=False),
                name="subprocessors_objection_closed_with_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="answered") | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="subprocessors_objection_answered_in_words",
            ),
            models.CheckConstraint(condition=~Q(grounds=""), name="subprocessors_objection_has_grounds"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN


class Override(models.Model):
    """Somebody decided that a change begins although one customer's notice stands against it, and says why."""

    notice = models.OneToOneField(Notice, models.CASCADE, related_name="override", verbose_name=_("notice"))
    reason = models.CharField(_("reason"), max_length=1000)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("decided by"))
    decided_at = models.DateTimeField(_("decided at"))

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("decision against an obstacle")
        verbose_name_plural = _("decisions against obstacles")
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="subprocessors_override_has_a_reason")]

    def __str__(self) -> str:
        return str(self.notice_id)
