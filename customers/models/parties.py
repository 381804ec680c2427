"""The two parties of an agreement under Art. 28 GDPR: the provider (processor) and its customers."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from customers import colours
from customers.countries import country_name

if TYPE_CHECKING:
    from customers.models.people import User

CLOSED = datetime(1970, 1, 1, tzinfo=UTC)
"""The value of ``agreement_valid_until`` that keeps the gate shut: no agreement has ever been valid."""

LANGUAGES = ("de", "en")


def validate_accent(value: str) -> None:
    """Refuse an accent colour that cannot be read on white (WCAG 2.2, 1.4.3) and name the nearest one that can."""
    if not colours.is_colour(value):
        raise ValidationError(_("Enter the colour as # and six digits from 0 to f, for example #0a5c72."), code="format")
    if not colours.readable_on_white(value):
        raise ValidationError(
            _("This colour has a contrast of %(contrast).1f to 1 on white; text needs 4.5 to 1. %(passing)s would pass."),
            code="contrast",
            params={"contrast": colours.contrast(value, "#ffffff"), "passing": colours.nearest_readable_on_white(value)},
        )


def address_lines(*, street: str, postcode: str, city: str, country: str) -> list[str]:
    """Return the lines of a postal address below the name, as DIN 5008 orders them."""
    return [street, f"{postcode} {city}".strip(), country_name(country)]


class Provider(models.Model):
    """The company that runs the portal, the processor of every agreement; exactly one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    legal_name = models.CharField(_("legal name"), max_length=200)
    street = models.CharField(_("street and number"), max_length=200)
    postcode = models.CharField(_("postcode"), max_length=20)
    city = models.CharField(_("city"), max_length=100)
    country = models.CharField(_("country"), max_length=2)
    register_number = models.CharField(_("register number"), max_length=100, blank=True)
    service_name = models.CharField(_("name of the service"), max_length=100)
    email = models.EmailField(_("e-mail address"))
    phone = models.CharField(_("phone"), max_length=50, blank=True)
    dpo_name = models.CharField(_("name of the data protection officer"), max_length=200, blank=True)
    dpo_email = models.EmailField(_("e-mail address of the data protection officer"), blank=True)
    signatory_name = models.CharField(_("name of the signatory"), max_length=200)
    signatory_function_de = models.CharField(_("function of the signatory, German"), max_length=200)
    signatory_function_en = models.CharField(_("function of the signatory, English"), max_length=200)
    languages = ArrayField(models.CharField(max_length=2), verbose_name=_("languages"), default=list)
    storage_country = models.CharField(_("country where data is stored"), max_length=2)
    help_url_de = models.URLField(_("help page, German"), blank=True)
    help_url_en = models.URLField(_("help page, English"), blank=True)
    accent_colour = models.CharField(_("accent colour"), max_length=7, default="#0a5c72")
    is_sample = models.BooleanField(_("sample data"), default=False)
    last_verified_at = models.DateTimeField(_("last verified"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("provider")
        constraints = [
            models.CheckConstraint(name="provider_is_one_row", condition=Q(id=1)),
            models.CheckConstraint(
                name="provider_country_is_iso", condition=Q(country__regex=r"^[A-Z]{2}$") & Q(storage_country__regex=r"^[A-Z]{2}$")
            ),
            models.CheckConstraint(name="provider_accent_is_hex", condition=Q(accent_colour__regex=r"^#[0-9a-f]{6}$")),
            models.CheckConstraint(
                name="provider_languages_known", condition=Q(languages__contained_by=list(LANGUAGES), languages__len__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return self.legal_name

    def clean(self) -> None:
        try:
            validate_accent(self.accent_colour)
        except ValidationError as refusal:
            raise ValidationError({"accent_colour": refusal}) from refusal

    @classmethod
    def current(cls) -> Provider:
        """Return the one row; raises DoesNotExist before the provider is entered."""
        return cls.objects.get(pk=1)

    @property
    def address_lines(self) -> list[str]:
        return address_lines(street=self.street, postcode=self.postcode, city=self.city, country=self.country)

    def signatory_function(self, language: str) -> str:
        return self.signatory_function_de if language == "de" else self.signatory_function_en

    def help_url(self, language: str) -> str:
        return self.help_url_de if language == "de" else self.help_url_en

    @property
    def light_theme(self) -> colours.Theme:
        return colours.light_theme(self.accent_colour)

    @property
    def dark_theme(self) -> colours.Theme:
        return colours.dark_theme(self.accent_colour)


class CustomerQuerySet(models.QuerySet["Customer"]):
    def open(self) -> CustomerQuerySet:
        """Return companies whose account is not closed."""
        return self.filter(closed_at=None)


class Customer(models.Model):
    """A company that uses the service: the controller, or itself a processor for others (Art. 28(4) GDPR)."""

    class ActsAs(models.TextChoices):
        CONTROLLER = "controller", _("controller")
        PROCESSOR = "processor", _("processor")

    reference = models.UUIDField(_("reference"), default=uuid.uuid4, unique=True, editable=False)
    legal_name = models.CharField(_("company"), max_length=200)
    street = models.CharField(_("street and number"), max_length=200)
    postcode = models.CharField(_("postcode"), max_length=20)
    city = models.CharField(_("city"), max_length=100)
    country = models.CharField(_("country"), max_length=2)
    register_number = models.CharField(_("register number"), max_length=100, blank=True)
    vat_number = models.CharField(_("VAT number"), max_length=20, blank=True)
    acts_as = models.CharField(_("acts as"), max_length=10, choices=ActsAs, default=ActsAs.CONTROLLER)
    language = models.CharField(_("language"), max_length=2, default="de")
    agreement_valid_until = models.DateTimeField(_("agreement valid until"), db_default=CLOSED, editable=False)
    created_at = models.DateTimeField(_("created"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [
            models.CheckConstraint(name="customer_country_is_iso", condition=Q(country__regex=r"^[A-Z]{2}$")),
            models.CheckConstraint(name="customer_language_known", condition=Q(language__in=LANGUAGES)),
            models.CheckConstraint(name="customer_acts_as_known", condition=Q(acts_as__in=["controller", "processor"])),
            models.CheckConstraint(name="customer_closed_after_created", condition=Q(closed_at=None) | Q(closed_at__gte=F("created_at"))),
        ]

    def __str__(self) -> str:
        return self.legal_name

    @property
    def address_lines(self) -> list[str]:
        return address_lines(street=self.street, postcode=self.postcode, city=self.city, country=self.country)

    def people(self) -> models.QuerySet[User]:
        """Return everybody who acts for this company, sorted by name."""
        return self._people().filter(memberships__customer=self).distinct().order_by("full_name", "pk")

    def people_with_roles(self) -> models.QuerySet[User]:
        """Return everybody who acts for this company, each with ``roles_here``, in two queries for any number of people."""
        here = models.Prefetch("memberships", queryset=self.memberships.order_by("role"), to_attr="roles_here")
        return self.people().prefetch_related(here)

    def people_with(self, role: str) -> models.QuerySet[User]:
        """Return the people who hold the role for this company, sorted by name."""
        return self._people().filter(memberships__customer=self, memberships__role=role).order_by("full_name", "pk")

    def _people(self) -> models.QuerySet[User]:
        from customers.models.people import User

        return User.objects.filter(is_active=True)
