"""Who may act for a company: roles, invitations to take them, and tokens for its systems."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from customers.models.parties import CLOSED, LANGUAGES, Customer
from customers.models.people import User

INVITATION_LASTS = timedelta(days=14)
INVITATION_MAIL_PAUSE = timedelta(minutes=10)
HASH_IS_SHA256 = r"^[0-9a-f]{64}$"


class Role(models.TextChoices):
    """What a person may do for a company; one person may hold several roles."""

    OWNER = "owner", _("Account owner")
    SIGNATORY = "signatory", _("Authorised signatory")
    PRIVACY_CONTACT = "privacy_contact", _("Privacy contact")
    CHANNEL_OWNER = "channel_owner", _("Channel owner")


class Scope(models.TextChoices):
    """What a system may do with a token."""

    AGREEMENT = "agreement:read", _("Read the state of the agreement")
    DOCUMENTS = "documents:read", _("Read documents")
    CHANNELS = "channels:read", _("Read channels and their texts")
    CHANNELS_WRITE = "channels:write", _("Activate channels")
    SUBSCRIPTIONS = "subscriptions:read", _("Look subscriptions up")
    SUBSCRIPTIONS_WRITE = "subscriptions:write", _("Record and cancel subscriptions")
    DELETION = "deletion:request", _("Ask for the deletion of the account")


class Membership(models.Model):
    """One role that one person holds for one company."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="memberships", verbose_name=_("customer"))
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("person"))
    role = models.CharField(_("role"), max_length=20, choices=Role)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("role of a person")
        verbose_name_plural = _("roles of people")
        constraints = [
            models.UniqueConstraint(name="membership_once_per_role", fields=["customer", "user", "role"]),
            models.CheckConstraint(name="membership_role_known", condition=Q(role__in=Role.values)),
        ]

    def __str__(self) -> str:
        return self.get_role_display()


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def pending(self) -> InvitationQuerySet:
        """Return invitations neither accepted nor withdrawn; they may have expired."""
        return self.filter(accepted_at=None, withdrawn_at=None)

    def live(self, at: datetime) -> InvitationQuerySet:
        return self.pending().filter(expires_at__gt=at)


class Invitation(models.Model):
    """A letter that lets the holder of one mailbox take roles for a company; only the hash of its link is kept."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="invitations", verbose_name=_("customer"))
    email = models.EmailField(_("e-mail address"))
    roles = ArrayField(models.CharField(max_length=20, choices=Role), verbose_name=_("roles"))
    language = models.CharField(_("language"), max_length=2)
    token_hash = models.CharField(max_length=64, null=True, blank=True, unique=True, editable=False)
    invited_by = models.ForeignKey(User, models.SET_NULL, related_name="+", null=True, verbose_name=_("invited by"))
    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField(_("expires"))
    mail_wanted_at = models.DateTimeField(_("mail asked for"))
    mail_sent_at = models.DateTimeField(_("mail sent"), null=True, editable=False)
    accepted_at = models.DateTimeField(_("accepted"), null=True, editable=False)
    accepted_by = models.ForeignKey(User, models.SET_NULL, related_name="+", null=True, editable=False, verbose_name=_("accepted by"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.CheckConstraint(name="invitation_token_is_a_hash", condition=Q(token_hash=None) | Q(token_hash__regex=HASH_IS_SHA256)),
            models.CheckConstraint(name="invitation_email_is_lower_case", condition=Q(email=Lower(F("email")))),
            models.CheckConstraint(name="invitation_language_known", condition=Q(language__in=LANGUAGES)),
            models.CheckConstraint(name="invitation_roles_known", condition=Q(roles__contained_by=Role.values, roles__len__gt=0)),
            models.CheckConstraint(name="invitation_expires_later", condition=Q(expires_at__gt=F("created_at"))),
            models.CheckConstraint(name="invitation_ends_once", condition=Q(accepted_at=None) | Q(withdrawn_at=None)),
            models.CheckConstraint(name="invitation_accepted_by_has_a_time", condition=Q(accepted_by=None) | Q(accepted_at__isnull=False)),
            models.UniqueConstraint(
                name="invitation_one_pending_per_address", fields=["customer", "email"], condition=Q(accepted_at=None, withdrawn_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}-{self.pk}"

    def is_live(self, at: datetime) -> bool:
        return self.accepted_at is None and self.withdrawn_at is None and at < self.expires_at

    def has_account(self) -> bool:
        """Say whether somebody signs in with the invited address already."""
        return User.objects.filter(email=self.email).exists()

    def mail_is_due(self) -> bool:
        """Say whether a mail was asked for that has not been sent."""
        return self.mail_sent_at is None or self.mail_sent_at < self.mail_wanted_at

    def role_names(self) -> list[str]:
        return [str(Role(role).label) for role in self.roles]


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def live(self, at: datetime) -> ApiTokenQuerySet:
        return self.filter(revoked_at=None, expires_at__gt=at)


class ApiToken(models.Model):
    """A secret that lets a company's system use the API as far as its scopes go; only its SHA-256 is kept (OWASP ASVS v5.0.0-11.4)."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="api_tokens", verbose_name=_("customer"))
    name = models.CharField(_("name"), max_length=100)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=30, choices=Scope), verbose_name=_("scopes"))
    created_by = models.ForeignKey(User, models.CASCADE, related_name="api_tokens", verbose_name=_("created by"))
    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField(_("expires"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    agreement_valid_until = models.DateTimeField(_("agreement valid until"), db_default=CLOSED, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        constraints = [
            models.CheckConstraint(name="api_token_is_a_hash", condition=Q(token_hash__regex=HASH_IS_SHA256)),
            models.CheckConstraint(name="api_token_scopes_known", condition=Q(scopes__contained_by=Scope.values, scopes__len__gt=0)),
            models.CheckConstraint(name="api_token_expires_later", condition=Q(expires_at__gt=F("created_at"))),
        ]

    def __str__(self) -> str:
        return self.name

    def is_live(self, at: datetime) -> bool:
        return self.revoked_at is None and at < self.expires_at

    def may(self, scope: str) -> bool:
        return scope in self.scopes

    def scope_names(self) -> list[str]:
        return [str(Scope(scope).label) for scope in self.scopes]
