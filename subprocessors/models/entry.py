"""A company in the register of subprocessors (Art. 28(2) and (4) GDPR)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from customers.models import ChannelType
from subprocessors.countries import EEA, NAMES, country_name, country_names
from subprocessors.models.annex import AnnexEntry
from subprocessors.transfers import FALLBACKS, basis_label

if TYPE_CHECKING:
    from collections.abc import Iterable

COUNTRY = r"^[A-Z]{2}$"
# Words that follow /subprocessors/ in addresses of the portal's own pages.
RESERVED_SLUGS = ("compare", "subscribe", "subscriptions", "v", "versions")
LONGEST_SLUG = 60
DELIVERS_CONTENT = re.compile(r"\b(content[ -]delivery|CDN)\b", re.IGNORECASE)
SHORT_NAMES = {"GB": "UK", "US": "USA"}


class SubprocessorQuerySet(models.QuerySet["Subprocessor"]):
    def last_published(self, slug: str) -> Subprocessor | None:
        """Return the entry as the newest list that is or was in force shows it, or None if none ever did."""
        readable = self.filter(slug=slug, subprocessor_list__state__in=["published", "superseded"])
        return readable.select_related("subprocessor_list").order_by("-subprocessor_list__published_at").first()


class Subprocessor(models.Model):
    """One company that receives personal data: a subprocessor, or a recipient that decides for itself, such as a push service."""

    class Kind(models.TextChoices):
        SUBPROCESSOR = "subprocessor", _("subprocessor")
        INDEPENDENT = "independent", _("independent recipient")

    class TransferBasis(models.TextChoices):
        NONE_EEA = "none_eea", _("not required (EEA)")
        ADEQUACY = "adequacy", _("adequacy decision")
        DPF = "dpf", _("EU-US Data Privacy Framework")
        SCC = "scc", _("standard contractual clauses")
        BCR = "bcr", _("binding corporate rules")
        ART49 = "art49", _("derogation under Art. 49 GDPR")

    class ServiceKind(models.TextChoices):
        CONTENT_DELIVERY = "content_delivery", _("content delivery network")
        OTHER = "other", _("other service")

    keeps_published = True

    subprocessor_list = models.ForeignKey(
        "subprocessors.SubprocessorList", models.CASCADE, related_name="entries", verbose_name=_("list of subprocessors")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.SUBPROCESSOR)
    slug = models.SlugField(_("name in addresses"), max_length=LONGEST_SLUG)
    legal_name = models.CharField(_("legal name"), max_length=200)
    register_number = models.CharField(_("legal form and register number"), max_length=100, blank=True, default="")
    service_name = models.CharField(_("name of the service"), max_length=200, blank=True, default="")
    address = models.CharField(_("address"), max_length=300)
    seat_country = models.CharField(_("country of the seat"), max_length=2)
    contact = models.CharField(_("contact"), max_length=200, blank=True, default="")
    service_kind = models.CharField(_("kind of service"), max_length=20, choices=ServiceKind, blank=True, default="")
    purpose_de = models.TextField(_("purpose (German)"))
    purpose_en = models.TextField(_("purpose (English)"))
    delimitation_de = models.TextField(_("delimitation of responsibilities (German)"), blank=True, default="")
    delimitation_en = models.TextField(_("delimitation of responsibilities (English)"), blank=True, default="")
    data_categories_de = ArrayField(
        models.CharField(max_length=200), verbose_name=_("categories of data (German)"), default=list, blank=True
    )
    data_categories_en = ArrayField(
        models.CharField(max_length=200), verbose_name=_("categories of data (English)"), default=list, blank=True
    )
    processing_locations = ArrayField(models.CharField(max_length=2), verbose_name=_("countries of processing"), default=list, blank=True)
    remote_access_countries = ArrayField(
        models.CharField(max_length=2), verbose_name=_("countries with remote access"), default=list, blank=True
    )
    transfer_basis = models.CharField(_("basis of the transfer"), max_length=10, choices=TransferBasis)
    transfer_detail_de = models.TextField(_("details of the transfer (German)"), blank=True, default="")
    transfer_detail_en = models.TextField(_("details of the transfer (English)"), blank=True, default="")
    fallback_basis = models.CharField(_("fallback basis"), max_length=10, choices=TransferBasis, blank=True, default="")
    checked_at = models.DateField(_("listing checked on"), null=True, blank=True)
    channel_types = ArrayField(models.CharField(max_length=40), verbose_name=_("channel types"), default=list, blank=True)
    contract_date = models.DateField(_("contract under Art. 28(4) GDPR of"), null=True, blank=True)
    contract_reference = models.CharField(_("version or address of the contract"), max_length=200, blank=True, default="")
    own_list_url = models.URLField(_("its own list of subprocessors"), blank=True, default="")
    verification_note_de = models.TextField(_("note on verification, never published (German)"), blank=True, default="")
    verification_note_en = models.TextField(_("note on verification, never published (English)"), blank=True, default="")
    last_verified_at = models.DateTimeField(_("last verified"), null=True, blank=True)
    sort = models.PositiveSmallIntegerField(_("position"), default=0)

    objects = SubprocessorQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of a list of subprocessors")
        verbose_name_plural = _("entries of lists of subprocessors")
        ordering = ["sort", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["subprocessor_list", "slug"], name="subprocessors_entry_slug_once"),
            models.CheckConstraint(
                condition=~Q(slug__in=RESERVED_SLUGS),
                name="subprocessors_entry_slug_is_free",
                violation_error_message=_("This name is an address of the portal itself. Choose another."),
            ),
            models.CheckConstraint(condition=Q(kind__in=["subprocessor", "independent"]), name="subprocessors_entry_kind_known"),
            models.CheckConstraint(
                condition=Q(transfer_basis__in=["none_eea", "adequacy", "dpf", "scc", "bcr", "art49"]),
                name="subprocessors_entry_basis_known",
            ),
            models.CheckConstraint(
                condition=Q(service_kind__in=["", "content_delivery", "other"]), name="subprocessors_entry_service_kind_known"
            ),
            models.CheckConstraint(condition=Q(seat_country__regex=COUNTRY), name="subprocessors_entry_seat_is_a_country"),
            models.CheckConstraint(
                condition=~Q(transfer_basis="none_eea")
                | Q(seat_country__in=EEA, processing_locations__contained_by=list(EEA), remote_access_countries__contained_by=list(EEA)),
                name="subprocessors_entry_outside_eea_has_a_basis",
                violation_error_message=_(
                    "A seat, a place of processing or remote access outside the EEA needs a basis of the transfer (Art. 44 GDPR)."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(transfer_basis="dpf") | Q(fallback_basis__in=FALLBACKS),
                name="subprocessors_entry_dpf_has_a_fallback",
                violation_error_message=_(
                    "The Data Privacy Framework needs a fallback basis, since its adequacy decision is being challenged."
                ),
            ),
            models.CheckConstraint(
                condition=Q(last_verified_at=None) | Q(kind="independent") | Q(processing_locations__len__gt=0),
                name="subprocessors_entry_verified_with_locations",
                violation_error_message=_("A verified entry names its countries of processing."),
            ),
            models.CheckConstraint(
                condition=Q(last_verified_at=None) | ~Q(transfer_basis="dpf") | Q(checked_at__isnull=False),
                name="subprocessors_entry_verified_dpf_was_checked",
                violation_error_message=_("A verified entry says when the listing in the Data Privacy Framework was checked."),
            ),
        ]

    def __str__(self) -> str:
        return self.legal_name

    def clean(self) -> None:
        """Refuse codes that name no country or no channel type, and an entry that leaves open whether it is a content delivery network.

        What outside the EEA needs a basis the constraints say.
        """
        fields = ("seat_country", "processing_locations", "remote_access_countries")
        unknown = {field: unknown_countries(self, field) for field in fields}
        errors = {
            field: ValidationError(_("No country has the code %(codes)s."), code="country", params={"codes": ", ".join(codes)})
            for field, codes in unknown.items()
            if codes
        }
        types = set(self.channel_types) - set(ChannelType.objects.filter(key__in=self.channel_types).values_list("key", flat=True))
        if types:
            text = _("There is no channel type %(keys)s.")
            errors["channel_types"] = ValidationError(text, code="channel_type", params={"keys": ", ".join(sorted(types))})
        if not self.service_kind and (self.subprocessor_list_id is None or self.subprocessor_list.is_draft):
            errors["service_kind"] = ValidationError(_("Say whether the company is a content delivery network."), code="required")
        if errors:
            raise ValidationError(errors)

    @property
    def delivers_content(self) -> bool:
        """Whether the company is a content delivery network; lists from before there was a field for it say so in the purpose alone."""
        return self.service_kind == self.ServiceKind.CONTENT_DELIVERY or (not self.service_kind and self.purpose_names_delivery)

    @property
    def purpose_names_delivery(self) -> bool:
        return bool(DELIVERS_CONTENT.search(self.purpose_de) or DELIVERS_CONTENT.search(self.purpose_en))

    @property
    def is_verified(self) -> bool:
        return self.last_verified_at is not None

    @property
    def countries(self) -> set[str]:
        """The countries that the entry has to do with: seat, processing, remote access."""
        return {self.seat_country, *self.processing_locations, *self.remote_access_countries}

    @property
    def address_lines(self) -> list[str]:
        """The lines of the address without the country, which the seat names in the reader's language."""
        lines = [line.strip() for line in self.address.replace("\n", ",").split(",") if line.strip()]
        names = {*NAMES.get(self.seat_country, ()), SHORT_NAMES.get(self.seat_country, "")}
        return lines[:-1] if len(lines) > 1 and lines[-1] in names else lines

    def purpose(self, language: str) -> str:
        return self.purpose_de if language == "de" else self.purpose_en

    def delimitation(self, language: str) -> str:
        return self.delimitation_de if language == "de" else self.delimitation_en

    def data_categories(self, language: str) -> list[str]:
        return self.data_categories_de if language == "de" else self.data_categories_en

    def transfer_detail(self, language: str) -> str:
        return self.transfer_detail_de if language == "de" else self.transfer_detail_en

    def content(self) -> dict[str, object]:
        """Return what readers are shown of the entry, in both languages."""
        plain: tuple[str, ...] = (
            "slug",
            "kind",
            "legal_name",
            "service_name",
            "address",
            "seat_country",
            "contact",
            "processing_locations",
            "remote_access_countries",
        )
        plain += ("transfer_basis", "fallback_basis", "channel_types", "own_list_url", "is_verified")
        translated = ("purpose", "delimitation", "data_categories", "transfer_detail")
        return {
            **{field: getattr(self, field) for field in plain},
            **{field: {"de": getattr(self, f"{field}_de"), "en": getattr(self, f"{field}_en")} for field in translated},
            "checked_at": self.checked_at.isoformat() if self.checked_at else None,
            **self.later_content(),
        }

    def later_content(self) -> dict[str, object]:
        """Return the facts that came after the first lists were hashed; empty ones are left out, so that old hashes hold."""
        later = {
            "register_number": self.register_number,
            "contract_date": self.contract_date.isoformat() if self.contract_date else "",
            "contract_reference": self.contract_reference,
            "service_kind": self.service_kind,
        }
        return {name: value for name, value in later.items() if value}

    def contract(self, language: str) -> str:
        """Return the date and the version of the contract with the company, as far as they are known."""
        with override(language):
            day = date_format(self.contract_date, "DATE_FORMAT") if self.contract_date else ""
        return ", ".join(part for part in (day, self.contract_reference) if part)

    def service(self, language: str) -> str:
        """Return what kind of service it is where that has a name of its own."""
        with override(language):
            return str(self.ServiceKind.CONTENT_DELIVERY.label) if self.service_kind == self.ServiceKind.CONTENT_DELIVERY else ""

    def as_annex(self, language: str) -> AnnexEntry:
        return {
            "slug": self.slug,
            "legal_name": self.legal_name,
            "service_name": self.service_name,
            "address_lines": self.address_lines,
            "seat_country": country_name(self.seat_country, language),
            "contact": self.contact,
            "service_kind": self.service(language),
            "purpose": self.purpose(language),
            "delimitation": self.delimitation(language),
            "data_categories": "; ".join(self.data_categories(language)),
            "processing_locations": named_or_open(self.processing_locations, language),
            "remote_access_countries": ", ".join(country_names(self.remote_access_countries, language)),
            "transfer_basis": basis_label(self.transfer_basis, language),
            "transfer_detail": self.transfer_detail(language),
            "fallback_basis": basis_label(self.fallback_basis, language),
            "register_number": self.register_number,
            "contract": self.contract(language),
        }


def unknown_countries(entry: Subprocessor, field: str) -> list[str]:
    value: str | Iterable[str] = getattr(entry, field)
    codes = [value] if isinstance(value, str) else value
    return sorted(code for code in codes if code not in NAMES)


def named_or_open(codes: list[str], language: str) -> str:
    """Return the countries' names; an annex says openly where the provider has not confirmed any."""
    if codes:
        return ", ".join(country_names(codes, language))
    return "noch nicht bestätigt" if language == "de" else "not yet confirmed"
