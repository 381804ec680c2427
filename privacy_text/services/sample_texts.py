"""What the sample texts can do: begin as a copy, be published, begin with the sample."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

import evidence.services
import publishing.services
from customers.models import ChannelType
from notifications.services import ask_for_approval
from privacy_text import drafting, publication
from privacy_text.models import PassageSection, SampleText, SampleTextPart
from publishing import printing

if TYPE_CHECKING:
    from customers.models import User


class TypeHasTexts(Exception):
    """The channel type has texts in the draft already; nobody's words are doubled or replaced."""


class Incomplete(Exception):
    """The draft says too little of itself to be approved: both notes and the day are needed."""


@transaction.atomic
def start_draft(*, by: User, at: datetime.datetime, source: SampleText | None = None) -> SampleText:
    """Begin a new version with the texts of the current one, or of another version that is to be restored."""
    source = source or SampleText.objects.current()
    draft = SampleText.objects.create(created_by=by, created_at=at)
    if source is not None:
        drafting.copy_rows(source, draft)
    return draft


@transaction.atomic
def save_row(*, row: SampleTextPart | PassageSection, by: User) -> None:
    """Keep a changed text or section of a draft. Raises publishing.services.NotADraft."""
    publishing.services.opened(row.version, by)
    row.save()


@transaction.atomic
def begin_type(*, version: SampleText, channel_type: ChannelType, source: ChannelType, by: User) -> None:
    """Begin the texts of a type that has none in a draft with those of another, to be reworded.

    Raises publishing.services.NotADraft, TypeHasTexts.
    """
    draft = publishing.services.opened(version, by)
    if draft.has_texts_for(channel_type):
        raise TypeHasTexts
    drafting.copy_type(draft, source, channel_type)


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
    draft = publishing.services.opened(version, by)
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
    """Approve a classified draft as the second person; a job publishes it when its day has come.

    Raises TextsMissing, FactsMissing, CompanyWritten, UnknownPlaceholder, Incomplete, and what publishing.services.approve raises.
    """
    draft = publishing.services.locked(version)
    publication.require_fit(draft, timezone.localdate(at))
    if not (draft.effective_date and draft.change_note_de and draft.change_note_en):
        raise Incomplete
    draft = publishing.services.apply_from(version=draft, effective_date=max(draft.effective_date, timezone.localdate(at)))
    approved = publishing.services.approve(version=draft, by=by, at=at)
    printing.order(publication.PUBLISH, approved)
    return approved


@transaction.atomic
def reopen(*, version: SampleText, by: User, at: datetime.datetime) -> SampleText:
    """Take the approval back, and with it the planned publication."""
    number = version.number
    draft = publishing.services.reopen(version=version)
    facts = {"number": number, "withdrawn_by": str(by.pk)}
    evidence.services.record(kind="privacy_text.withdrawn", facts=facts, subject=f"sample-text:{draft.pk}", happened_at=at)
    return draft


@transaction.atomic
def publish(*, version: SampleText, by: User, at: datetime.datetime) -> SampleText:
    """Publish approved sample texts now; raises what require_fit raises and what publishing.services.publish raises."""
    return publication.put_into_force(version, by=by, at=at)


@transaction.atomic
def load_sample(*, by: User, approved_by: User, at: datetime.datetime) -> SampleText:
    """Publish the sample as the first version, unless one is published already; the second person is the one who approves it."""
    current = SampleText.objects.current()
    if current is not None:
        return current
    draft = SampleText.objects.create(
        created_by=by,
        created_at=at,
        change_note_de="Erste Fassung (Muster)",
        change_note_en="First version (sample)",
        effective_date=timezone.localdate(at),
    )
    drafting.fill_from(draft, drafting.sample())
    approved = publishing.services.approve(version=draft, by=approved_by, at=at)
    return publish(version=approved, by=approved_by, at=at)
