"""Announced changes (Art. 28(2) GDPR): what is to change, and how far the announcement is."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from notifications.models import Broadcast
from subprocessors.models.lists import SubprocessorList


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
