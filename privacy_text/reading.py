"""The texts of a channel as they stand: what was saved, what the template would say now, what is still open."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, NamedTuple, cast

from django.utils.translation import override

from customers.models import Channel, ChannelType, Provider
from privacy_text.composing import Choices, Composed, Kind, compose
from privacy_text.merging import Step, Wording, merge
from privacy_text.models import ChannelText, SampleText, SampleTextPart, TextKind
from privacy_text.paragraphs import Paragraph
from privacy_text.questions import OF_A_COMPANY, PROVIDED, QUESTIONS, Question, question
from subprocessors.models import SubprocessorList

IN_BRACKETS = re.compile(r"\[([^\[\]\n]{3,})\]")
OPT_IN_KEYS = ("title", "message", "allow", "later", "privacy")


class TextKey(NamedTuple):
    """Which text of which channel: kind and language."""

    channel: Channel
    kind: str
    language: str


@dataclass(frozen=True)
class Sources:
    """What templates and facts are taken from: one version of the sample texts, one of the register, the provider, a day."""

    version: SampleText | None
    register: SubprocessorList | None
    provider: Provider | None
    types: Mapping[str, ChannelType]
    on: datetime.date

    @property
    def register_number(self) -> str:
        return self.register.number if self.register else ""


def current_sources(on: datetime.date) -> Sources:
    """Return what is in force now, with all rows that texts are made of."""
    version = SampleText.objects.prefetch_related("parts", "sections__channel_type").current()
    return Sources(version, SubprocessorList.objects.current(), Provider.objects.first(), channel_types(), on)


def sources_of(text: ChannelText, on: datetime.date) -> Sources:
    """Return what the saved text was made of, so that an answer changes what it answers and nothing else."""
    versions = SampleText.objects.prefetch_related("parts", "sections__channel_type")
    version = versions.filter(pk=text.sample_text_id).first() if text.sample_text_id else None
    register = SubprocessorList.objects.readable().filter(number=text.register_number).first()
    return Sources(version, register, Provider.objects.first(), channel_types(), on)


def channel_types() -> dict[str, ChannelType]:
    return {row.key: row for row in ChannelType.objects.all()}


def latest(key: TextKey) -> ChannelText | None:
    """Return what was saved last."""
    return newest(ChannelText.objects.filter(channel=key.channel, kind=key.kind, language=key.language))


def handed_out(key: TextKey) -> ChannelText | None:
    """Return the last saved text without open places: what copies, files, embedded texts and the API carry."""
    return newest(ChannelText.objects.complete().filter(channel=key.channel, kind=key.kind, language=key.language))


def newest(rows: Any) -> ChannelText | None:
    found: ChannelText | None = rows.select_related("sample_text", "saved_by").order_by("-number").first()
    return found


def replaced_by(text: ChannelText | None) -> ChannelText | None:
    """Return what a template or an update took the place of, so that one click brings it back; None after anybody's own edit."""
    origins = ChannelText.Origin
    if text is None or text.origin not in (origins.TEMPLATE, origins.MERGED, origins.AUTOMATIC):
        return None
    return ChannelText.objects.filter(channel=text.channel_id, kind=text.kind, language=text.language, number=text.number - 1).first()


# --- answers and choices ------------------------------------------------------------------------------------------------


def choices_of(channel: Channel) -> Choices:
    """Return the choices saved last in any text of the channel: they hold for all its texts, so that none contradicts another."""
    row = ChannelText.objects.filter(channel=channel, sample_text__isnull=False).order_by("-saved_at", "-pk").first()
    return choices_from(row.choices if row else {})


def choices_from(content: Mapping[str, Any]) -> Choices:
    known = {field.name for field in fields(Choices)}
    return Choices(**{name: value for name, value in content.items() if name in known})


def answers_of(channel: Channel, language: str) -> dict[str, str]:
    """Return what somebody answered in any text of the channel in this language; facts that the portal knows are not among them."""
    row = ChannelText.objects.filter(channel=channel, language=language).order_by("-saved_at", "-pk").first()
    return dict(row.values) if row else {}


def known_answers(channel: Channel, language: str, provider: Provider | None) -> dict[str, str]:
    """Return the answers that nobody has to give: they follow the company, the channel and the provider."""
    return {
        "customer_name": channel.customer.legal_name,
        "privacy_url": channel.privacy_url,
        "cancel_url": provider.help_url(language) if provider else "",
    }


def own_answers(given: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    """Return the answers to keep: what equals a known fact is left out, so that it follows the fact."""
    return {name: text.strip() for name, text in given.items() if name in QUESTIONS and text.strip() and text.strip() != known.get(name)}


def all_answers(key: TextKey, sources: Sources, given: Mapping[str, str] | None = None) -> dict[str, str]:
    kept = answers_of(key.channel, key.language) if given is None else given
    return known_answers(key.channel, key.language, sources.provider) | {name: text for name, text in kept.items() if text}


# --- texts --------------------------------------------------------------------------------------------------------------


def composed(
    key: TextKey, sources: Sources, *, choices: Choices | None = None, answers: Mapping[str, str] | None = None
) -> Composed | None:
    """Return what the template says for the channel, or None without a published version that has texts for its type."""
    channel_type = sources.types.get(key.channel.channel_type)
    if sources.version is None or channel_type is None:
        return None
    found = compose(
        version=sources.version,
        channel_type=channel_type,
        language=key.language,
        kind=cast(Kind, key.kind),
        choices=choices if choices is not None else choices_of(key.channel),
        values=all_answers(key, sources, answers),
        register=sources.register,
        provider=sources.provider,
        on=sources.on,
    )
    return found if found.paragraphs else None


def asked_by(key: TextKey, sources: Sources, choices: Choices) -> list[str]:
    """Return the questions that the template asks for these choices, answered or not."""
    channel_type = sources.types.get(key.channel.channel_type)
    if sources.version is None or channel_type is None:
        return []
    empty = compose(
        version=sources.version,
        channel_type=channel_type,
        language=key.language,
        kind=cast(Kind, key.kind),
        choices=choices,
        values={},
        register=None,
        provider=sources.provider,
        on=sources.on,
    )
    return [asked.name for asked in empty.missing if asked.name in QUESTIONS]


def wordings_of(text: Composed | None) -> list[Wording]:
    """Return the words of a template; the parts of a prompt have no headings, their names are labels."""
    if text is None:
        return []
    return [Wording(row.key, "" if text.kind == "opt_in" else row.heading, row.text) for row in text.paragraphs]


def stored(content: Iterable[Mapping[str, str]]) -> list[Wording]:
    return [Wording.of(row) for row in content]


def steps_between(text: ChannelText, now: Composed | None) -> list[Step]:
    """Return what would change if the template as it is now were taken over."""
    return merge(old=stored(text.template), own=stored(text.wordings), new=wordings_of(now))


def has_own_words(text: ChannelText | None) -> bool:
    """Say whether the text differs from the template that it was taken from."""
    if text is None:
        return False
    mine, template = stored(text.wordings), {wording.key: wording for wording in stored(text.template)}
    return len(mine) != len(template) or any(row.key not in template or not row.is_same(template[row.key]) for row in mine)


def paragraph_of(wording: Wording, like: Composed | None, kind: str, language: str) -> Paragraph:
    """Return the wording as a paragraph; words that are the template's keep the marks of what was filled in and what is open."""
    same = next((row for row in like.paragraphs if row.key == wording.key), None) if like else None
    heading = label_of(wording.key, language) if kind == TextKind.OPT_IN else wording.heading
    if same is not None and wording.is_same(Wording(same.key, "" if kind == TextKind.OPT_IN else same.heading, same.text)):
        return same
    return Paragraph.of_text(key=wording.key, heading=heading, text=wording.text, facts=same.facts if same else ())


def label_of(key: str, language: str) -> str:
    """Return the name of a part of the prompt."""
    with override(language):
        found = next((kind.label for kind in SampleTextPart.Kind if kind.value == f"opt_in_{key}"), key)
        return str(found)


def as_composed(text: ChannelText, sources: Sources) -> Composed:
    """Return a saved text in the form in which texts are handed out, with its own words and its own version."""
    key = TextKey(text.channel, text.kind, text.language)
    made_of = sources if text.is_own else sources_of(text, sources.on)
    like = composed(key, made_of, choices=choices_from(text.choices), answers=text.values)
    channel_type = sources.types[text.channel.channel_type]
    with override(text.language):
        paragraphs = tuple(paragraph_of(wording, like, text.kind, text.language) for wording in stored(text.wordings))
        missing = tuple(open_question(place) for place in text.open_places)
    written = {fact for paragraph in paragraphs for fact in paragraph.facts}
    version = text.sample_text
    empty = Composed(
        kind=cast(Kind, text.kind),
        channel_type=channel_type.key,
        label=channel_type.label(text.language),
        language=text.language,
        paragraphs=(),
        missing=(),
        not_applicable={fact: reason for fact, reason in (like.not_applicable if like else {}).items() if fact not in written},
        uncovered=(),
        choices=choices_from(text.choices),
        number=version.number if version else "",
        effective_date=version.effective_date if version else text.saved_at.date(),
        register_number=text.register_number,
        provider_name=sources.provider.legal_name if sources.provider else "",
    )
    return replace(empty, paragraphs=paragraphs, missing=missing)


def choices_content(choices: Choices) -> dict[str, Any]:
    return asdict(choices)


# --- open places --------------------------------------------------------------------------------------------------------


def gaps(language: str) -> dict[str, str]:
    """Return the words of each open place in the language, in brackets, by the name of its question."""
    with override(language):
        return {name: f"[{question(name).gap}]" for name in (*QUESTIONS, *PROVIDED, *OF_A_COMPANY)}


def open_places(wordings: Sequence[Wording], language: str) -> list[str]:
    """Return what is still open: names of questions, and whatever else stands in square brackets, as it stands there."""
    whole = "\n".join(f"{wording.heading}\n{wording.text}" for wording in wordings)
    by_gap = {gap: name for name, gap in gaps(language).items()}
    return list(dict.fromkeys(by_gap.get(found.group(0), found.group(0)) for found in IN_BRACKETS.finditer(whole)))


def filled(wordings: Sequence[Wording], answers: Mapping[str, str], language: str) -> list[Wording]:
    """Return own words with the answers in the places that stood open in them."""
    known = {gap: answers[name] for name, gap in gaps(language).items() if answers.get(name)}
    return [wording._replace(text=IN_BRACKETS.sub(lambda found: known.get(found[0], found[0]), wording.text)) for wording in wordings]


def open_question(place: str) -> Question:
    """Return the question that an open place asks, in the active language."""
    is_known = place in QUESTIONS or place in PROVIDED or place in OF_A_COMPANY
    return question(place) if is_known else Question(place, place, "", place.strip("[]"))
