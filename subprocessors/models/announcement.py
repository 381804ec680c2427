"""Announced changes (Art. 28(2) GDPR): what is to change, what each customer was told, objections, and decisions to go on regardless."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from notifications.models import Broadcast, Delivery
from subprocessors.models.lists import SubprocessorList
from subprocessors.models.terms import Authorisation


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def quiet(self) -> AnnouncementQuerySet:
        """Announcements that nobody has been told of yet."""
        return self.filter(state=Announcement.State.PLANNED)

    def running(self) -> AnnouncementQuerySet:
        return self.filter(state=Announcement.State.NOTICE)

    def public(self) -> AnnouncementQuerySet:
        """Announcements that were told: nobody reads of one that is still within its quiet window."""
        return self.exclude(told_at=None)


class Announcement(models.Model):
    """Changes that are told together: planned (quiet window), notice (told), active, retired; or withdrawn."""

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        NOTICE = "notice", _("announced")
        ACTIVE = "active", _("in force")
        RETIRED = "retired", _("retired")
        WITHDRAWN = "withdrawn", _("withdrawn")

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    subprocessor_list = models.ForeignKey(
        SubprocessorList, models.SET_NULL, null=True, related_name="announcements", verbose_name=_("list of subprocessors")
    )
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.PLANNED)
    starts_date = models.DateField(_("planned start"))
    is_urgent = models.BooleanField(_("urgent"), default=False)
    urgency_de = models.TextField(_("reasons for the urgency (German)"), blank=True, default="")
    urgency_en = models.TextField(_("reasons for the urgency (English)"), blank=True, default="")
    announced_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("announced by"))
    announced_at = models.DateTimeField(_("announced at"))
    quiet_until = models.DateTimeField(_("quiet until"))
    told_at = models.DateTimeField(_("told at"), null=True, blank=True)
    told_up_to = models.BigIntegerField(_("told up to customer"), default=0)
    told_completely_at = models.DateTimeField(_("everybody told at"), null=True, blank=True)
    broadcast = models.ForeignKey(Broadcast, models.PROTECT, null=True, related_name="+", verbose_name=_("broadcast"))
    activated_at = models.DateTimeField(_("active since"), null=True, blank=True)
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)
    withdrawal_reason = models.CharField(_("reason for the withdrawal"), max_length=500, blank=True, default="")

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        default_permissions = ("view",)
        permissions = [
            ("announce_announcement", "Can announce, withdraw and activate changes"),
            ("decide_announcement", "Can go on with a change despite what stands against it"),
        ]
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        ordering = ["-announced_at"]
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=Q(state="planned"), name="subprocessors_announcement_one_planned"),
            models.CheckConstraint(
                condition=Q(state="planned", told_at=None)
                | Q(state="notice", told_at__isnull=False)
                | Q(state="active", told_at__isnull=False, activated_at__isnull=False)
                | Q(state="retired", activated_at__isnull=False, retired_at__isnull=False)
                | Q(state="withdrawn", withdrawn_at__isnull=False),
                name="subprocessors_announcement_state_with_its_time",
            ),
            models.CheckConstraint(
                condition=Q(is_urgent=False) | (~Q(urgency_de="") & ~Q(urgency_en="")),
                name="subprocessors_announcement_urgent_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_for_information(self) -> bool:
        """Say whether nothing in it can be objected to: only removals."""
        return all(change.kind == AnnouncedChange.Kind.REMOVAL for change in self.changes.all())

    def urgency(self, language: str) -> str:
        return self.urgency_de if language == "de" else self.urgency_en


class AnnouncedChange(models.Model):
    """One change of one company, with what recipients ask for beyond the entry itself."""

    class Kind(models.TextChoices):
        ADDITION = "addition", _("new subprocessor")
        ENTITY = "entity", _("other company for the same task")
        LOCATION = "location", _("new country of processing or remote access")
        TRANSFER = "transfer", _("other basis of a transfer")
        SCOPE = "scope", _("further data or channel types")
        REMOVAL = "removal", _("no longer engaged")

    announcement = models.ForeignKey(Announcement, models.CASCADE, related_name="changes", verbose_name=_("announcement"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    slug = models.SlugField(_("name in addresses"), max_length=60)
    legal_name = models.CharField(_("legal name"), max_length=200)
    entry = models.JSONField(_("entry as announced"))
    digest = models.CharField(_("SHA-256 of what was announced"), max_length=64)
    features_de = models.TextField(_("features concerned (German)"), blank=True, default="")
    features_en = models.TextField(_("features concerned (English)"), blank=True, default="")
    retention_de = models.TextField(_("retention (German)"), blank=True, default="")
    retention_en = models.TextField(_("retention (English)"), blank=True, default="")

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("announced change")
        verbose_name_plural = _("announced changes")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["announcement", "slug"], name="subprocessors_change_once_per_company"),
            models.CheckConstraint(
                condition=Q(kind__in=["addition", "entity", "location", "transfer", "scope", "removal"]),
                name="subprocessors_change_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return self.legal_name

    def features(self, language: str) -> str:
        return self.features_de if language == "de" else self.features_en

    def retention(self, language: str) -> str:
        return self.retention_de if language == "de" else self.retention_en


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
