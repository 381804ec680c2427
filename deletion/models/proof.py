"""What proves an erasure: the certificate, and the entry in the other database that a restored backup cannot take back."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from deletion.models.receipts import HASH_IS_SHA256, ErasureRequest

ED25519_SIGNATURE = r"^[A-Za-z0-9+/]{86}==$"
ED25519_KEY = r"^[A-Za-z0-9_-]{43}$"


class ErasureCertificate(models.Model):
    """What was erased, how it was verified and what stays, as canonical JSON (RFC 8785) and as PDF. Holds no personal data."""

    append_only = True

    class Kind(models.TextChoices):
        CERTIFICATE = "certificate", _("certificate")
        SUPPLEMENT = "supplement", _("supplement")

    class Reason(models.TextChoices):
        """Why a supplement was issued; stands in its canonical form, under ``reason``."""

        RETENTION = "retention_expired", _("Data whose period of retention was over were deleted")
        RESTORE = "repeated_after_restore", _("The deletion was repeated after a backup had been restored")
        CONFIRMED = "subprocessor_confirmed", _("A subprocessor has confirmed that it deleted the account’s data")

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    request = models.ForeignKey(ErasureRequest, models.PROTECT, related_name="certificates", verbose_name=_("deletion request"))
    kind = models.CharField(_("kind"), max_length=11, choices=Kind)
    supplements = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", verbose_name=_("supplements"))
    canonical = models.BinaryField(_("canonical form"))
    sha256 = models.CharField(_("SHA-256 of the canonical form"), max_length=64)
    pdf_sha256 = models.CharField(_("SHA-256 of the PDF"), max_length=64)
    leaf_hash = models.CharField(_("leaf hash in the ledger"), max_length=64)
    signature = models.CharField(_("signature of the canonical form (Ed25519)"), max_length=88, blank=True)
    public_key = models.CharField(_("public key of the signature"), max_length=43, blank=True)
    issued_at = models.DateTimeField(_("issued at"))

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("certificate of deletion")
        verbose_name_plural = _("certificates of deletion")
        ordering = ["-issued_at"]
        constraints = [
            models.UniqueConstraint(fields=["request"], condition=Q(kind="certificate"), name="deletion_one_certificate_per_request"),
            models.CheckConstraint(
                condition=Q(kind="certificate", supplements=None) | Q(kind="supplement", supplements__isnull=False),
                name="deletion_supplement_points_back",
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex=HASH_IS_SHA256, pdf_sha256__regex=HASH_IS_SHA256, leaf_hash__regex=HASH_IS_SHA256),
                name="deletion_certificate_is_hashed",
            ),
            models.CheckConstraint(
                condition=Q(signature="", public_key="") | Q(signature__regex=ED25519_SIGNATURE, public_key__regex=ED25519_KEY),
                name="deletion_certificate_signed_with_a_key",  # those of the time before signatures have neither
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class LedgerEntry(models.Model):
    """In a second database: this account was erased from this moment on. After a restored backup it is erased again from here."""

    append_only = True
    in_ledger = True

    request_reference = models.CharField(_("deletion request"), max_length=24, unique=True)
    customer_number = models.BigIntegerField(_("customer’s number"))
    customer_reference = models.UUIDField(_("customer’s reference"))
    requested_at = models.DateTimeField(_("requested at"))
    due_date = models.DateField(_("due on"))
    written_at = models.DateTimeField(_("written at"), db_default=Now(), db_index=True)

    class Meta:
        default_permissions = ()
        db_table = "deletion_ledger_entry"
        verbose_name = _("entry of the ledger of erasures")
        verbose_name_plural = _("entries of the ledger of erasures")

    def __str__(self) -> str:
        return self.request_reference


class LedgerCertificate(models.Model):
    """In the second database: a certificate as it was issued. A restored backup does not know it, and its holder checks it all the same."""

    append_only = True
    in_ledger = True

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    request_reference = models.CharField(_("deletion request"), max_length=24, db_index=True)
    kind = models.CharField(_("kind"), max_length=11)
    supplements = models.CharField(_("supplements"), max_length=24, blank=True)
    canonical = models.BinaryField(_("canonical form"))
    pdf_sha256 = models.CharField(_("SHA-256 of the PDF"), max_length=64)
    leaf_hash = models.CharField(_("leaf hash in the ledger"), max_length=64)
    signature = models.CharField(_("signature of the canonical form (Ed25519)"), max_length=88, blank=True)
    public_key = models.CharField(_("public key of the signature"), max_length=43, blank=True)
    issued_at = models.DateTimeField(_("issued at"))
    language = models.CharField(_("language"), max_length=2)
    data_return = models.CharField(_("return of the data"), max_length=6)

    class Meta:
        default_permissions = ()
        db_table = "deletion_ledger_certificate"
        verbose_name = _("certificate in the ledger of erasures")
        verbose_name_plural = _("certificates in the ledger of erasures")

    def __str__(self) -> str:
        return self.reference


class LedgerHold(models.Model):
    """In the second database: a legal hold was placed, its review moved, or it was released. A replay after a backup stops at one that stands."""

    append_only = True
    in_ledger = True

    hold_reference = models.UUIDField(_("reference of the hold"))
    customer_reference = models.UUIDField(_("customer’s reference"), db_index=True)
    is_release = models.BooleanField(_("released"))
    ground = models.CharField(_("ground"), max_length=10)
    review_date = models.DateField(_("to be reviewed on"))
    happened_at = models.DateTimeField(_("happened at"))
    written_at = models.DateTimeField(_("written at"), db_default=Now())

    class Meta:
        default_permissions = ()
        db_table = "deletion_ledger_hold"
        verbose_name = _("legal hold in the ledger of erasures")
        verbose_name_plural = _("legal holds in the ledger of erasures")
        constraints = [
            models.UniqueConstraint(
                fields=["hold_reference", "happened_at"], condition=Q(is_release=False), name="deletion_ledger_hold_said_once"
            ),
            models.UniqueConstraint(fields=["hold_reference"], condition=Q(is_release=True), name="deletion_ledger_hold_released_once"),
        ]

    def __str__(self) -> str:
        return str(self.hold_reference)
