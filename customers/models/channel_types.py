"""In which ways messages reach subscribers: rows, so that a further type needs no code."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

# Words that follow /texts/ in addresses of the portal's own pages.
RESERVED_KEYS = ("compare", "versions")


class ChannelTypeQuerySet(models.QuerySet["ChannelType"]):
    def labels(self, language: str) -> dict[str, str]:
        """Return the label of each type by its key, in the order in which pages show them."""
        return {row.key: row.label(language) for row in self}


class ChannelType(models.Model):
    """A way in which messages reach subscribers.

    Its key is a lasting name: channels and the register of subprocessors hold it as a word, and the database refuses a word
    that no type has. The table has the name under which older migrations made it.
    """

    class Kind(models.TextChoices):
        WEBSITE = "website", _("Website")
        APP = "app", _("App")
        MESSENGER = "messenger", _("Messenger")

    key = models.SlugField(_("key"), max_length=40, unique=True)
    label_de = models.CharField(_("label (German)"), max_length=80)
    label_en = models.CharField(_("label (English)"), max_length=80)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    availability_de = models.TextField(_("note on availability (German)"), blank=True, default="")
    availability_en = models.TextField(_("note on availability (English)"), blank=True, default="")
    sort = models.PositiveSmallIntegerField(_("position"), default=0)

    objects = ChannelTypeQuerySet.as_manager()

    class Meta:
        db_table = "privacy_text_channeltype"
        default_permissions = ("view", "add", "change")
        verbose_name = _("channel type")
        verbose_name_plural = _("channel types")
        ordering = ["sort", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["website", "app", "messenger"]), name="privacy_text_channel_kind_known"),
            models.CheckConstraint(condition=~Q(key__in=RESERVED_KEYS), name="privacy_text_channel_key_is_free"),
        ]

    def __str__(self) -> str:
        return self.label(get_language() or "en")

    def label(self, language: str) -> str:
        return self.label_de if language == "de" else self.label_en

    def availability(self, language: str) -> str:
        """Return the note on where this type can still be used, or an empty text."""
        return self.availability_de if language == "de" else self.availability_en
