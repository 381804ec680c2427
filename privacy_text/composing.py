"""A sample text put together: the sections that the choices ask for, filled once, with the facts that they carry.

Values are put in by one pass over the template and never read again (``publishing.placeholders``), so that nothing in a value
or in the name of a company can become a placeholder, a paragraph or markup.
"""

from __future__ import annotations

import datetime
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_noop, ngettext, override

from customers.models import ChannelType, Provider
from privacy_text import facts
from privacy_text.models import PassageSection, SampleText, SampleTextPart
from privacy_text.paragraphs import BULLET, Block, Paragraph, Run, raw_blocks, spelled
from privacy_text.questions import COMPANIES, LONGEST_ANSWER, QUESTIONS, Question, question
from privacy_text.recipients import Recipients, recipients
from publishing.placeholders import PLACEHOLDER, UnknownPlaceholder, as_text
from subprocessors.models import SubprocessorList

Kind = Literal["opt_in", "passage"]
Statistics = Literal["off", "consent", "interest"]
SHORTEST_PROOF, LONGEST_PROOF = 1, 3  # calendar years after the cancellation (sections 195 and 199 BGB, section 31 OWiG)
DISCLAIMER = gettext_noop("Sample without legal advice. We do not guarantee that it is correct and complete.")


class UnknownChoice(ValueError):
    """A choice has a value that no template knows."""


@dataclass(frozen=True)
class Choices:
    """What the customer's channel does; the text follows.

    ``statistics`` is the legal basis on which display and clicks are evaluated, or off. ``segments`` stores topics. ``profile`` keeps
    names from a messenger. ``recipients`` lists subprocessors by name or as categories with a link. ``proof_years`` is how many
    calendar years the proof of consent is kept after the cancellation. Raises UnknownChoice.
    """

    statistics: Statistics = "consent"
    segments: bool = True
    profile: bool = False
    recipients: Literal["named", "categories"] = "named"
    proof_years: int = 3

    def __post_init__(self) -> None:
        known = self.statistics in ("off", "consent", "interest") and self.recipients in ("named", "categories")
        if not known or not SHORTEST_PROOF <= self.proof_years <= LONGEST_PROOF:
            raise UnknownChoice(repr(self))


@dataclass(frozen=True)
class Composed:
    """A text in one language for one channel type, with all that its copies have to say about themselves.

    The heading of the first paragraph of a passage is its title. ``missing`` are the questions that block handing out.
    ``not_applicable`` gives the reason for each fact that the choices make pointless; ``uncovered`` are facts that are simply lacking.
    """

    kind: Kind
    channel_type: str
    label: str
    language: str
    paragraphs: tuple[Paragraph, ...]
    missing: tuple[Question, ...]
    not_applicable: Mapping[str, Promise]
    uncovered: tuple[str, ...]
    choices: Choices
    number: str
    effective_date: datetime.date | None
    register_number: str
    provider_name: str

    @property
    def title(self) -> str:
        return self.paragraphs[0].heading if self.kind == "passage" and self.paragraphs else self.label

    @property
    def carried(self) -> dict[str, list[str]]:
        """The keys of the paragraphs that carry each fact."""
        found: dict[str, list[str]] = {}
        for paragraph in self.paragraphs:
            for fact in paragraph.facts:
                found.setdefault(fact, []).append(paragraph.key)
        return found

    @property
    def mark(self) -> str:
        """What a copy on the customer's own page is found by: type, kind, version of the texts and of the register."""
        return f"{self.channel_type.replace('_', '-')}/{self.kind.replace('_', '-')}/{self.number or '0'}/{self.register_number or '0'}"

    @property
    def disclaimer(self) -> str:
        with override(self.language):
            return gettext(DISCLAIMER)

    @property
    def stamp(self) -> str:
        """Version, date and mark, as they stand below every copy."""
        with override(self.language):
            date = date_format(self.effective_date, "DATE_FORMAT") if self.effective_date else gettext("draft")
            facts_of_copy = {"label": self.label, "number": self.number or "–", "date": date, "mark": self.mark}
            return gettext("%(label)s, version %(number)s, %(date)s, mark %(mark)s") % facts_of_copy


def compose(
    *,
    version: SampleText,
    channel_type: ChannelType,
    language: str,
    kind: Kind,
    choices: Choices,
    values: Mapping[str, str],
    register: SubprocessorList | None,
    provider: Provider | None,
    on: datetime.date,
) -> Composed:
    """Put the text together as it stands on the day ``on``.

    ``values`` answers questions by name (``privacy_text.questions``); other names in it are ignored, since facts come from provider,
    register and table of operators alone. Raises UnknownPlaceholder when a template names a placeholder that does not exist.
    """
    with override(language):
        found = recipients(channel_type=channel_type, register=register, language=language, on=on)
        filling = Filling(answers(values, known_facts(provider, found, choices, language)))
        if kind == "opt_in":
            paragraphs = tuple(opt_in(version, channel_type, language, choices, filling))
        else:
            paragraphs = tuple(passage(version, channel_type, language, choices, filling, found))
        missing = tuple(question(name) for name in filling.missing())
    has_content_delivery = bool(found.lists[PassageSection.Recipients.CONTENT_DELIVERY])
    not_applicable = facts.reasons(channel_type, choices, has_content_delivery=has_content_delivery) if kind == "passage" else {}
    carried = {facts.OF_THE_DISCLAIMER, *(fact for paragraph in paragraphs for fact in paragraph.facts)}
    return Composed(
        kind=kind,
        channel_type=channel_type.key,
        label=channel_type.label(language),
        language=language,
        paragraphs=paragraphs,
        missing=missing,
        not_applicable={fact: reason for fact, reason in not_applicable.items() if fact not in carried},
        uncovered=tuple(fact for fact in facts.FACTS if fact not in carried | not_applicable.keys()) if kind == "passage" else (),
        choices=choices,
        number=version.number,
        effective_date=version.effective_date,
        register_number=register.number if register else "",
        provider_name=provider.legal_name if provider else "",
    )


def every_choice() -> Iterator[Choices]:
    """Yield each combination of choices that changes which sections stand; the years of the proof change only a number."""
    switches = (("off", "consent", "interest"), (False, True), (False, True), ("named", "categories"))
    for statistics, segments, profile, naming in itertools.product(*switches):
        yield Choices(statistics=statistics, segments=segments, profile=profile, recipients=naming)  # type: ignore[arg-type]


class Filling:
    """One pass over templates that notes which places stay open."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values
        self.open: dict[str, None] = {}

    def runs(self, template: str, extra: Mapping[str, str] | None = None) -> tuple[Run, ...]:
        pieces = PLACEHOLDER.split(as_text(template))
        return tuple(
            self.place(piece, extra or {}) if position % 2 else Run(piece) for position, piece in enumerate(pieces) if piece or position % 2
        )

    def place(self, name: str, extra: Mapping[str, str]) -> Run:
        known = {**self.values, **{field: one_line(value) for field, value in extra.items()}}
        if name not in known:
            raise UnknownPlaceholder([name])
        if known[name]:
            return Run(known[name], "filled")
        self.open[name] = None
        return Run(question(name).gap, "open")

    def missing(self) -> list[str]:
        """Return the names of open places: those that the customer fills in the order of the questions, then those of the portal."""
        return [name for name in QUESTIONS if name in self.open] + [name for name in self.open if name not in QUESTIONS]


def answers(values: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    given = {name: one_line(values.get(name, ""))[:LONGEST_ANSWER] for name in QUESTIONS}
    given["content"] = given["content"].rstrip(" .")  # the sentence around it has its own full stop
    return given | {name: one_line(value) for name, value in known.items()}


def one_line(value: str) -> str:
    """Return the value without control characters and line breaks: it can begin neither a paragraph nor an entry of a list."""
    return re.sub(r"\s+", " ", as_text(value)).strip()


def known_facts(provider: Provider | None, found: Recipients, choices: Choices, language: str) -> dict[str, str]:
    return {
        "service_name": provider.service_name if provider else "",
        "provider_name": provider.legal_name if provider else "",
        "provider_address": ", ".join(provider.address_lines) if provider else "",
        "operator_names": listed(found.operators),
        "register_url": f"{settings.PORTAL_ORIGIN}{reverse('subprocessors')}",
        "proof_period": ngettext("one calendar year", "%(number)s calendar years", choices.proof_years) % {"number": choices.proof_years},
    }


def listed(names: Sequence[str]) -> str:
    """Return the names as they stand in a sentence: ``A, B and C``."""
    if len(names) < 2:
        return "".join(names)
    return gettext("%(names)s and %(last)s") % {"names": ", ".join(names[:-1]), "last": names[-1]}


def opt_in(version: SampleText, channel_type: ChannelType, language: str, choices: Choices, filling: Filling) -> Iterator[Paragraph]:
    """Yield what the prompt shows; sentences on evaluation, topics and names follow the message where the choices ask for them."""
    kinds = SampleTextPart.Kind
    texts = {row.kind: row.text for row in version.parts.all() if row.channel_type_id == channel_type.pk and row.language == language}
    added = {
        kinds.STATISTICS: choices.statistics == "consent",
        kinds.INTEREST: choices.statistics == "interest",
        kinds.SEGMENTS: choices.segments,
        kinds.PROFILE: choices.profile,
    }
    if kinds.MESSAGE in texts:
        sentences = [texts[kinds.MESSAGE], *(texts[kind] for kind, is_wanted in added.items() if is_wanted and kind in texts)]
        texts[kinds.MESSAGE] = " ".join(sentences)
    for kind in kinds:
        if kind not in added and kind in texts:
            yield Paragraph(kind.value.removeprefix("opt_in_"), str(kind.label), (Block(False, (filling.runs(texts[kind]),)),))


def passage(
    version: SampleText, channel_type: ChannelType, language: str, choices: Choices, filling: Filling, found: Recipients
) -> Iterator[Paragraph]:
    for section in version.sections.all():
        companies = found.lists.get(section.recipients, ())
        if section.channel_type_id == channel_type.pk and stands(section, choices) and (companies or not section.recipients):
            lines = tuple(filling.runs(section.item(language), company.values()) for company in companies)
            blocks = tuple(template_blocks(section.text(language), filling, lines))
            yield Paragraph(section.key, spelled(filling.runs(section.heading(language))), blocks, tuple(section.facts))


def stands(section: PassageSection, choices: Choices) -> bool:
    """Say whether the section belongs to a text for the choices."""
    statistics = {"", choices.statistics} | ({"on"} if choices.statistics != "off" else set())
    switches = ((section.when_segments, choices.segments), (section.when_profile, choices.profile))
    return (
        section.when_statistics in statistics
        and all(when in ("", "on" if is_on else "off") for when, is_on in switches)
        and section.when_recipients in ("", choices.recipients)
    )


def template_blocks(text: str, filling: Filling, companies: tuple[tuple[Run, ...], ...]) -> Iterator[Block]:
    for block in raw_blocks(text):
        if PLACEHOLDER.fullmatch(block[0]) and PLACEHOLDER.findall(block[0]) == [COMPANIES]:
            yield Block(True, companies)
        elif all(line.startswith(BULLET) for line in block):
            yield Block(True, tuple(filling.runs(line.removeprefix(BULLET)) for line in block))
        else:
            yield Block(False, (filling.runs(" ".join(block)),))
