"""What "published" means, for every app that publishes; no table of its own."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Self, TypeVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from publishing.canonical import sha256_of_json
from publishing.periods import end_of_day

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

_Version = TypeVar("_Version", bound="PublishedVersion", covariant=True)
_Document = TypeVar("_Document", bound="PrintedDocument")
SHA256 = r"^[0-9a-f]{64}$"


class State(models.TextChoices):
    DRAFT = "draft", _("Draft")
    APPROVED = "approved", _("Approved")
    PUBLISHED = "published", _("Published")
    SUPERSEDED = "superseded", _("Superseded")


class ChangeKind(models.TextChoices):
    EDITORIAL = "editorial", _("Editorial")
    MATERIAL = "material", _("Material")


class PublishedVersionQuerySet(models.QuerySet["_Version"]):
    """Versions by their state."""

    def current(self) -> _Version | None:
        """Return the one published version, or None before the first publication."""
        return self.filter(state=State.PUBLISHED).first()

    def readable(self) -> Self:
        """Versions that are or were in force, newest first."""
        return self.filter(state__in=[State.PUBLISHED, State.SUPERSEDED]).order_by("-published_at")

    def in_force_on(self, day: datetime.date) -> _Version | None:
        """Return the version that applied on the day: the newest of those that had begun by its end."""
        return self.readable().filter(effective_date__lte=day, published_at__lt=end_of_day(day)).first()

    def in_preparation(self) -> Self:
        return self.filter(state__in=[State.DRAFT, State.APPROVED]).order_by("-created_at")


class PublishedVersion(models.Model):
    """A numbered text or register: drafted by one person, approved by another, then never changed again.

    A subclass says what its content is (``content``) and keeps its rows with the trigger ``publishing_keep_published``.
    """

    keeps_published = True

    number = models.CharField(_("number"), max_length=12, blank=True, default="", editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT, editable=False)
    change_kind = models.CharField(_("kind of change"), max_length=10, choices=ChangeKind, default=ChangeKind.MATERIAL)
    change_note_de = models.TextField(_("what changed (German)"), blank=True, default="")
    change_note_en = models.TextField(_("what changed (English)"), blank=True, default="")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False, verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created at"), editable=False)
    editor_ids = ArrayField(
        models.BigIntegerField(), verbose_name=_("people who edited the draft"), default=list, blank=True, editable=False
    )
    """Rows of people, not foreign keys: whoever changed a word may not be the second person."""
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        editable=False,
        verbose_name=_("approved by"),
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        editable=False,
        verbose_name=_("published by"),
    )
    published_at = models.DateTimeField(_("published at"), null=True, blank=True, editable=False)
    effective_date = models.DateField(_("effective from"), null=True, blank=True)
    superseded_at = models.DateTimeField(_("superseded at"), null=True, blank=True, editable=False)
    sha256 = models.CharField(_("SHA-256 of the content"), max_length=64, blank=True, default="", editable=False)

    objects = PublishedVersionQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=Q(state="published"), name="%(app_label)s_%(class)s_one_current"),
            models.UniqueConstraint(fields=["number"], condition=~Q(number=""), name="%(app_label)s_%(class)s_number_once"),
            models.CheckConstraint(
                condition=Q(approved_by=None, approved_at=None) | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="%(app_label)s_%(class)s_approver_and_time_together",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("created_by")), name="%(app_label)s_%(class)s_author_does_not_approve"
            ),
            models.CheckConstraint(
                condition=Q(state="draft", approved_at=None, number="")
                | (~Q(state="draft") & Q(approved_at__isnull=False) & ~Q(sha256="") & ~Q(number="")),
                name="%(app_label)s_%(class)s_approved_with_number_and_hash",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "approved"], published_at=None)
                | Q(
                    state__in=["published", "superseded"],
                    published_at__isnull=False,
                    published_by__isnull=False,
                    effective_date__isnull=False,
                ),
                name="%(app_label)s_%(class)s_published_with_person_and_dates",
            ),
            models.CheckConstraint(
                condition=Q(state="superseded", superseded_at__isnull=False) | (~Q(state="superseded") & Q(superseded_at=None)),
                name="%(app_label)s_%(class)s_superseded_with_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.number or self.get_state_display()}"

    @property
    def is_draft(self) -> bool:
        return self.state == State.DRAFT

    @property
    def is_frozen(self) -> bool:
        return self.state in (State.PUBLISHED, State.SUPERSEDED)

    def content_sha256(self) -> str:
        """Return the SHA-256 of everything that readers are shown; a subclass says what that is."""
        raise NotImplementedError

    def next_number(self, current: Self | None) -> str:
        """Return the number that this version gets: registers count on, an agreement counts material and editorial apart."""
        return str(int(current.number) + 1) if current else "1"

    def printed_sha256(self) -> str:
        """Return the SHA-256 of what a PDF prints of the version: its content, its number and the day from which it applies."""
        day = self.effective_date.isoformat() if self.effective_date else ""
        return sha256_of_json({"content": self.sha256, "number": self.number, "effective_date": day})

    def has_documents(self) -> bool:
        """Say whether the PDFs of exactly this approval are made; a text that prints none has nothing to wait for."""
        return True

    def change_note(self, language: str) -> str:
        return self.change_note_de if language == "de" else self.change_note_en

    def is_authored_by(self, person: AbstractBaseUser) -> bool:
        """Count everybody who changed the draft as an author, so that nobody approves what is in part their own."""
        return bool(self.created_by_id == person.pk) or person.pk in self.editor_ids


class PrintedVersion(PublishedVersion):
    """A version that is printed as one PDF per language before it is published."""

    class Meta(PublishedVersion.Meta):
        abstract = True

    def printed(self) -> Mapping[str, PrintedDocument]:
        """Return the PDFs of exactly what was approved, by language; none for a draft."""
        raise NotImplementedError

    def of_this_approval(self, documents: Iterable[_Document]) -> dict[str, _Document]:
        """Return those of the version's PDFs that print what was approved, by language."""
        known = ("", self.printed_sha256()) if self.sha256 else ()
        return {document.language: document for document in documents if document.approved_as in known}

    def has_documents(self) -> bool:
        return self.printed().keys() >= {code for code, _name in settings.LANGUAGES}


class PrintedDocument(models.Model):
    """The PDF of a version in one language: made once when the version is approved, kept under its hash."""

    append_only = True

    language = models.CharField(_("language"), max_length=2)
    approved_as = models.CharField(_("SHA-256 of what it prints"), max_length=64, blank=True, default="")
    """``PublishedVersion.printed_sha256`` of the approval that it was made for; empty for versions that were printed after their publication."""
    sha256 = models.CharField(_("SHA-256 of the file"), max_length=64)
    pages = models.PositiveIntegerField(_("pages"))
    size = models.PositiveIntegerField(_("size in bytes"))
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(condition=Q(language__in=["de", "en"]), name="%(app_label)s_document_language_known"),
            models.CheckConstraint(condition=Q(sha256__regex=SHA256), name="%(app_label)s_document_sha256_is_a_hash"),
        ]

    def __str__(self) -> str:
        return self.sha256
