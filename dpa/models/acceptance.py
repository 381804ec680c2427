"""Acceptances and what surrounds them. An acceptance holds no personal data: who accepted stands in a row that can be erased.

Relations to people and customers carry no database constraint, since evidence outlives the account (Art. 17(3)(e) GDPR).
"""

from __future__ import annotations

import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from dpa.models.version import AgreementText, AgreementVersion


class Channel(models.TextChoices):
    GATE = "gate", _("After signing in")
    ACCOUNT = "account", _("In the account")
    DELEGATION = "delegation", _("By a forwarded link")


class Acceptance(models.Model):
    """A customer accepted the text of one version in one language: named by id and by hash, written once."""

    append_only = True

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    customer = models.ForeignKey(
        Customer, on_delete=models.DO_NOTHING, db_constraint=False, related_name="acceptances", verbose_name=_("customer")
    )
    customer_reference = models.UUIDField(_("customer's reference"))
    version = models.ForeignKey(AgreementVersion, on_delete=models.PROTECT, related_name="acceptances", verbose_name=_("version"))
    text = models.ForeignKey(AgreementText, on_delete=models.PROTECT, related_name="acceptances", verbose_name=_("text"))
    language = models.CharField(_("language"), max_length=5)
    text_sha256 = models.CharField(_("SHA-256 of the published text"), max_length=64)
    shown_sha256 = models.CharField(_("SHA-256 of the text as shown to this customer"), max_length=64)
    pdf_sha256 = models.CharField(_("SHA-256 of the published PDF"), max_length=64)
    measures_number = models.CharField(_("version of the measures"), max_length=12)
    measures_sha256 = models.CharField(_("SHA-256 of the measures"), max_length=64)
    subprocessors_number = models.CharField(_("version of the subprocessors"), max_length=12)
    subprocessors_sha256 = models.CharField(_("SHA-256 of the list of subprocessors"), max_length=64)
    accepted_at = models.DateTimeField(_("accepted at"))
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("accepted by"),
    )
    channel = models.CharField(_("where"), max_length=12, choices=Channel)
    served_at = models.DateTimeField(_("first shown at"))
    pdf_served_at = models.DateTimeField(_("PDF first downloaded at"), null=True, blank=True)
    button_label = models.CharField(_("label of the button"), max_length=100)
    statement_sha256 = models.CharField(_("SHA-256 of the statement"), max_length=64)
    request_id = models.CharField(_("request"), max_length=32)
    event_id = models.BigIntegerField(_("event in the ledger"), unique=True)
    leaf_hash = models.CharField(_("leaf hash in the ledger"), max_length=64)
    commitment = models.CharField(_("commitment to the personal data"), max_length=64)

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("acceptance")
        verbose_name_plural = _("acceptances")
        ordering = ["-accepted_at"]
        constraints = [
            models.UniqueConstraint(fields=["customer", "version"], name="dpa_acceptance_once_per_customer_and_version"),
            models.CheckConstraint(condition=Q(served_at__lte=models.F("accepted_at")), name="dpa_acceptance_served_before_accepted"),
        ]

    def __str__(self) -> str:
        return self.reference


class AcceptanceParty(models.Model):
    """Who accepted, and for whom, as shown at that moment; erased when its retention ends, never changed."""

    acceptance = models.OneToOneField(
        Acceptance, on_delete=models.PROTECT, related_name="party", primary_key=True, verbose_name=_("acceptance")
    )
    legal_name = models.CharField(_("company"), max_length=200)
    address_lines = models.JSONField(_("address"), default=list)
    register_number = models.CharField(_("register number"), max_length=100, blank=True)
    vat_number = models.CharField(_("VAT number"), max_length=30, blank=True)
    acts_as = models.CharField(_("acts as"), max_length=20, choices=Customer.ActsAs)
    person_name = models.CharField(_("name of the person"), max_length=150)
    person_function = models.CharField(_("function of the person"), max_length=150)
    person_email = models.EmailField(_("e-mail address"))
    person_email_confirmed_at = models.DateTimeField(_("e-mail address confirmed at"), null=True)
    statement = models.TextField(_("statement"))
    ip_address = models.CharField(_("IP address"), max_length=45, blank=True)
    user_agent = models.CharField(_("browser"), max_length=500, blank=True)
    authentication = models.CharField(_("way of signing in"), max_length=40, blank=True)
    session_sha256 = models.CharField(_("SHA-256 of the session"), max_length=64, blank=True)

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("accepting party")
        verbose_name_plural = _("accepting parties")

    def __str__(self) -> str:
        return self.legal_name


class ExecutedAgreement(models.Model):
    """The customer's copy as PDF: the published text, the parties and the evidence; rendered once, found by its hash."""

    append_only = True

    acceptance = models.OneToOneField(
        Acceptance, on_delete=models.PROTECT, related_name="executed", primary_key=True, verbose_name=_("acceptance")
    )
    sha256 = models.CharField(_("SHA-256 of the file"), max_length=64)
    pages = models.PositiveIntegerField(_("pages"))
    size = models.PositiveIntegerField(_("size in bytes"))
    rendered_at = models.DateTimeField(_("made at"))

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("executed agreement")
        verbose_name_plural = _("executed agreements")

    def __str__(self) -> str:
        return self.sha256


class Serving(models.Model):
    """The text, or its PDF, was sent to somebody of this customer before anything was accepted."""

    append_only = True

    class Form(models.TextChoices):
        PAGE = "page", _("page")
        PDF = "pdf", _("PDF")

    customer = models.ForeignKey(Customer, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+", verbose_name=_("customer"))
    text = models.ForeignKey(AgreementText, on_delete=models.PROTECT, related_name="+", verbose_name=_("text"))
    form = models.CharField(_("form"), max_length=4, choices=Form)
    first_served_at = models.DateTimeField(_("first shown at"))

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("serving of a text")
        verbose_name_plural = _("servings of texts")
        constraints = [models.UniqueConstraint(fields=["customer", "text", "form"], name="dpa_serving_once")]

    def __str__(self) -> str:
        return f"{self.text_id} {self.form}"


class Decline(models.Model):
    """A customer said no for now; the reason is optional."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="declines", verbose_name=_("customer"))
    version = models.ForeignKey(AgreementVersion, on_delete=models.PROTECT, related_name="+", verbose_name=_("version"))
    declined_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("declined by")
    )
    declined_at = models.DateTimeField(_("declined at"))
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("refusal")
        verbose_name_plural = _("refusals")
        ordering = ["-declined_at"]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.declined_at:%Y-%m-%d}"


class Delegation(models.Model):
    """The agreement was handed to somebody who may sign, by a link that needs no account; only the link's hash is kept."""

    VALID_FOR = datetime.timedelta(days=14)

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="delegations", verbose_name=_("customer"))
    email = models.EmailField(_("e-mail address"))
    message = models.CharField(_("message"), max_length=500, blank=True)
    token_sha256 = models.CharField(_("SHA-256 of the link"), max_length=64, unique=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("invited by")
    )
    created_at = models.DateTimeField(_("invited at"))
    expires_at = models.DateTimeField(_("valid until"))
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    acceptance = models.ForeignKey(
        Acceptance, on_delete=models.DO_NOTHING, db_constraint=False, null=True, blank=True, related_name="+", verbose_name=_("acceptance")
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("forwarded agreement")
        verbose_name_plural = _("forwarded agreements")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(acceptance=None) | Q(withdrawn_at=None), name="dpa_delegation_accepted_or_withdrawn")
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.created_at:%Y-%m-%d}"

    def state(self, now: datetime.datetime) -> str:
        """Return one of accepted, withdrawn, expired, read, invited."""
        if self.acceptance_id:
            return "accepted"
        if self.withdrawn_at:
            return "withdrawn"
        if self.expires_at <= now:
            return "expired"
        return "read" if self.read_at else "invited"


class PaperAgreement(models.Model):
    """An agreement concluded outside the portal, negotiated or on paper, entered by staff with a note and its document."""

    append_only = True

    customer = models.ForeignKey(
        Customer, on_delete=models.DO_NOTHING, db_constraint=False, related_name="paper_agreements", verbose_name=_("customer")
    )
    reference = models.CharField(_("reference"), max_length=24, unique=True)
    signed_date = models.DateField(_("signed on"))
    ends_date = models.DateField(_("ends on"), null=True, blank=True)
    signed_for_customer_by = models.CharField(_("signed for the customer by"), max_length=300)
    note = models.CharField(_("note"), max_length=1000)
    document_sha256 = models.CharField(_("SHA-256 of the document"), max_length=64)
    document_size = models.PositiveIntegerField(_("size"))
    commitment = models.CharField(_("commitment to the personal data"), max_length=64, blank=True, default="", editable=False)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+", verbose_name=_("entered by")
    )
    imported_at = models.DateTimeField(_("entered at"))

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("agreement on paper")
        verbose_name_plural = _("agreements on paper")
        permissions = [("record_paperagreement", "Can enter agreements on paper")]
        ordering = ["-signed_date"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_date=None) | Q(ends_date__gte=models.F("signed_date")), name="dpa_paper_ends_after_it_begins"
            )
        ]

    def __str__(self) -> str:
        return self.reference
