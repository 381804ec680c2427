"""Archives of a company's own data: who asked, how far the work is, and where the file lies until it is deleted."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from deletion.models.receipts import HASH_IS_SHA256

KEPT_FOR = datetime.timedelta(days=7)


class AccountExportQuerySet(models.QuerySet["AccountExport"]):
    def at_work(self) -> AccountExportQuerySet:
        """Return archives that are still to be made."""
        return self.filter(state__in=AccountExport.AT_WORK)

    def taken_by(self, customer: Customer) -> AccountExportQuerySet:
        """Return archives that somebody of the company has downloaded."""
        return self.filter(customer=customer).exclude(downloaded_at=None)

    def handed_out(self, customer: Customer) -> AccountExportQuerySet:
        """Return archives that are ready, first of all the last one that was downloaded."""
        ready = self.filter(customer=customer, state=AccountExport.State.DONE)
        return ready.order_by(F("downloaded_at").desc(nulls_last=True), "-finished_at")

    def over(self, at: datetime.datetime) -> AccountExportQuerySet:
        """Return archives whose file has had its time."""
        return self.filter(requested_at__lt=at - KEPT_FOR)


class AccountExport(models.Model):
    """One archive; the file lies in the account's own folder, from which the deletion of the account takes it as well."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        WORKING = "working", _("being made")
        DONE = "done", _("ready")
        FAILED = "failed", _("failed")

    AT_WORK = (State.WAITING, State.WORKING)

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="exports", verbose_name=_("customer"), db_index=False)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("requested by"))
    requested_at = models.DateTimeField(_("requested at"))
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.WAITING)
    written = models.BigIntegerField(_("rows written"), default=0)
    total = models.BigIntegerField(_("rows"), null=True)
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    size = models.BigIntegerField(_("size"), default=0)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    downloaded_at = models.DateTimeField(_("downloaded at"), null=True)

    objects = AccountExportQuerySet.as_manager()

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("export of an account")
        verbose_name_plural = _("exports of accounts")
        ordering = ["-requested_at"]
        indexes = [models.Index(fields=["customer", "id"], name="deletion_export_by_account")]
        constraints = [
            models.UniqueConstraint(fields=["customer"], condition=Q(state__in=["waiting", "working"]), name="deletion_export_one_at_work"),
            models.CheckConstraint(
                condition=Q(state="done", finished_at__isnull=False, sha256__regex=HASH_IS_SHA256)
                | (Q(state__in=["waiting", "working", "failed"]) & Q(finished_at=None, sha256="")),
                name="deletion_export_done_with_hash",
            ),
            models.CheckConstraint(
                condition=Q(downloaded_at=None) | Q(downloaded_at__gte=F("finished_at"), finished_at__isnull=False),
                name="deletion_export_downloaded_when_done",
            ),
        ]

    def __str__(self) -> str:
        return str(self.reference)

    @property
    def percent(self) -> int:
        """Return how far the work is; below a hundred until the file is there."""
        if self.state == self.State.DONE:
            return 100
        return min(99, 100 * self.written // self.total) if self.total else 0

    @property
    def is_at_work(self) -> bool:
        return self.state in self.AT_WORK

    @property
    def has_failed(self) -> bool:
        """Say whether nobody makes the file any more: its job had its last attempt."""
        return self.state == self.State.FAILED

    @property
    def facts(self) -> dict[str, Any]:
        """Return what a deletion request keeps of the archive; both file and row go after a week."""
        return {"export_made_at": self.finished_at, "export_sha256": self.sha256, "export_taken_at": self.downloaded_at}

    @property
    def readable_until(self) -> datetime.datetime:
        return self.requested_at + KEPT_FOR
