"""What the sample texts can do: begin as a copy, be published, begin with the sample."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

import evidence.services
import publishing.services
from notifications.services import ask_for_approval
from privacy_text import coverage, drafting, linting
from privacy_text.models import ChannelType, PassageSection, SampleText, SampleTextPart
from privacy_text.questions import COMPANIES, OF_A_COMPANY, known_names
from publishing import placeholders
from publishing.models import State
from subprocessors.models import SubprocessorList

if TYPE_CHECKING:
    from customers.models import User

LANGUAGES = ("de", "en")


class TextsMissing(Exception):
    """Some channel type lacks a text in some language; ``missing`` lists channel type, language and kind."""

    def __init__(self, missing: set[tuple[str, str, str]]) -> None:
        self.missing = sorted(missing)
        super().__init__("; ".join(" ".join(names) for names in self.missing))


class FactsMissing(Exception):
    """Some passage lacks a fact, or says something twice, for some choices; ``gaps`` says which."""

    def __init__(self, gaps: list[coverage.Gap]) -> None:
        self.gaps = gaps
        super().__init__("; ".join(sorted({str(gap) for gap in gaps})))


class CompanyWritten(Exception):
    """A template names a company itself, which only the register and the table of operators may do; ``names`` lists them."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        super().__init__("; ".join(names))


class Incomplete(Exception):
    """The draft says too little of itself to be approved: both notes and the day are needed."""


class NotYet(Exception):
    """The planned day has not come; ``day`` is it."""

    def __init__(self, day: datetime.date) -> None:
        self.day = day
        super().__init__(day.isoformat())


@transaction.atomic
def start_draft(*, by: User, at: datetime.datetime, source: SampleText | None = None) -> SampleText:
    """Begin a new version with the texts of the current one, or of another version that is to be restored."""
    source = source or SampleText.objects.current()
    draft = SampleText.objects.create(created_by=by, created_at=at)
    if source is not None:
        drafting.copy_rows(source, draft)
    return draft


def opened(version: SampleText, by: User) -> SampleText:
    """Return the draft, locked, with the person among its authors; raises publishing.services.NotADraft."""
    draft = publishing.services.locked(version)
    if draft.state != State.DRAFT:
        raise publishing.services.NotADraft
    if not draft.is_authored_by(by):
        draft.editor_ids.append(by.pk)
        draft.save(update_fields=["editor_ids"])
    return draft


@transaction.atomic
def save_row(*, row: SampleTextPart | PassageSection, by: User) -> None:
    """Keep a changed text or section of a draft. Raises publishing.services.NotADraft."""
    opened(row.version, by)
    row.save()


@transaction.atomic
def plan(
    *,
    version: SampleText,
    change_kind: str,
    effective_date: datetime.date,
    notes: Mapping[str, str],
    by: User,
    at: datetime.datetime,
) -> SampleText:
    """Classify and date a draft and ask those who may approve. Raises publishing.services.NotADraft."""
    draft = opened(version, by)
    draft.change_kind, draft.effective_date = change_kind, effective_date
    draft.change_note_de, draft.change_note_en = notes["de"], notes["en"]
    draft.save()
    ask_for_approval(
        permission="privacy_text.approve_sampletext",
        title=gettext_lazy("Sample texts"),
        view="manage_templates_check",
        row=draft.pk,
        notes=notes,
        occasion=f"texts:{draft.pk}:{at:%Y%m%d%H%M}",
        by=by,
    )
    return draft


@transaction.atomic
def approve(*, version: SampleText, by: User, at: datetime.datetime) -> SampleText:
    """Approve a classified draft as the second person.

    Raises TextsMissing, FactsMissing, CompanyWritten, UnknownPlaceholder, Incomplete, and what publishing.services.approve raises.
    """
    draft = publishing.services.locked(version)
    require_fit(draft, timezone.localdate(at))
    if not (draft.effective_date and draft.change_note_de and draft.change_note_en):
        raise Incomplete
    return publishing.services.approve(version=draft, by=by, at=at)


@transaction.atomic
def publish(*, version: SampleText, by: User, at: datetime.datetime, effective_date: datetime.date) -> SampleText:
    """Publish approved sample texts.

    Raises TextsMissing, FactsMissing, CompanyWritten, UnknownPlaceholder, NotYet before the planned day, and what
    publishing.services.publish raises.
    """
    version = publishing.services.locked(version)
    require_fit(version, timezone.localdate(at))
    if effective_date > timezone.localdate(at):
        raise NotYet(effective_date)
    published = publishing.services.publish(version=version, by=by, at=at, effective_date=effective_date)
    evidence.services.record(
        kind="privacy_text.published",
        facts={"number": published.number, "sha256": published.sha256, "effective_date": effective_date.isoformat()},
        subject=f"sample-text:{published.pk}",
        happened_at=at,
    )
    return published


def require_completeness(version: SampleText) -> None:
    """Refuse a version that lacks a text of some channel type in some language, or names a placeholder that does not exist."""
    parts = list(version.parts.select_related("channel_type"))
    sections = list(version.sections.select_related("channel_type"))
    keys = ChannelType.objects.values_list("key", flat=True)
    kinds = [kind for kind in SampleTextPart.Kind.values if kind != SampleTextPart.Kind.PROFILE]  # only messengers know names
    needed = set(itertools.product(keys, LANGUAGES, kinds))
    missing = needed - {(part.channel_type.key, part.language, part.kind) for part in parts}
    missing |= {(row.channel_type.key, language, row.key) for row in sections for language in LANGUAGES if row.is_untranslated(language)}
    if missing:
        raise TextsMissing(missing)
    require_known_names([part.text for part in parts], known_names() - {COMPANIES})
    for row in sections:
        for language in LANGUAGES:
            heading, text, item = row.templates(language)
            require_known_names([heading, text], known_names())
            require_known_names([item], known_names() | OF_A_COMPANY.keys())


def require_known_names(texts: list[str], known: frozenset[str]) -> None:
    unknown = set[str]().union(*(placeholders.names(text) for text in texts)) - known
    if unknown:
        raise placeholders.UnknownPlaceholder(unknown)


def require_fit(version: SampleText, on: datetime.date) -> None:
    """Refuse a version with gaps in its facts, or with a company that no register holds."""
    require_completeness(version)
    register = SubprocessorList.objects.current()
    gaps = coverage.gaps(version, register, on)
    if gaps:
        raise FactsMissing(gaps)
    written = sorted({finding.words for finding in linting.companies(linting.places(version), register)})
    if written:
        raise CompanyWritten(written)


@transaction.atomic
def load_sample(*, by: User, approved_by: User, at: datetime.datetime) -> SampleText:
    """Publish the sample as the first version, unless one is published already; the second person is the one who approves it."""
    current = SampleText.objects.current()
    if current is not None:
        return current
    draft = SampleText.objects.create(
        created_by=by, created_at=at, change_note_de="Erste Fassung (Muster)", change_note_en="First version (sample)"
    )
    drafting.fill_from(draft, drafting.sample())
    approved = publishing.services.approve(version=draft, by=approved_by, at=at)
    return publish(version=approved, by=approved_by, at=at, effective_date=timezone.localdate(at))
