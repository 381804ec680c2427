"""Put approved sample texts into force, with their evidence, once their day has come; and what they must hold for that."""

from __future__ import annotations

import datetime
import itertools

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

import evidence.services
import publishing.services
from customers.models import ChannelType
from privacy_text import coverage, linting
from privacy_text.models import SampleText, SampleTextPart
from privacy_text.questions import COMPANIES, OF_A_COMPANY, known_names
from publishing import placeholders
from publishing.placeholders import UnknownPlaceholder
from subprocessors.models import SubprocessorList

LANGUAGES = ("de", "en")
PUBLISH = "privacy_text.publish"


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
def put_into_force(version: SampleText, *, by: AbstractBaseUser, at: datetime.datetime) -> SampleText:
    """Publish approved sample texts. Raises what require_fit raises, and what publishing.services.publish raises."""
    version = publishing.services.locked(version)
    require_fit(version, timezone.localdate(at))
    day = version.effective_date or timezone.localdate(at)
    published = publishing.services.publish(version=version, by=by, at=at, effective_date=day)
    evidence.services.record(
        kind="privacy_text.published",
        facts={"number": published.number, "sha256": published.sha256, "effective_date": day.isoformat()},
        subject=f"sample-text:{published.pk}",
        happened_at=at,
    )
    return published


@transaction.atomic
def put_into_force_if_due(at: datetime.datetime) -> SampleText | None:
    """Publish the approved texts, in the name of who approved them, once their day has come; else do nothing.

    Texts that the register of subprocessors has left behind since wait for people.
    """
    approved = publishing.services.due(SampleText, at)
    if approved is None:
        return None
    try:
        require_fit(approved, timezone.localdate(at))
    except (TextsMissing, FactsMissing, CompanyWritten, UnknownPlaceholder):
        return None
    assert approved.approved_by is not None  # held by a constraint
    return put_into_force(approved, by=approved.approved_by, at=at)
