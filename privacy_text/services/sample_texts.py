"""What the sample texts can do: begin as a copy, be published, begin with the sample."""

from __future__ import annotations

import datetime
import itertools
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

import evidence.services
import publishing.services
from privacy_text import coverage, drafting
from privacy_text.models import ChannelType, PassageSection, SampleText, SampleTextPart
from privacy_text.questions import COMPANIES, OF_A_COMPANY, known_names
from publishing import placeholders
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


@transaction.atomic
def start_draft(*, by: User, at: datetime.datetime) -> SampleText:
    """Begin a new version with the texts of the current one."""
    current = SampleText.objects.current()
    draft = SampleText.objects.create(created_by=by, created_at=at)
    if current is not None:
        drafting.copy_rows(current, draft)
    return draft


@transaction.atomic
def publish(*, version: SampleText, by: User, at: datetime.datetime, effective_date: datetime.date) -> SampleText:
    """Publish approved sample texts.

    Raises TextsMissing, FactsMissing, or UnknownPlaceholder for a placeholder that nobody could fill.
    """
    version = publishing.services.locked(version)
    require_completeness(version)
    require_facts(version, timezone.localdate(at))
    published = publishing.services.publish(version=version, by=by, at=at, effective_date=effective_date)
    evidence.services.record(
        kind="privacy_text.published",
        facts={"number": published.number, "sha256": published.sha256, "effective_date": effective_date.isoformat()},
        subject=f"sample-text:{published.pk}",
        happened_at=at,
    )
    return published


def require_completeness(version: SampleText) -> None:
    """Refuse a version that lacks a text of some channel type in some language."""
    parts = list(version.parts.select_related("channel_type"))
    sections = list(version.sections.select_related("channel_type"))
    keys = ChannelType.objects.values_list("key", flat=True)
    needed = set(itertools.product(keys, LANGUAGES, SampleTextPart.Kind.values))
    missing = needed - {(part.channel_type.key, part.language, part.kind) for part in parts}
    missing |= {(row.channel_type.key, language, row.key) for row in sections for language in LANGUAGES if is_untranslated(row, language)}
    if missing:
        raise TextsMissing(missing)
    require_known_names([part.text for part in parts], known_names() - {COMPANIES})
    for row in sections:
        for language in LANGUAGES:
            heading, text, item = row.templates(language)
            require_known_names([heading, text], known_names())
            require_known_names([item], known_names() | OF_A_COMPANY.keys())


def is_untranslated(section: PassageSection, language: str) -> bool:
    """Say whether the section lacks words that it has in the other language, or any text at all."""
    other = "en" if language == "de" else "de"
    pairs = zip(section.templates(language), section.templates(other), strict=True)
    return not section.text(language).strip() or any(there.strip() and not here.strip() for here, there in pairs)


def require_known_names(texts: list[str], known: frozenset[str]) -> None:
    unknown = set[str]().union(*(placeholders.names(text) for text in texts)) - known
    if unknown:
        raise placeholders.UnknownPlaceholder(unknown)


def require_facts(version: SampleText, on: datetime.date) -> None:
    gaps = coverage.gaps(version, SubprocessorList.objects.current(), on)
    if gaps:
        raise FactsMissing(gaps)


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
