"""The files of a published list."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from subprocessors.models.lists import SubprocessorList


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
