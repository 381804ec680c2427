"""Requests that a company's own system made, in the shape of OpenDSR 2.0, and the calls that tell it how they go."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from deletion.models.receipts import HASH_IS_SHA256, ErasureRequest


class MachineRequest(models.Model):
    """The number under which a system asked, and the hash of what it asked: the same again gets the same answer, other words are refused."""

    subject_request_id = models.UUIDField(_("number of the caller"), unique=True)
    request = models.ForeignKey(ErasureRequest, models.PROTECT, related_name="machine_requests", verbose_name=_("deletion request"))
    body_sha256 = models.CharField(_("SHA-256 of what was asked"), max_length=64)
    received_at = models.DateTimeField(_("received at"))
    callback_urls = ArrayField(models.URLField(max_length=500), verbose_name=_("addresses to call"), default=list)

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("request by a system")
        verbose_name_plural = _("requests by systems")
        ordering = ["-received_at"]
        constraints = [
            models.CheckConstraint(condition=Q(body_sha256__regex=HASH_IS_SHA256), name="deletion_machine_request_is_hashed"),
            models.CheckConstraint(condition=Q(callback_urls__len__lte=3), name="deletion_machine_request_calls_few"),
        ]

    def __str__(self) -> str:
        return str(self.subject_request_id)


class StatusCall(models.Model):
    """One call to one address about one change; written in the transaction of the change and sent by a job."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    machine_request = models.ForeignKey(MachineRequest, models.CASCADE, related_name="calls", verbose_name=_("request by a system"))
    address = models.URLField(_("address"), max_length=500)
    status = models.CharField(_("status"), max_length=11)
    results_count = models.BigIntegerField(_("rows deleted"), default=0)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    delivered_at = models.DateTimeField(_("delivered at"), null=True)

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("call about a deletion")
        verbose_name_plural = _("calls about deletions")
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(fields=["machine_request", "address", "status"], name="deletion_call_once_per_status"),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "in_progress", "completed", "cancelled"]), name="deletion_call_status_known"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
