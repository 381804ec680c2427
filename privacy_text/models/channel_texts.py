"""The texts that a company's channels use: every saved state is a row, and none is ever changed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from customers.models import Channel, Customer
from privacy_text.models.sample_texts import SampleText

HASH_IS_SHA256 = r"^[0-9a-f]{64}$"


class TextKind(models.TextChoices):
    OPT_IN = "opt_in", _("Opt-in text")
    PASSAGE = "passage", _("Passage for the privacy notice")


class ChannelTextQuerySet(models.QuerySet["ChannelText"]):
    """Saved texts by whom they belong to and which of them count."""

    def of_customer(self, customer: Customer) -> ChannelTextQuerySet:
        return self.filter(channel__customer=customer)

    def newest(self) -> ChannelTextQuerySet:
        """Return the newest row of each channel, kind and language."""
        return self.order_by("channel_id", "kind", "language", "-number").distinct("channel_id", "kind", "language")

    def complete(self) -> ChannelTextQuerySet:
        """Return rows without an open place: only these are handed out."""
        return self.filter(open_places=[])


class ChannelText(models.Model):
    """One saved state of a text of a channel, in one language.

    ``wordings`` are the customer's paragraphs, ``template`` those of the sample text as they were taken over with the same values:
    the common ancestor when the sample text changes. An own text has neither template nor version.
    """

    class Origin(models.TextChoices):
        TEMPLATE = "template", _("Template used")
        SAVED = "saved", _("Edited")
        RESTORED = "restored", _("Earlier text restored")
        MERGED = "merged", _("Update decided on")
        AUTOMATIC = "automatic", _("Updated automatically")

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="texts", verbose_name=_("channel"))
    kind = models.CharField(_("kind"), max_length=10, choices=TextKind)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    number = models.PositiveIntegerField(_("number"))
    wordings = models.JSONField(_("paragraphs"))
    template = models.JSONField(_("paragraphs of the template"), default=list)
    sample_text = models.ForeignKey(
        SampleText, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("version of the sample texts")
    )
    register_number = models.CharField(_("version of the register of subprocessors"), max_length=12, blank=True, default="")
    choices = models.JSONField(_("choices"), default=dict)
    values = models.JSONField(_("answers"), default=dict)
    open_places = models.JSONField(_("open places"), default=list)
    origin = models.CharField(_("how it came about"), max_length=10, choices=Origin)
    saved_at = models.DateTimeField(_("saved at"))
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("saved by"))
    sha256 = models.CharField(_("SHA-256 of the paragraphs"), max_length=64)

    objects = ChannelTextQuerySet.as_manager()

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("text of a channel")
        verbose_name_plural = _("texts of channels")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["channel", "kind", "language", "number"], name="privacy_text_saved_number_once"),
            models.CheckConstraint(condition=Q(number__gt=0), name="privacy_text_saved_counted_from_one"),
            models.CheckConstraint(condition=Q(kind__in=["opt_in", "passage"]), name="privacy_text_saved_kind_known"),
            models.CheckConstraint(condition=Q(language__in=["de", "en"]), name="privacy_text_saved_language_known"),
            models.CheckConstraint(
                condition=Q(origin__in=["template", "saved", "restored", "merged", "automatic"]), name="privacy_text_saved_origin_known"
            ),
            models.CheckConstraint(condition=~Q(origin="automatic") | Q(saved_by=None), name="privacy_text_saved_automatic_by_nobody"),
            models.CheckConstraint(
                condition=Q(sample_text=None, template=[]) | Q(sample_text__isnull=False), name="privacy_text_saved_template_of_a_version"
            ),
            models.CheckConstraint(condition=Q(sha256__regex=HASH_IS_SHA256), name="privacy_text_saved_is_hashed"),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.kind} {self.language} {self.number}"

    @property
    def is_complete(self) -> bool:
        return not self.open_places

    @property
    def is_own(self) -> bool:
        """Say whether the text was written without a template."""
        return self.sample_text_id is None


class ChannelTextDraft(models.Model):
    """What somebody has typed and not saved yet; one per person and text, gone as soon as it is saved or discarded."""

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="drafts", verbose_name=_("channel"))
    kind = models.CharField(_("kind"), max_length=10, choices=TextKind)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("person"))
    based_on = models.PositiveIntegerField(_("number of the text that it began with"), default=0)
    fields = models.JSONField(_("fields"), default=dict)
    kept_at = models.DateTimeField(_("kept at"))

    class Meta:
        default_permissions = ()
        verbose_name = _("draft of a channel’s text")
        verbose_name_plural = _("drafts of channels’ texts")
        constraints = [
            models.UniqueConstraint(fields=["channel", "kind", "language", "user"], name="privacy_text_draft_one_per_person"),
            models.CheckConstraint(condition=Q(kind__in=["opt_in", "passage"]), name="privacy_text_draft_kind_known"),
            models.CheckConstraint(condition=Q(language__in=["de", "en"]), name="privacy_text_draft_language_known"),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.kind} {self.language}"


class TextUpdateQuerySet(models.QuerySet["TextUpdate"]):
    def open(self) -> TextUpdateQuerySet:
        """Return updates that nobody decided on yet, of channels in use."""
        return self.filter(settled_at=None, channel__removed_at=None)

    def of_customer(self, customer: Customer) -> TextUpdateQuerySet:
        return self.filter(channel__customer=customer)


class TextUpdate(models.Model):
    """The sample text or a fact in it differs from what a channel's text was made of; open until somebody decides.

    With ``applies_at`` it is taken over at that moment, as the customer chose: what only the template changed, and nothing else.
    """

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="updates", verbose_name=_("channel"))
    kind = models.CharField(_("kind"), max_length=10, choices=TextKind)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    sample_text = models.ForeignKey(SampleText, models.PROTECT, related_name="+", verbose_name=_("version of the sample texts"))
    register_number = models.CharField(_("version of the register of subprocessors"), max_length=12, blank=True, default="")
    found_at = models.DateTimeField(_("found at"))
    applies_at = models.DateTimeField(_("taken over at"), null=True, blank=True)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)

    objects = TextUpdateQuerySet.as_manager()

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("update of a channel’s text")
        verbose_name_plural = _("updates of channels’ texts")
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "kind", "language"], condition=Q(settled_at=None), name="privacy_text_update_one_open"
            ),
            models.CheckConstraint(condition=Q(kind__in=["opt_in", "passage"]), name="privacy_text_update_kind_known"),
            models.CheckConstraint(condition=Q(language__in=["de", "en"]), name="privacy_text_update_language_known"),
            models.CheckConstraint(condition=Q(applies_at=None) | Q(applies_at__gt=F("found_at")), name="privacy_text_update_told_before"),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.kind} {self.language}"


class Placement(models.Model):
    """Where a company uses the passage of a channel, how its embedded copy stays current, and what the last look at the page found."""

    class Updates(models.TextChoices):
        PINNED = "pinned", _("only after we approve")
        AUTOMATIC = "automatic", _("automatically, after notice")

    class Found(models.TextChoices):
        NOT_ASKED = "", _("not checked")
        FOUND = "found", _("found")
        OUTDATED = "outdated", _("outdated version found")
        MISSING = "missing", _("not found")
        UNREACHABLE = "unreachable", _("page not reached")

    channel = models.OneToOneField(Channel, models.CASCADE, related_name="placement", verbose_name=_("channel"))
    updates = models.CharField(_("updates"), max_length=10, choices=Updates, default=Updates.PINNED)
    page_url = models.URLField(_("page with the passage"), max_length=2000, blank=True, default="")
    asked_at = models.DateTimeField(_("check asked for at"), null=True, blank=True)
    checked_at = models.DateTimeField(_("checked at"), null=True, blank=True)
    found = models.CharField(_("result of the check"), max_length=12, choices=Found, blank=True, default=Found.NOT_ASKED)
    reason = models.CharField(_("why the page was not reached"), max_length=20, blank=True, default="")
    taken_out_at = models.DateTimeField(_("passage taken out at"), null=True, blank=True)

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("place of a passage")
        verbose_name_plural = _("places of passages")
        constraints = [
            models.CheckConstraint(condition=Q(updates__in=["pinned", "automatic"]), name="privacy_text_place_updates_known"),
            models.CheckConstraint(
                condition=Q(found__in=["", "found", "outdated", "missing", "unreachable"]), name="privacy_text_place_found_known"
            ),
            models.CheckConstraint(
                condition=Q(found="", checked_at=None) | (~Q(found="") & Q(checked_at__isnull=False)),
                name="privacy_text_place_found_with_time",
            ),
        ]

    def __str__(self) -> str:
        return str(self.channel_id)
