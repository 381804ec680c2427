"""Deletions by hand: what two people say that they did where the engine could not."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from deletion.models.engine import ErasureStep
from deletion.models.receipts import HASH_IS_SHA256


class HandWork(models.Model):
    """A step whose data were deleted by hand: one person says so with a reason, a second confirms; the count still decides."""

    class Reason(models.TextChoices):
        PROVIDER = "provider", _("The operator of the store deleted the data and confirmed it")
        DIRECT = "direct", _("The data were deleted in the store itself")

    step = models.ForeignKey(ErasureStep, models.PROTECT, related_name="hand_work", verbose_name=_("step"))
    reason = models.CharField(_("reason"), max_length=8, choices=Reason)
    proof_sha256 = models.CharField(_("SHA-256 of the proof"), max_length=64)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("entered by"))
    proposed_at = models.DateTimeField(_("entered at"))
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("confirmed by"))
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("deletion by hand")
        verbose_name_plural = _("deletions by hand")
        constraints = [
            models.UniqueConstraint(fields=["step"], condition=Q(confirmed_at=None), name="deletion_hand_work_one_open_per_step"),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | (Q(confirmed_at__isnull=False) & ~Q(confirmed_by=F("proposed_by"))),
                name="deletion_hand_work_takes_two_people",
            ),
            models.CheckConstraint(condition=Q(proof_sha256__regex=HASH_IS_SHA256), name="deletion_hand_work_proof_is_a_hash"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
