"""Sample texts for the consent to messages, per type of channel and language, published as one numbered version."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from publishing.canonical import sha256_of_json
from publishing.models import PublishedVersion


class ChannelType(models.Model):
    """A way in which messages reach subscribers."""

    class Kind(models.TextChoices):
        WEBSITE = "website", _("Website")
        APP = "app", _("App")
        MESSENGER = "messenger", _("Messenger")

    key = models.SlugField(_("key"), max_length=40, unique=True)
    label_de = models.CharField(_("label (German)"), max_length=80)
    label_en = models.CharField(_("label (English)"), max_length=80)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    sort = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("channel type")
        verbose_name_plural = _("channel types")
        ordering = ["sort", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["website", "app", "messenger"]), name="privacy_text_channel_kind_known")
        ]

    def __str__(self) -> str:
        return self.label_en

    def label(self, language: str) -> str:
        return self.label_de if language == "de" else self.label_en


class SampleText(PublishedVersion):
    """One version of all sample texts; a subscription can name the version that its consent text was taken from."""

    class Meta(PublishedVersion.Meta):
        default_permissions = ("view",)
        verbose_name = _("version of the sample texts")
        verbose_name_plural = _("versions of the sample texts")
        permissions = [("approve_sampletext", "Can approve sample texts"), ("publish_sampletext", "Can publish sample texts")]

    def content(self) -> dict[str, object]:
        """Return everything that readers are shown."""
        rows = self.parts.select_related("channel_type").order_by("channel_type__key", "language", "kind")
        return {"parts": [[row.channel_type.key, row.language, row.kind, row.text] for row in rows]}

    def content_sha256(self) -> str:
        return sha256_of_json(self.content())


class SampleTextPart(models.Model):
    """One sentence or label of a sample text; it may hold placeholders, which the customer fills."""

    class Kind(models.TextChoices):
        TITLE = "opt_in_title", _("Title")
        MESSAGE = "opt_in_message", _("Message")
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
        default_permissions = ("view",)
        verbose_name = _("sample text")
        verbose_name_plural = _("sample texts")
        constraints = [
            models.UniqueConstraint(fields=["version", "channel_type", "language", "kind"], name="privacy_text_part_once"),
            models.CheckConstraint(condition=Q(language__in=["de", "en"]), name="privacy_text_part_language_known"),
            models.CheckConstraint(
                condition=Q(kind__in=["opt_in_title", "opt_in_message", "opt_in_allow", "opt_in_later", "opt_in_privacy"]),
                name="privacy_text_part_kind_known",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="privacy_text_part_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.channel_type_id} {self.language} {self.kind}"
