"""What each customer agreed on about new subprocessors: periods, the urgent clause, and the kind of authorisation (Art. 28(2) GDPR)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models import Customer

LONGEST = 365  # days


class Authorisation(models.TextChoices):
    GENERAL = "general", _("general: silence counts as authorisation")
    SPECIFIC = "specific", _("specific: every change needs a consent")


class Terms(models.Model):
    """Periods in days, and whether silence counts."""

    notice_days = models.PositiveSmallIntegerField(_("notice period in days"))
    objection_days = models.PositiveSmallIntegerField(_("objection period in days"))
    urgent_notice_days = models.PositiveSmallIntegerField(
        _("shortened notice period in urgent cases, in days"),
        null=True,
        blank=True,
        help_text=_("Leave it empty if the agreement has no such clause."),
    )
    authorisation = models.CharField(_("authorisation"), max_length=8, choices=Authorisation, default=Authorisation.GENERAL)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(notice_days__lte=LONGEST, objection_days__lte=LONGEST), name="%(app_label)s_%(class)s_within_a_year"
            ),
            models.CheckConstraint(
                condition=Q(urgent_notice_days=None) | Q(urgent_notice_days__lte=models.F("notice_days")),
                name="%(app_label)s_%(class)s_urgent_is_shorter",
                violation_error_message=_("The shortened period is not longer than the ordinary one."),
            ),
            models.CheckConstraint(
                condition=Q(authorisation__in=["general", "specific"]), name="%(app_label)s_%(class)s_authorisation_known"
            ),
        ]


class AgreedTerms(Terms):
    """What the agreement that the customer concluded last says; a row means that there is an agreement."""

    class Source(models.TextChoices):
        AGREEMENT = "agreement", _("agreement accepted in the portal")
        PAPER = "paper", _("agreement on paper")

    customer = models.OneToOneField(Customer, models.CASCADE, primary_key=True, related_name="agreed_terms", verbose_name=_("customer"))
    source = models.CharField(_("source"), max_length=9, choices=Source)
    source_number = models.CharField(_("version or reference"), max_length=24)
    agreed_at = models.DateTimeField(_("agreed at"))

    class Meta(Terms.Meta):
        default_permissions = ("view",)
        verbose_name = _("agreed terms")
        verbose_name_plural = _("agreed terms")
        constraints = [
            *Terms.Meta.constraints,
            models.CheckConstraint(condition=Q(source__in=["agreement", "paper"]), name="subprocessors_agreedterms_source_known"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.source_number}"


class TermsDeviation(Terms):
    """What was agreed with one customer alone; it takes precedence (§ 305b BGB) until another one replaces it or it ends."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="terms_deviations", verbose_name=_("customer"))
    note = models.CharField(_("where this was agreed"), max_length=500)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("recorded by"))
    recorded_at = models.DateTimeField(_("recorded at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta(Terms.Meta):
        default_permissions = ("view",)
        permissions = [("record_termsdeviation", "Can record terms agreed with one customer")]
        verbose_name = _("deviating terms")
        verbose_name_plural = _("deviating terms")
        ordering = ["-recorded_at"]
        constraints = [
            *Terms.Meta.constraints,
            models.UniqueConstraint(fields=["customer"], condition=Q(ended_at=None), name="subprocessors_deviation_one_in_force"),
            models.CheckConstraint(condition=~Q(note=""), name="subprocessors_deviation_says_where"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.recorded_at:%Y-%m-%d}"
