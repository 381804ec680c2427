"""The PDFs of a list."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from publishing.models import PrintedDocument
from subprocessors.models.lists import SubprocessorList


class SubprocessorListDocument(PrintedDocument):
    """The PDF of a list in one language."""

    subprocessor_list = models.ForeignKey(
        SubprocessorList, models.PROTECT, related_name="documents", verbose_name=_("list of subprocessors")
    )

    class Meta(PrintedDocument.Meta):
        verbose_name = _("document of subprocessors")
        verbose_name_plural = _("documents of subprocessors")
        constraints = [
            *PrintedDocument.Meta.constraints,
            models.UniqueConstraint(
                fields=["subprocessor_list", "language", "approved_as"], name="subprocessors_document_once_per_approval"
            ),
        ]
