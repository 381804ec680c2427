"""Lists of subprocessors (Art. 28(2) GDPR): drafted, approved, published, and kept for those who agreed to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from publishing.canonical import canonical_json, sha256_of_json
from publishing.models import PrintedVersion, PublishedVersionQuerySet, State
from subprocessors.models.annex import AnnexEntry
from subprocessors.models.entry import Subprocessor

if TYPE_CHECKING:
    from subprocessors.models.document import SubprocessorListDocument


class SubprocessorListQuerySet(PublishedVersionQuerySet["SubprocessorList"]):
    def drafts(self) -> SubprocessorListQuerySet:
        """Drafts, the newest first: the first one is what the desk edits."""
        return self.filter(state=State.DRAFT).order_by("-created_at", "-pk")


class SubprocessorList(PrintedVersion):
    """The subprocessors that are engaged from one day on; an accepted agreement names one list as its annex."""

    objects = SubprocessorListQuerySet.as_manager()  # type: ignore[misc]  # the stubs take it for another attribute than the base's

    class Meta(PrintedVersion.Meta):
        verbose_name = _("list of subprocessors")
        verbose_name_plural = _("lists of subprocessors")
        permissions = [("approve_subprocessorlist", "Can approve and publish lists of subprocessors")]

    def printed(self) -> dict[str, SubprocessorListDocument]:
        return self.of_this_approval(self.documents.all())

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
