"""Versions of the data processing agreement (Art. 28(3) GDPR) and their texts, one per language."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from publishing.canonical import sha256_of_json, sha256_of_text
from publishing.models import ChangeKind, PublishedVersion


class AgreementVersion(PublishedVersion):
    """One version of the agreement with the annexes that it pins: a set of measures and a list of subprocessors."""

    prevailing_language = models.CharField(_("prevailing language"), max_length=5, choices=settings.LANGUAGES, default="de")
    must_accept_by = models.DateTimeField(_("must be accepted by"), null=True, blank=True)
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    coverage = models.JSONField(_("sections for each item of Art. 28(3)"), default=dict, blank=True)
    is_body_locked = models.BooleanField(_("the body is locked"), default=False)
    measure_set = models.ForeignKey(
        "toms.MeasureSet",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("version of the measures"),
    )
    subprocessor_list = models.ForeignKey(
        "subprocessors.SubprocessorList",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("version of the subprocessors"),
    )

    class Meta(PublishedVersion.Meta):
        verbose_name = _("agreement version")
        verbose_name_plural = _("agreement versions")
        permissions = [("approve_agreementversion", "Can approve and publish agreement versions")]
        constraints = [
            *PublishedVersion.Meta.constraints,
            models.CheckConstraint(
                condition=Q(state="draft") | Q(measure_set__isnull=False, subprocessor_list__isnull=False),
                name="dpa_version_pins_its_annexes",
            ),
            models.CheckConstraint(
                condition=Q(change_kind="material") | Q(must_accept_by=None), name="dpa_version_editorial_needs_no_acceptance"
            ),
        ]

    def next_number(self, current: AgreementVersion | None) -> str:
        """Count material changes before the point and editorial ones behind it."""
        if current is None:
            return "1.0"
        major, minor = (int(part) for part in current.number.split("."))
        return f"{major + 1}.0" if self.change_kind == ChangeKind.MATERIAL else f"{major}.{minor + 1}"

    def content_sha256(self) -> str:
        return sha256_of_json(
            {"texts": {text.language: text.content_sha256() for text in self.texts.all()}, "prevailing": self.prevailing_language}
        )

    def has_documents(self) -> bool:
        return all(text.document for text in self.texts.all())

    def text(self, language: str) -> AgreementText:
        """Return the text in the language, or in the prevailing one where that language is not offered."""
        texts = {text.language: text for text in self.texts.all()}
        return texts.get(language) or texts[self.prevailing_language]


class AgreementText(models.Model):
    """The agreement in one language: what was written, and, fixed at approval, what is shown and hashed."""

    version = models.ForeignKey(AgreementVersion, on_delete=models.CASCADE, related_name="texts", verbose_name=_("version"))
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    title = models.CharField(_("title"), max_length=200)
    body = models.TextField(_("body (Markdown)"))
    description = models.TextField(_("description of processing (Markdown)"))
    summary = models.JSONField(_("plain-language summary"), default=list, blank=True)
    locked_body_sha256 = models.CharField(_("SHA-256 of the locked body"), max_length=64, blank=True, default="", editable=False)
    filled_body = models.TextField(_("body, filled"), blank=True, default="", editable=False)
    filled_description = models.TextField(_("description of processing, filled"), blank=True, default="", editable=False)
    provider_facts = models.JSONField(_("details of the provider"), default=dict, blank=True, editable=False)
    plain_text = models.TextField(_("plain text"), blank=True, default="", editable=False)
    sha256 = models.CharField(_("SHA-256 of the plain text"), max_length=64, blank=True, default="", editable=False)

    class Meta:
        verbose_name = _("agreement text")
        verbose_name_plural = _("agreement texts")
        constraints = [models.UniqueConstraint(fields=["version", "language"], name="dpa_text_once_per_language")]

    keeps_published = True

    def __str__(self) -> str:
        return f"{self.title} ({self.language})"

    def content_sha256(self) -> str:
        """Return the hash of what was written and of what it became, so that an approval covers both."""
        written = {"title": self.title, "body": self.body, "description": self.description, "summary": self.summary}
        return sha256_of_json({"written": written, "plain_text": sha256_of_text(self.plain_text)})

    @property
    def document(self) -> AgreementDocument | None:
        """Return the PDF of exactly this text, or None while it is being made."""
        return self.documents.filter(text_sha256=self.sha256).first()

    @property
    def file_name(self) -> str:
        return f"{'AVV' if self.language == 'de' else 'DPA'}_{self.version.number}_{self.language}"


class AgreementDocument(models.Model):
    """The PDF of an approved text, rendered once and kept by its hash; a text that is opened again gets another."""

    append_only = True

    text = models.ForeignKey(AgreementText, on_delete=models.PROTECT, related_name="documents", verbose_name=_("text"))
    text_sha256 = models.CharField(_("SHA-256 of the published text"), max_length=64)
    sha256 = models.CharField(_("SHA-256 of the file"), max_length=64)
    pages = models.PositiveIntegerField(_("pages"))
    size = models.PositiveIntegerField(_("size in bytes"))
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("agreement document")
        verbose_name_plural = _("agreement documents")
        constraints = [models.UniqueConstraint(fields=["text", "text_sha256"], name="dpa_document_once_per_text")]

    def __str__(self) -> str:
        return self.sha256
