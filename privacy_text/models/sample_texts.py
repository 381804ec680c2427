"""Sample texts, per type of channel, published as one numbered version: for the consent to messages and for privacy notices."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models import ChannelType
from publishing.canonical import sha256_of_json
from publishing.models import PublishedVersion

PART_KINDS = [
    "opt_in_title",
    "opt_in_message",
    "opt_in_statistics",
    "opt_in_interest",
    "opt_in_segments",
    "opt_in_profile",
    "opt_in_allow",
    "opt_in_later",
    "opt_in_privacy",
]


class SampleText(PublishedVersion):
    """One version of all sample texts; a subscription can name the version that its consent text was taken from."""

    class Meta(PublishedVersion.Meta):
        default_permissions = ("view", "add", "change")
        verbose_name = _("version of the sample texts")
        verbose_name_plural = _("versions of the sample texts")
        permissions = [("approve_sampletext", "Can approve sample texts"), ("publish_sampletext", "Can publish sample texts")]

    def has_texts_for(self, channel_type: ChannelType) -> bool:
        return self.parts.filter(channel_type=channel_type).exists() or self.sections.filter(channel_type=channel_type).exists()

    def content(self) -> dict[str, object]:
        """Return everything that readers are shown."""
        rows = self.parts.select_related("channel_type").order_by("channel_type__key", "language", "kind")
        sections = self.sections.select_related("channel_type").order_by("channel_type__key", "sort", "pk")
        return {
            "parts": [[row.channel_type.key, row.language, row.kind, row.text] for row in rows],
            "sections": [section.content() for section in sections],
        }

    def content_sha256(self) -> str:
        return sha256_of_json(self.content())


class SampleTextPart(models.Model):
    """One sentence or label of a sample text; it may hold placeholders, which the customer fills."""

    class Kind(models.TextChoices):
        TITLE = "opt_in_title", _("Title")
        MESSAGE = "opt_in_message", _("Message")
        STATISTICS = "opt_in_statistics", _("Sentence on evaluation by consent")
        INTEREST = "opt_in_interest", _("Sentence on evaluation by legitimate interest")
        SEGMENTS = "opt_in_segments", _("Sentence on topics")
        PROFILE = "opt_in_profile", _("Sentence on names from the messenger")
        ALLOW = "opt_in_allow", _("Button to agree")
        LATER = "opt_in_later", _("Button to decline")
        PRIVACY = "opt_in_privacy", _("Privacy line")

    keeps_published = True

    version = models.ForeignKey(SampleText, models.CASCADE, related_name="parts", verbose_name=_("version"))
    channel_type = models.ForeignKey(ChannelType, models.PROTECT, related_name="+", verbose_name=_("channel type"))
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    text = models.TextField(_("text"))

    class Meta:
        default_permissions = ("view", "change")
        verbose_name = _("sample text")
        verbose_name_plural = _("sample texts")
        constraints = [
            models.UniqueConstraint(fields=["version", "channel_type", "language", "kind"], name="privacy_text_part_once"),
            models.CheckConstraint(condition=Q(language__in=["de", "en"]), name="privacy_text_part_language_known"),
            models.CheckConstraint(
                condition=Q(kind__in=PART_KINDS),
                name="privacy_text_part_kind_known",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="privacy_text_part_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.channel_type_id} {self.language} {self.kind}"


class PassageSection(models.Model):
    """One paragraph of the passage for a privacy notice, in both languages; its conditions say for which choices it stands.

    Sections of one key exclude each other: at most one of them stands in a passage, so that a key is a lasting name.
    ``recipients`` lets one line of ``item`` follow for each company that the register or the table of operators holds.
    """

    class WhenStatistics(models.TextChoices):
        ALWAYS = "", _("always")
        OFF = "off", _("without evaluation")
        ON = "on", _("with evaluation")
        CONSENT = "consent", _("evaluation by consent")
        INTEREST = "interest", _("evaluation by legitimate interest")

    class When(models.TextChoices):
        ALWAYS = "", _("always")
        ON = "on", _("only with it")
        OFF = "off", _("only without it")

    class WhenRecipients(models.TextChoices):
        ALWAYS = "", _("always")
        NAMED = "named", _("recipients by name")
        CATEGORIES = "categories", _("recipients by category")

    class Recipients(models.TextChoices):
        NONE = "", _("none")
        SUBPROCESSORS = "subprocessors", _("subprocessors without content delivery networks")
        CONTENT_DELIVERY = "content_delivery", _("content delivery networks")
        INDEPENDENT = "independent", _("operators and independent recipients")

    keeps_published = True

    version = models.ForeignKey(SampleText, models.CASCADE, related_name="sections", verbose_name=_("version"))
    channel_type = models.ForeignKey(ChannelType, models.PROTECT, related_name="+", verbose_name=_("channel type"))
    key = models.SlugField(_("key"), max_length=40)
    when_statistics = models.CharField(_("evaluation"), max_length=10, choices=WhenStatistics, blank=True, default="")
    when_segments = models.CharField(_("topics"), max_length=10, choices=When, blank=True, default="")
    when_profile = models.CharField(_("details from the messenger"), max_length=10, choices=When, blank=True, default="")
    when_recipients = models.CharField(_("naming of recipients"), max_length=12, choices=WhenRecipients, blank=True, default="")
    recipients = models.CharField(_("companies listed"), max_length=20, choices=Recipients, blank=True, default="")
    facts = ArrayField(models.CharField(max_length=20), verbose_name=_("facts"), default=list, blank=True)
    heading_de = models.CharField(_("heading (German)"), max_length=200, blank=True, default="")
    heading_en = models.CharField(_("heading (English)"), max_length=200, blank=True, default="")
    text_de = models.TextField(_("text (German)"), blank=True, default="")
    text_en = models.TextField(_("text (English)"), blank=True, default="")
    item_de = models.TextField(_("line per company (German)"), blank=True, default="")
    item_en = models.TextField(_("line per company (English)"), blank=True, default="")
    sort = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        default_permissions = ("view", "change")
        verbose_name = _("section of a passage")
        verbose_name_plural = _("sections of passages")
        ordering = ["sort", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "channel_type", "key", "when_statistics", "when_segments", "when_profile", "when_recipients"],
                name="privacy_text_section_once",
            ),
            models.CheckConstraint(
                condition=Q(when_statistics__in=["", "off", "on", "consent", "interest"], when_segments__in=["", "on", "off"])
                & Q(when_profile__in=["", "on", "off"], when_recipients__in=["", "named", "categories"]),
                name="privacy_text_section_condition_known",
            ),
            models.CheckConstraint(
                condition=Q(recipients__in=["", "subprocessors", "content_delivery", "independent"]),
                name="privacy_text_section_recipients_known",
            ),
            models.CheckConstraint(
                condition=Q(recipients="", item_de="", item_en="") | (~Q(recipients="") & ~Q(item_de="")),
                name="privacy_text_section_item_with_recipients",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def heading(self, language: str) -> str:
        return self.heading_de if language == "de" else self.heading_en

    def text(self, language: str) -> str:
        return self.text_de if language == "de" else self.text_en

    def item(self, language: str) -> str:
        return self.item_de if language == "de" else self.item_en

    @property
    def conditions(self) -> str:
        """For which choices the section stands, in words; empty for a section that always does."""
        chosen = (
            (_("evaluation"), self.when_statistics, self.get_when_statistics_display()),
            (_("topics"), self.when_segments, self.get_when_segments_display()),
            (_("details from the messenger"), self.when_profile, self.get_when_profile_display()),
            (_("naming of recipients"), self.when_recipients, self.get_when_recipients_display()),
        )
        return "; ".join(f"{label}: {words}" for label, value, words in chosen if value)

    def is_untranslated(self, language: str) -> bool:
        """Say whether the section lacks words that it has in the other language, or any text at all."""
        other = "en" if language == "de" else "de"
        pairs = zip(self.templates(language), self.templates(other), strict=True)
        return not self.text(language).strip() or any(there.strip() and not here.strip() for here, there in pairs)

    def templates(self, language: str) -> tuple[str, str, str]:
        """Return everything in the language that may hold placeholders."""
        return self.heading(language), self.text(language), self.item(language)

    def content(self) -> dict[str, object]:
        """Return what readers are shown of the section, in both languages, and when."""
        plain = ("key", "when_statistics", "when_segments", "when_profile", "when_recipients", "recipients", "facts")
        translated = ("heading", "text", "item")
        return {
            "channel_type": self.channel_type.key,
            **{field: getattr(self, field) for field in plain},
            **{field: {"de": getattr(self, f"{field}_de"), "en": getattr(self, f"{field}_en")} for field in translated},
        }
