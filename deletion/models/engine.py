"""What the engine writes while it erases: the fence, the frozen steps, what happened, and what is left to remember of an account.

No foreign key leads to the company or its people: these rows outlive them.
"""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from deletion.models.receipts import HASH_IS_SHA256, ErasureRequest


class ErasureFence(models.Model):
    """No row of this account is accepted any more; triggers on every table with an account key read it."""

    customer_number = models.BigIntegerField(_("customer’s number"), primary_key=True)
    request = models.OneToOneField(ErasureRequest, models.PROTECT, null=True, related_name="fence", verbose_name=_("deletion request"))
    token_hashes = ArrayField(models.CharField(max_length=64), verbose_name=_("hashes of the tokens that were revoked"), default=list)
    reader_hashes = ArrayField(
        models.CharField(max_length=64), verbose_name=_("hashes of those that may still read how the deletion goes"), default=list
    )
    raised_at = models.DateTimeField(_("closed at"))

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("closed account")
        verbose_name_plural = _("closed accounts")

    def __str__(self) -> str:
        return str(self.customer_number)


class ErasureStepQuerySet(models.QuerySet["ErasureStep"]):
    def unfinished(self) -> Self:
        return self.exclude(state=ErasureStep.State.VERIFIED)

    def given_up_in_stores(self) -> Self:
        """Steps of stores beside the database that need a person. Tried again they start over: a service that cancelled under one
        number takes the next one."""
        return self.filter(state__in=["failed", "held"]).exclude(store="database")

    def claimable(self) -> Self:
        """Steps that nobody holds and whose next attempt is due; times are the database's, since the clocks of workers differ."""
        waiting = Q(state__in=["pending", "running", "swept"]) & (Q(next_attempt_at=None) | Q(next_attempt_at__lte=Now()))
        return self.filter(waiting).filter(Q(lease_until=None) | Q(lease_until__lt=Now()))


class ErasureStep(models.Model):
    """One dataset of one request: how far its deletion is, who holds it, and what the verification counted."""

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        RUNNING = "running", _("being deleted")
        SWEPT = "swept", _("deleted, not verified")
        VERIFIED = "verified", _("deleted and verified")
        FAILED = "failed", _("failed")
        HELD = "held", _("held by the store")

    class Error(models.TextChoices):
        """Why an attempt ended; a code, so that nothing personal can be written here."""

        DATABASE = "database", _("The database refused")
        TRANSIENT = "transient", _("The store did not answer")
        THROTTLED = "throttled", _("The store asked to wait")
        PERMANENT = "permanent", _("The store refused")
        UNCOUNTED = "uncounted", _("The verification could not count")
        RESIDUE = "residue", _("The verification found data")
        BLIND = "blind", _("The store did not find the planted record")
        CRASH = "crash", _("The worker was lost")
        WRITER = "writer", _("New data kept arriving")

    request = models.ForeignKey(ErasureRequest, models.PROTECT, related_name="steps", verbose_name=_("deletion request"))
    ordinal = models.PositiveSmallIntegerField(_("order"))
    dataset = models.CharField(_("type of data"), max_length=80)
    store = models.CharField(_("store"), max_length=80)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.PENDING)
    cursor = models.TextField(_("position"), blank=True)
    deleted = models.BigIntegerField(_("deleted"), default=0)
    estimated = models.BigIntegerField(_("found before"), null=True)
    chunk_size = models.PositiveIntegerField(_("rows at once"), default=1000)
    passes = models.PositiveSmallIntegerField(_("passes"), default=0)
    attempts = models.PositiveSmallIntegerField(_("failed attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt at"), null=True)
    lease_until = models.DateTimeField(_("held until"), null=True)
    fence = models.PositiveBigIntegerField(_("fencing token"), default=0)
    residual = models.BigIntegerField(_("left over"), null=True)
    last_error = models.CharField(_("last error"), max_length=10, choices=Error, blank=True)
    method = models.CharField(_("method"), max_length=40, default="rows deleted")
    started_at = models.DateTimeField(_("started at"), null=True)
    verified_at = models.DateTimeField(_("verified at"), null=True)

    objects = ErasureStepQuerySet.as_manager()

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("step of a deletion")
        verbose_name_plural = _("steps of deletions")
        ordering = ["request", "ordinal"]
        constraints = [
            models.UniqueConstraint(fields=["request", "ordinal"], name="deletion_step_has_its_place"),
            models.UniqueConstraint(fields=["request", "dataset"], name="deletion_step_once_per_dataset"),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "running", "swept", "verified", "failed", "held"]), name="deletion_step_state_known"
            ),
            models.CheckConstraint(
                condition=(Q(state="verified") & Q(residual=0, residual__isnull=False, verified_at__isnull=False)) | ~Q(state="verified"),
                name="deletion_step_verified_means_counted_zero",  # null is not zero, and to a constraint it is not false either
            ),
            models.CheckConstraint(condition=Q(deleted__gte=0), name="deletion_step_counts_up"),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}-{self.ordinal}"


class ErasureEvent(models.Model):
    """One thing that happened to a request, for its timeline: a code, a number and a time, never a text of a person."""

    append_only = True

    request = models.ForeignKey(ErasureRequest, models.PROTECT, related_name="events", verbose_name=_("deletion request"))
    dataset = models.CharField(_("type of data"), max_length=80, blank=True)
    code = models.CharField(_("what happened"), max_length=40)
    number = models.BigIntegerField(_("number"), null=True)
    at = models.DateTimeField(_("at"), db_default=Now())

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("event of a deletion")
        verbose_name_plural = _("events of deletions")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[a-z0-9_.]+$") & Q(dataset__regex=r"^[a-z0-9_.:-]*$"), name="deletion_event_is_a_code"
            )
        ]

    def __str__(self) -> str:
        return self.code


class Tombstone(models.Model):
    """What stays of an account: that it is gone. Its number is never used again, and a late message about it is dropped."""

    append_only = True

    customer_number = models.BigIntegerField(_("customer’s number"), primary_key=True)
    customer_reference = models.UUIDField(_("customer’s reference"), unique=True)
    request_reference = models.CharField(_("deletion request"), max_length=24)
    erased_at = models.DateTimeField(_("erased at"))

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("erased account")
        verbose_name_plural = _("erased accounts")

    def __str__(self) -> str:
        return str(self.customer_reference)


class ErasureContact(models.Model):
    """Where the certificate is sent when the account is gone (Art. 12(3) GDPR); deleted by the daily job after the mail."""

    request = models.ForeignKey(ErasureRequest, models.PROTECT, related_name="contacts", verbose_name=_("deletion request"))
    email = models.EmailField(_("e-mail address"))
    language = models.CharField(_("language"), max_length=2)

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("recipient of a certificate")
        verbose_name_plural = _("recipients of certificates")
        constraints = [models.UniqueConstraint(fields=["request", "email"], name="deletion_contact_once")]

    def __str__(self) -> str:
        return str(self.pk)


class SubprocessorNotice(models.Model):
    """A subprocessor was told to delete the account's data (Art. 28(4) GDPR), and whether it confirmed."""

    request = models.ForeignKey(ErasureRequest, models.PROTECT, related_name="notices", verbose_name=_("deletion request"))
    subprocessor = models.CharField(_("subprocessor"), max_length=200)
    slug = models.CharField(max_length=100, editable=False)
    told_at = models.DateTimeField(_("told at"), null=True)
    confirm_by_date = models.DateField(_("to confirm by"))
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)
    proof_sha256 = models.CharField(_("SHA-256 of the confirmation"), max_length=64, blank=True)

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("notice to a subprocessor")
        verbose_name_plural = _("notices to subprocessors")
        ordering = ["subprocessor"]
        constraints = [
            models.UniqueConstraint(fields=["request", "slug"], name="deletion_notice_once_per_subprocessor"),
            models.CheckConstraint(
                condition=Q(confirmed_at=None) | Q(told_at__isnull=False, confirmed_at__gte=F("told_at")),
                name="deletion_notice_told_before",
            ),
            models.CheckConstraint(
                condition=Q(proof_sha256="") | Q(proof_sha256__regex=HASH_IS_SHA256), name="deletion_notice_proof_is_a_hash"
            ),
        ]

    def __str__(self) -> str:
        return self.subprocessor
