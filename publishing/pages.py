"""What the publishing wizard has to know of a register, and what its pages show.

How a register gets the wizard:

1. Its model is a ``PublishedVersion`` with a permission ``approve_<model>``. Its ``services`` have ``plan``, ``approve`` (which
   fixes the number and puts the job that makes the PDFs and publishes) and ``reopen``. Its clock publishes on the planned day.
2. It describes itself by a subclass of ``Register`` (see ``toms/wizard.py``) and keeps one instance of it.
3. Its ``urls.py`` adds ``*Wizard(REGISTER, staff_page).paths("manage/toms/")``. The pages are named after ``Register.name``:
   ``manage_toms_publish`` (1, the difference), ``manage_toms_plan`` (2, classify and date), ``manage_toms_check`` (3, check
   and approve), ``manage_toms_versions``, ``manage_toms_compare``, ``manage_toms_restore``. The register's own page of a
   version, which leads into the wizard, is ``manage_toms_version``.
4. Public comparisons take ``difference_page`` and the template ``publishing/compare.html``.
"""

from __future__ import annotations

import datetime
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar, cast

from django.conf import settings
from django.core.mail import EmailMessage
from django.http import Http404
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from publishing import services
from publishing.comparison import Entry, Part, compare_entries, count_kinds
from publishing.forms import PlanForm
from publishing.models import PrintedDocument, PublishedVersion, PublishedVersionQuerySet

Version = TypeVar("Version", bound=PublishedVersion)
VIEWS = ("inline", "synopsis", "list")

REFUSALS: Mapping[type[Exception], Callable[[Exception], str]] = {
    services.AuthorMayNotApprove: lambda _refusal: _("You wrote this version. A second person has to approve it."),
    services.NotADraft: lambda _refusal: _("Only a draft can be changed or approved."),
    services.NotApproved: lambda _refusal: _("This version is not approved."),
    services.AnotherIsApproved: lambda _refusal: _("Another version is approved. Publish it or open it again first."),
    services.NumberTaken: lambda _refusal: _(
        "Another version was published since the approval. Open this one again and have it approved anew."
    ),
    services.ContentChanged: lambda _refusal: _(
        "The content is no longer the one that was approved. Open it again and have it approved anew."
    ),
    services.PdfMissing: lambda _refusal: _("The PDF is still being made. Try again in a moment."),
}


@dataclass(frozen=True)
class Document:
    """A PDF of an approved version as the wizard lists it; not made yet without a size."""

    title: str
    pages: int = 0
    size: int = 0
    sha256: str = ""


def printed_documents(title: str, made: Mapping[str, PrintedDocument]) -> list[Document]:
    """Return the PDFs of a register in every language."""
    return [
        Document(f"{title} ({code})", pages=made[code].pages, size=made[code].size, sha256=made[code].sha256)
        if code in made
        else Document(f"{title} ({code})")
        for code, _name in settings.LANGUAGES
    ]


@dataclass(frozen=True)
class Difference:
    """Two versions of a register side by side, in one language; without an old one everything is new."""

    parts: Sequence[Part]
    old: PublishedVersion | None
    new: PublishedVersion
    language: str
    view: str
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def changes(self) -> int:
        return sum(self.counts.values())


class Register(ABC, Generic[Version]):
    """What is published: a register of its own, or the versions of a text."""

    model: type[Version]
    name: ClassVar[str]
    """The beginning of its pages' names, such as ``manage_toms``."""
    look: ClassVar[str]
    edit: ClassVar[str]
    approval: ClassVar[str]
    """The permissions to see drafts, to change them, to approve them."""
    form: type[PlanForm] = PlanForm

    @property
    @abstractmethod
    def title(self) -> str:
        """The register's name in the reader's language."""

    @abstractmethod
    def entries(self, version: Version, language: str) -> list[Entry]:
        """Return what readers are shown of the version, entry by entry; a text without entries is one entry."""

    @abstractmethod
    def lacks(self, version: Version) -> list[str]:
        """Return sentences about what stands in the way of an approval."""

    @abstractmethod
    def recipients(self, version: Version) -> list[str]:
        """Return who will be told and how many, one group a line; nobody for an editorial change."""

    @abstractmethod
    def mail(self, version: Version, language: str) -> EmailMessage | None:
        """Return the mail that goes out, as its recipients will see it, or None where nobody is told."""

    @abstractmethod
    def documents(self, version: Version) -> list[Document]:
        """Return the PDFs of an approved version, the missing ones too."""

    @abstractmethod
    def public_address(self, version: Version) -> str:
        """Return the page where everybody reads the published version."""

    @abstractmethod
    def plan(self, *, version: Version, form: PlanForm, by: Any, at: datetime.datetime) -> None:
        """Write the classification into the draft and ask the approvers for their decision."""

    @abstractmethod
    def approve(self, *, version: Version, by: Any, at: datetime.datetime) -> None:
        """Approve as the second person and have the PDFs made."""

    @abstractmethod
    def reopen(self, *, version: Version, by: Any, at: datetime.datetime) -> None:
        """Take the approval back, and with it a planned publication."""

    @abstractmethod
    def send_test(self, *, version: Version, by: Any, at: datetime.datetime) -> None:
        """Send the mail that goes out to the person who asks, in her language."""

    @abstractmethod
    def restore(self, *, version: Version, by: Any, at: datetime.datetime) -> Version:
        """Make a new draft with the content of an old version."""

    def make_documents_again(self, *, version: Version) -> None:
        """Try again to make PDFs whose job gave up."""

    def documents_failed(self, version: Version) -> bool:
        """Say whether the job that makes the PDFs gave up."""
        return False

    def obstacles(self, version: Version) -> list[str]:
        """Return sentences about what keeps an approved version, whose day has come, from being published."""
        return []

    def usual_date(self, version: Version, today: datetime.date) -> datetime.date:
        """Return the day that the form proposes."""
        return today

    def warnings(self, version: Version) -> list[str]:
        """Return sentences that whoever approves has to know and that stop nobody."""
        return []

    def notes(self, version: Version) -> list[dict[str, str]]:
        """Return further lines of the check page's summary: ``term`` and ``value``."""
        return []

    def also_concerned(self, version: Version) -> str:
        """Say what else the publication touches, such as an annex of the agreement."""
        return ""

    def refusals(self) -> Mapping[type[Exception], Callable[[Exception], str]]:
        """Return the exceptions of the register's services with the sentence for each."""
        return REFUSALS

    def refusals_of(self, step: Callable[[], object]) -> list[str]:
        """Take the step and return the sentence of its refusal, or nothing when it was taken; what is no refusal goes on up."""
        refusals = self.refusals()
        try:
            step()
        except tuple(refusals) as refusal:
            return [next(words(refusal) for known, words in refusals.items() if isinstance(refusal, known))]
        return []

    def versions(self) -> PublishedVersionQuerySet[Version]:
        rows = self.model.objects.select_related("created_by", "approved_by", "published_by")
        return cast("PublishedVersionQuerySet[Version]", rows)

    def current(self) -> Version | None:
        return self.versions().filter(state="published").first()

    def address(self, page: str, version: Version | None = None) -> str:
        return reverse(f"{self.name}_{page}" if page else self.name, args=[version.pk] if version else [])


def difference(register: Register[Version], old: Version | None, new: Version, *, language: str | None, view: str | None) -> Difference:
    """Return the comparison of two versions; an unknown language or view becomes the usual one."""
    known = [code for code, _name in settings.LANGUAGES]
    chosen = language if language in known else known[0]
    parts = compare_entries(register.entries(old, chosen) if old else [], register.entries(new, chosen))
    return Difference(parts, old, new, chosen, view if view in VIEWS else VIEWS[0], count_kinds(parts))


def difference_page(
    register: Register[Version], old: Version | None, new: Version, *, language: str | None, view: str | None, reading: str
) -> dict[str, Any]:
    """Return the context of ``publishing/_difference.html``: the difference, and how many changes each language has.

    Without a language the one that is read comes first, unless only another one has changes.
    """
    in_each = {code: difference(register, old, new, language=code, view=view) for code, _name in settings.LANGUAGES}
    first = reading if reading in in_each else next(iter(in_each))
    telling = first if in_each[first].changes else max(in_each, key=lambda code: in_each[code].changes)
    shown = in_each[language if language in in_each else telling]
    languages = [{"code": code, "name": str(name), "changes": in_each[code].changes} for code, name in settings.LANGUAGES]
    return {"difference": shown, "languages": languages, "changes": sum(each.changes for each in in_each.values())}


def chosen_pair(versions: Iterable[Version], old: str | None, new: str | None) -> tuple[Version | None, Version | None]:
    """Return the versions with these numbers; without numbers the newest and the one before it. None for an unknown number."""
    listed = list(versions)
    by_number = {version.number: version for version in listed}
    newer = by_number.get(new) if new else (listed[0] if listed else None)
    if old:
        return by_number.get(old), newer
    earlier = listed[listed.index(newer) + 1 :] if newer else []
    return (earlier[0] if earlier else None), newer


def comparison_page(register: Register[Version], asked: Mapping[str, str], *, section: str, back_url: str) -> dict[str, Any]:
    """Return the context of ``publishing/compare.html``: any two published versions at an address that stays.

    Without a choice the newest and the one before it. Raises Http404 for a number that never was in force.
    """
    listed = register.versions().readable()
    old, new = chosen_pair(listed, asked.get("from"), asked.get("to"))
    if (old is None and asked.get("from")) or (new is None and asked.get("to")):
        raise Http404
    context: dict[str, Any] = {"section": section, "register_title": register.title, "listed": listed, "old": old, "new": new}
    context |= {"back_url": back_url, "query": f"from={old.number if old else ''}&to={new.number if new else ''}&"}
    if old is not None and new is not None:
        view, language = asked.get("view"), asked.get("language")
        context |= difference_page(register, old, new, language=language, view=view, reading=reading_language())
    return context


def reading_language() -> str:
    """Return the language in which the page is read."""
    return get_language() or settings.LANGUAGE_CODE


def day_asked_for(text: str) -> datetime.date | None:
    """Return the day that an address asks for, or None for none that could be meant."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None
