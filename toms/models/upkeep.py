"""What accompanies the measures: printed sets, reasons for weakening, evidence, reviews."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from publishing.models import SHA256, PrintedDocument
from toms.models.register import MeasureSet


class MeasureSetDocument(PrintedDocument):
    """The PDF of a set in one language."""

    measure_set = models.ForeignKey(MeasureSet, models.PROTECT, related_name="documents", verbose_name=_("set of measures"))

    class Meta(PrintedDocument.Meta):
        verbose_name = _("document of measures")
        verbose_name_plural = _("documents of measures")
        constraints = [
            *PrintedDocument.Meta.constraints,
            models.UniqueConstraint(fields=["measure_set", "language", "approved_as"], name="toms_document_once_per_approval"),
        ]


class Weakening(models.Model):
    """Why a set does without a measure of the set before it, or keeps it in a weaker form, and what stands in its place.

    Rows end with their draft or are kept with their published set.
    """

    keeps_published = True

    measure_set = models.ForeignKey(MeasureSet, models.CASCADE, related_name="weakenings", verbose_name=_("set of measures"))
    measure_key = models.SlugField(_("measure that is removed or weakened"), max_length=60)
    reason = models.TextField(_("reason"), max_length=1000)
    replacement_key = models.SlugField(_("measure that replaces it"), max_length=60)

    class Meta:
        verbose_name = _("removed or weakened measure")
        verbose_name_plural = _("removed or weakened measures")
        ordering = ["measure_key"]
        constraints = [
            models.UniqueConstraint(fields=["measure_set", "measure_key"], name="toms_weakening_once"),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(replacement_key=""), name="toms_weakening_with_reason_and_replacement"),
            models.CheckConstraint(condition=~Q(replacement_key=F("measure_key")), name="toms_weakening_replaced_by_another"),
        ]

    def __str__(self) -> str:
        return self.measure_key


class EvidenceFile(models.Model):
    """A file that shows that a measure is in place; internal, kept with the measure's key through all versions."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    measure_key = models.SlugField(_("measure"), max_length=60, db_index=True)
    name = models.CharField(_("file name"), max_length=150)
    note = models.CharField(_("what it shows"), max_length=300, blank=True, default="")
    content_type = models.CharField(_("type"), max_length=80, editable=False)
    size = models.PositiveIntegerField(_("size in bytes"), editable=False)
    sha256 = models.CharField(_("SHA-256 of the file"), max_length=64, editable=False)
    stored_as = models.CharField(_("stored as"), max_length=120, unique=True, editable=False)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False, verbose_name=_("added by"))
    added_at = models.DateTimeField(_("added at"), editable=False)

    class Meta:
        verbose_name = _("evidence file")
        verbose_name_plural = _("evidence files")
        ordering = ["measure_key", "-added_at"]
        constraints = [models.CheckConstraint(condition=Q(sha256__regex=SHA256), name="toms_evidence_sha256_is_a_hash")]

    def __str__(self) -> str:
        return self.name


class Review(models.Model):
    """Somebody looked at a measure and found it in place; the next review counts from here, whatever the published set says."""

    append_only = True

    measure_key = models.SlugField(_("measure"), max_length=60, db_index=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("reviewed by"))
    reviewed_at = models.DateTimeField(_("reviewed at"))
    next_review_date = models.DateField(_("next review"))
    note = models.CharField(_("what was found"), max_length=500, blank=True, default="")

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("review of a measure")
        verbose_name_plural = _("reviews of measures")
        ordering = ["-reviewed_at", "-pk"]

    def __str__(self) -> str:
        return self.measure_key
