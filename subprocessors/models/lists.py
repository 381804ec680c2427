"""Lists of subprocessors (Art. 28(2) GDPR): drafted, approved, published, and kept for those who agreed to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from publishing.canonical import canonical_json, sha256_of_json
from publishing.models import PublishedVersion, PublishedVersionQuerySet, State
from subprocessors.models.annex import AnnexEntry
from subprocessors.models.entry import Subprocessor

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

    from subprocessors.models.document import SubprocessorListDocument


class SubprocessorListQuerySet(PublishedVersionQuerySet["SubprocessorList"]):
    def drafts(self) -> SubprocessorListQuerySet:
        """Drafts, the newest first: the first one is what the desk edits."""
        return self.filter(state=State.DRAFT).order_by("-created_at", "-pk")


class SubprocessorList(PublishedVersion):
    """The subprocessors that are engaged from one day on; an accepted agreement names one list as its annex."""

    editor_ids = ArrayField(
        models.BigIntegerField(), verbose_name=_("people who edited the draft"), default=list, blank=True, editable=False
    )

    objects = SubprocessorListQuerySet.as_manager()  # type: ignore[misc]  # the stubs take it for another attribute than the base's

    class Meta(PublishedVersion.Meta):
        verbose_name = _("list of subprocessors")
        verbose_name_plural = _("lists of subprocessors")
        permissions = [("approve_subprocessorlist", "Can approve and publish lists of subprocessors")]

    @property
    def is_draft(self) -> bool:
        return self.state == State.DRAFT

    def is_authored_by(self, person: AbstractBaseUser) -> bool:
        """Count everybody who changed an entry as an author, so that nobody approves what is in part their own."""
        return super().is_authored_by(person) or person.pk in self.editor_ids

    def printed(self) -> dict[str, SubprocessorListDocument]:
        """Return the PDFs by their language."""
        return {document.language: document for document in self.documents.all()}

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
