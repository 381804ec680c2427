"""The register of subprocessors (Art. 28(2) and (4) GDPR): lists and their entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from publishing.canonical import canonical_json, sha256_of_json
from publishing.models import PublishedVersion, State
from subprocessors.countries import EEA, NAMES, country_name, country_names
from subprocessors.transfers import FALLBACKS, basis_label

if TYPE_CHECKING:
    from collections.abc import Iterable

COUNTRY = r"^[A-Z]{2}$"
# Words that follow /subprocessors/ in addresses of the portal's own pages.
RESERVED_SLUGS = ("compare", "subscribe", "subscriptions", "v", "versions")
SHORT_NAMES = {"GB": "UK", "US": "USA"}


class AnnexEntry(TypedDict):
    """An entry in one language, as the annex of an agreement shows it."""

    slug: str
    legal_name: str
    service_name: str
    address_lines: list[str]
    seat_country: str
    contact: str
    purpose: str
    delimitation: str
    data_categories: str
    processing_locations: str
    remote_access_countries: str
    transfer_basis: str
    transfer_detail: str
    fallback_basis: str


class SubprocessorList(PublishedVersion):
    """The subprocessors that are engaged from one day on; an accepted agreement names one list as its annex."""

    class Meta(PublishedVersion.Meta):
        verbose_name = _("list of subprocessors")
        verbose_name_plural = _("lists of subprocessors")

    @property
    def is_draft(self) -> bool:
        return self.state == State.DRAFT

    def content(self) -> dict[str, object]:
        """Return everything that readers are shown, in both languages; the public JSON file is exactly this."""
        return {"entries": [entry.content() for entry in self.entries.all()]}

    def content_json(self) -> bytes:
        """Return the canonical JSON (RFC 8785) whose SHA-256 is the hash of the list."""
        return canonical_json(self.content())

    def content_sha256(self) -> str:
        return sha256_of_json(self.content())

    def as_annex(self, language: str) -> list[AnnexEntry]:
        """Return the authorised subprocessors in the language; independent recipients are none, so the annex leaves them out."""
        return [entry.as_annex(language) for entry in self.entries.filter(kind=Subprocessor.Kind.SUBPROCESSOR)]

    def independent_recipients(self, language: str) -> list[AnnexEntry]:
        """Return the recipients that decide for themselves, such as push services (Art. 13(1)(e) GDPR names them to people)."""
        return [entry.as_annex(language) for entry in self.entries.filter(kind=Subprocessor.Kind.INDEPENDENT)]


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

    class ChannelType(models.TextChoices):
        WEB_PUSH = "web_push", _("Web push")
        APP_PUSH = "app_push", _("App push")
        FACEBOOK_MESSENGER = "facebook_messenger", _("Facebook Messenger")
        TELEGRAM = "telegram", _("Telegram")

    keeps_published = True

    subprocessor_list = models.ForeignKey(SubprocessorList, models.CASCADE, related_name="entries", verbose_name=_("list of subprocessors"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.SUBPROCESSOR)
    slug = models.SlugField(_("name in addresses"), max_length=60)
    legal_name = models.CharField(_("legal name"), max_length=200)
    service_name = models.CharField(_("name of the service"), max_length=200, blank=True, default="")
    address = models.CharField(_("address"), max_length=300)
    seat_country = models.CharField(_("country of the seat"), max_length=2)
    contact = models.CharField(_("contact"), max_length=200, blank=True, default="")
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
    channel_types = ArrayField(
        models.CharField(max_length=20, choices=ChannelType), verbose_name=_("channel types"), default=list, blank=True
    )
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
        """Refuse codes that name no country; what outside the EEA needs a basis the constraints say."""
        fields = ("seat_country", "processing_locations", "remote_access_countries")
        unknown = {field: unknown_countries(self, field) for field in fields}
        errors = {
            field: ValidationError(_("No country has the code %(codes)s."), code="country", params={"codes": ", ".join(codes)})
            for field, codes in unknown.items()
            if codes
        }
        if errors:
            raise ValidationError(errors)

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
        }

    def as_annex(self, language: str) -> AnnexEntry:
        return {
            "slug": self.slug,
            "legal_name": self.legal_name,
            "service_name": self.service_name,
            "address_lines": self.address_lines,
            "seat_country": country_name(self.seat_country, language),
            "contact": self.contact,
            "purpose": self.purpose(language),
            "delimitation": self.delimitation(language),
            "data_categories": "; ".join(self.data_categories(language)),
            "processing_locations": named_or_open(self.processing_locations, language),
            "remote_access_countries": ", ".join(country_names(self.remote_access_countries, language)),
            "transfer_basis": basis_label(self.transfer_basis, language),
            "transfer_detail": self.transfer_detail(language),
            "fallback_basis": basis_label(self.fallback_basis, language),
        }


class SubprocessorListDocument(models.Model):
    """The PDF of a published list in one language: made once, kept under its hash."""

    append_only = True

    subprocessor_list = models.ForeignKey(
        SubprocessorList, models.PROTECT, related_name="documents", verbose_name=_("list of subprocessors")
    )
    language = models.CharField(_("language"), max_length=2)
    sha256 = models.CharField(_("SHA-256 of the file"), max_length=64)
    pages = models.PositiveIntegerField(_("pages"))
    size = models.PositiveIntegerField(_("size in bytes"))
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("document of subprocessors")
        verbose_name_plural = _("documents of subprocessors")
        constraints = [
            models.UniqueConstraint(fields=["subprocessor_list", "language"], name="subprocessors_document_once_per_language"),
            models.CheckConstraint(condition=Q(language__in=["de", "en"]), name="subprocessors_document_language_known"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="subprocessors_document_sha256_is_a_hash"),
        ]

    def __str__(self) -> str:
        return self.sha256


def unknown_countries(entry: Subprocessor, field: str) -> list[str]:
    value: str | Iterable[str] = getattr(entry, field)
    codes = [value] if isinstance(value, str) else value
    return sorted(code for code in codes if code not in NAMES)


def named_or_open(codes: list[str], language: str) -> str:
    """Return the countries' names; an annex says openly where the provider has not confirmed any."""
    if codes:
        return ", ".join(country_names(codes, language))
    return "noch nicht bestätigt" if language == "de" else "not yet confirmed"
