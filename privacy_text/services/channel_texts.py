"""What a company does with the texts of its channels: take the template, edit, restore, decide on updates."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from privacy_text import drifting
from privacy_text.composing import Choices
from privacy_text.merging import Side, Wording, agreed, merge, merged
from privacy_text.models import ChannelText, ChannelTextDraft, TextUpdate
from privacy_text.reading import (
    TextKey,
    all_answers,
    choices_content,
    composed,
    current_sources,
    filled,
    known_answers,
    latest,
    own_answers,
    sources_of,
    steps_between,
    stored,
    wordings_of,
)
from privacy_text.writing import locked, write
from publishing.canonical import sha256_of_json

if TYPE_CHECKING:
    from customers.models import User


class NoTemplate(Exception):
    """No sample texts are published for the channel's type."""


class SavedMeanwhile(Exception):
    """Somebody else saved the text since the page was opened; ``text`` is what was saved."""

    def __init__(self, text: ChannelText) -> None:
        self.text = text
        super().__init__(str(text))


class TemplateChangedMeanwhile(Exception):
    """The template or a fact in it changed since the page was opened."""


class NothingToSave(Exception):
    """A text without a word is none."""


@dataclass(frozen=True)
class Edited:
    """What somebody entered: the words of each paragraph, choices, answers; a paragraph without words is taken out."""

    wordings: Sequence[Wording]
    choices: Choices = field(default_factory=Choices)
    answers: Mapping[str, str] = field(default_factory=dict)


def require_unchanged(key: TextKey, based_on: int) -> ChannelText | None:
    """Return the latest text; raises SavedMeanwhile when it is not the one that the page showed."""
    text = latest(key)
    if text is not None and text.number != based_on:
        raise SavedMeanwhile(text)
    return text


@transaction.atomic
def use_template(*, key: TextKey, based_on: int, by: User, at: datetime.datetime) -> ChannelText:
    """Take the template over, filled with what is known; own words stay in the history. Raises NoTemplate, SavedMeanwhile."""
    key = key._replace(channel=locked(key.channel))
    require_unchanged(key, based_on)
    sources = current_sources(timezone.localdate(at))
    text = composed(key, sources)
    if text is None or sources.version is None:
        raise NoTemplate
    wordings = wordings_of(text)
    answers = own_answers(all_answers(key, sources), known_answers(key.channel, key.language, sources.provider))
    return settle(
        write(
            key=key,
            wordings=wordings,
            template=wordings,
            sample_text=sources.version,
            register_number=sources.register_number,
            choices=choices_content(text.choices),
            values=answers,
            origin=ChannelText.Origin.TEMPLATE,
            by=by,
            at=at,
        ),
        at,
    )


@transaction.atomic
def save_text(*, key: TextKey, edited: Edited, based_on: int, by: User, at: datetime.datetime) -> ChannelText:
    """Save what was entered as a new row; raises SavedMeanwhile, NothingToSave.

    Answers and choices change the paragraphs that nobody reworded; in the others an answer fills the places that stand open.
    """
    key = key._replace(channel=locked(key.channel))
    text = require_unchanged(key, based_on)
    made = outcome(key, text, edited, timezone.localdate(at))
    if not made.wordings:
        raise NothingToSave
    row = write(
        key=key,
        wordings=made.wordings,
        template=made.template,
        sample_text=text.sample_text if text else None,
        register_number=text.register_number if text else "",
        choices=choices_content(edited.choices),
        values=made.answers,
        origin=ChannelText.Origin.SAVED,
        by=by,
        at=at,
    )
    discard_draft(key=key, by=by)
    return settle(row, at)


@dataclass(frozen=True)
class Outcome:
    """What saving would make of an entry; a preview shows the same."""

    wordings: list[Wording]
    template: list[Wording]
    answers: dict[str, str]


def outcome(key: TextKey, text: ChannelText | None, edited: Edited, on: datetime.date) -> Outcome:
    """Return the words that an entry makes, without saving anything.

    Where own words stand and a fact or a choice changed what the template says, the paragraph stays to be decided.
    """
    sources = sources_of(text, on) if text else current_sources(on)
    answers = own_answers(edited.answers, known_answers(key.channel, key.language, sources.provider))
    own = [wording for wording in edited.wordings if wording.text.strip()]
    if text is None or text.is_own:
        return Outcome(filled(own, all_answers(key, sources, answers), key.language), [], answers)
    now = wordings_of(composed(key, sources, choices=edited.choices, answers=answers))
    steps, given = merge(old=stored(text.template), own=own, new=now), all_answers(key, sources, answers)
    return Outcome(filled(merged(steps), given, key.language), filled(agreed(steps), given, key.language), answers)


@transaction.atomic
def restore_text(*, text: ChannelText, based_on: int, by: User, at: datetime.datetime) -> ChannelText:
    """Make an earlier state the latest one, as a new row. Raises SavedMeanwhile."""
    key = TextKey(locked(text.channel), text.kind, text.language)
    require_unchanged(key, based_on)
    row = write(
        key=key,
        wordings=stored(text.wordings),
        template=stored(text.template),
        sample_text=text.sample_text,
        register_number=text.register_number,
        choices=text.choices,
        values=text.values,
        origin=ChannelText.Origin.RESTORED,
        by=by,
        at=at,
    )
    return settle(row, at)


@transaction.atomic
def decide(*, key: TextKey, sides: Mapping[str, Side], shown: str, based_on: int, by: User, at: datetime.datetime) -> ChannelText:
    """Take the newer template over as decided; a conflict without a decision keeps the company's words and stays open.

    ``shown`` is the ``update_word`` of the page. Raises SavedMeanwhile, TemplateChangedMeanwhile, NoTemplate.
    """
    key = key._replace(channel=locked(key.channel))
    text, sources = require_unchanged(key, based_on), current_sources(timezone.localdate(at))
    now = composed(key, sources)
    if text is None or sources.version is None or now is None:
        raise NoTemplate
    if update_word(wordings_of(now)) != shown:
        raise TemplateChangedMeanwhile
    steps = steps_between(text, now)
    row = write(
        key=key,
        wordings=merged(steps, sides),
        template=agreed(steps, sides),
        sample_text=sources.version,
        register_number=sources.register_number,
        choices=choices_content(now.choices),
        values=text.values,
        origin=ChannelText.Origin.MERGED,
        by=by,
        at=at,
    )
    return settle(row, at)


def update_word(wordings: Sequence[Wording]) -> str:
    """Return one word for the template that a page shows, so that nobody decides on another one."""
    return sha256_of_json([wording.as_content() for wording in wordings])[:16]


def settle(text: ChannelText, at: datetime.datetime) -> ChannelText:
    """Compare all texts of the channel with the template: choices and answers of one hold for the others. Tells nobody; who saves, sees."""
    sources = current_sources(timezone.localdate(at))
    latest_rows = ChannelText.objects.filter(channel=text.channel).newest().select_related("channel__customer", "sample_text")
    list(drifting.updates_among(latest_rows, sources, at))
    return text


# --- drafts -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def keep_draft(*, key: TextKey, fields: Mapping[str, Any], based_on: int, by: User, at: datetime.datetime) -> ChannelTextDraft:
    """Keep what somebody has typed so far; it is nobody else's to see."""
    draft, _is_new = ChannelTextDraft.objects.update_or_create(
        channel=key.channel,
        kind=key.kind,
        language=key.language,
        user=by,
        defaults={"fields": dict(fields), "based_on": based_on, "kept_at": at},
    )
    return draft


def discard_draft(*, key: TextKey, by: User) -> None:
    ChannelTextDraft.objects.filter(channel=key.channel, kind=key.kind, language=key.language, user=by).delete()


def open_update(key: TextKey) -> TextUpdate | None:
    return TextUpdate.objects.open().filter(channel=key.channel, kind=key.kind, language=key.language).first()
