"""What is wrong, outdated or misplaced in the operator's own templates: shown to those who write, never changed for them."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.models import ChannelType
from privacy_text import coverage, facts
from privacy_text.composing import every_choice, stands
from privacy_text.models import Operator, PassageSection, SampleText, SampleTextPart
from privacy_text.questions import OF_A_COMPANY, known_names
from publishing.placeholders import names
from subprocessors.models import Subprocessor, SubprocessorList

DENIES = {
    "de": re.compile(
        r"\bwert\w*\b[^.]*\bnicht\b[^.]*\baus\b|\bnicht\b[^.]*\bausgewertet\b|\bkeine\w* (?:statistische )?Auswertung", re.IGNORECASE
    ),
    "en": re.compile(r"\bnot (?:\w+ )?(?:evaluat|analys|track)|\bno (?:statistical )?evaluation", re.IGNORECASE),
}
USES = {
    "de": re.compile(
        r"statistisch (?!nicht)\w*\s?aus\b|\bzählen\b|(?:erkennen|feststellen|ermitteln)[^.]*interess"
        r"|\bwert\w* (?!(?:\w+ )?nicht)[^.]*\baus, (?:ob|wie)",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"(?<!not )(?<!not statistically )\bevaluates? (?:statistically|whether|how)|\bwe count\b"
        r"|(?:enables? us to|shows? us|recogni[sz]e)[^.]*interest",
        re.IGNORECASE,
    ),
}
OUTDATED = {
    "Facebook Inc": "Meta Platforms Ireland Limited",
    "Facebook, Inc": "Meta Platforms Ireland Limited",
    "CloudFlare": "Cloudflare, Inc.",
    "TTDSG": "TDDDG",
    "Privacy Shield": "EU-US Data Privacy Framework",
}
PUSH = r"\bpush\b|\bpush-|\bpush\w|service worker"
FOREIGN: Mapping[str, re.Pattern[str]] = {
    ChannelType.Kind.WEBSITE: re.compile(r"\bmessenger\b|\btelegram\b|\bchat-?bot\b", re.IGNORECASE),
    ChannelType.Kind.APP: re.compile(r"\bbrowser|\bwebsite\b|service worker|\bmessenger\b|\btelegram\b", re.IGNORECASE),
    ChannelType.Kind.MESSENGER: re.compile(PUSH + r"|\bbrowsers?\b", re.IGNORECASE),
}
APP = re.compile(r"\bapps?\b", re.IGNORECASE)
LEGAL_FORM = re.compile(r"(?:[A-ZÄÖÜ][\w&.-]*,? )+(?:GmbH|AG|SE|KG|Inc\.?|LLC|Ltd\.?|Limited|Corporation|S[àa]rl|SARL|FZ-LLC|B\.V\.)(?!\w)")
LABELS: dict[str, Promise] = {
    "denied_but_used": _("Evaluation is denied and described for the same choices."),
    "outdated": _("A name is outdated."),
    "app": _("The text for websites speaks of an app."),
    "missing_facts": _("A passage lacks facts."),
    "doubled": _("A passage says something twice."),
    "foreign_words": _("Words of another channel type stand here."),
    "company": _("A company is written into the template; it has to come from the register or the table of operators."),
    "placeholder": _("A placeholder is unknown."),
    "untranslated": _("A text lacks one language."),
    "unverified": _("Nobody has verified what the table of operators says of a company."),
}
NEVER_VERIFIED = _("last verified: never")
BLOCKING = frozenset({"missing_facts", "doubled", "company", "placeholder", "untranslated"})


@dataclass(frozen=True)
class Place:
    """One template in one language: a text of the prompt or a part of a section."""

    channel_type: ChannelType
    language: str
    name: str
    text: str
    row: SampleTextPart | PassageSection


@dataclass(frozen=True)
class Finding:
    """One remark: the rule, where it applies, and the words that gave rise to it."""

    rule: str
    channel_type: str
    language: str
    name: str
    words: str

    @property
    def label(self) -> str:
        return str(LABELS[self.rule])

    @property
    def blocks(self) -> bool:
        """Whether the version cannot be approved with it."""
        return self.rule in BLOCKING


def lint(version: SampleText, on: datetime.date) -> list[Finding]:
    """Return every remark about a version, by channel type."""
    found = places(version)
    register = SubprocessorList.objects.current()
    remarks = [*denied_but_used(found), *outdated(found, on), *in_the_wrong_place(found), *companies(found, register), *placeholders(found)]
    remarks += [*untranslated(version), *lacking(version, register, on), *unverified(found, on)]
    order = {str(row): row.sort for row in {place.channel_type for place in found}}
    return sorted(dict.fromkeys(remarks), key=lambda finding: (not finding.blocks, order.get(finding.channel_type, 0), finding.rule))


def places(version: SampleText) -> list[Place]:
    parts = version.parts.select_related("channel_type")
    found = [Place(row.channel_type, row.language, row.get_kind_display(), row.text, row) for row in parts]
    for section in version.sections.select_related("channel_type"):
        for language in ("de", "en"):
            heading, text, item = section.templates(language)
            name = " – ".join(part for part in (section.heading(language) or section.key, section.conditions) if part)
            found.append(Place(section.channel_type, language, name, "\n\n".join(part for part in (heading, text, item) if part), section))
    return found


def remark(rule: str, place: Place, words: str) -> Finding:
    return Finding(rule, str(place.channel_type), place.language, place.name, re.sub(r"\s+", " ", words)[:160])


def denied_but_used(found: list[Place]) -> Iterator[Finding]:
    """Compare what stands together: without evaluation nothing may describe one, and with it nothing may deny it."""
    for place in found:
        allowed = evaluations(place.row)
        use, denial = USES[place.language].search(place.text), DENIES[place.language].search(place.text)
        if use and (denial or "off" in allowed):
            yield remark("denied_but_used", place, use[0])
        elif denial and allowed != {"off"}:
            yield remark("denied_but_used", place, denial[0])


def evaluations(row: SampleTextPart | PassageSection) -> set[str]:
    """Return the choices of evaluation for which the template stands."""
    if isinstance(row, SampleTextPart):
        only = {SampleTextPart.Kind.STATISTICS: {"consent"}, SampleTextPart.Kind.INTEREST: {"interest"}}
        return only.get(SampleTextPart.Kind(row.kind), {"off", "consent", "interest"})
    return {choices.statistics for choices in every_choice() if stands(row, choices)}


def outdated(found: list[Place], on: datetime.date) -> Iterator[Finding]:
    current = set(Operator.objects.in_force(on).values_list("legal_name", flat=True))
    former = set(Operator.objects.values_list("legal_name", flat=True)) - current
    for place in found:
        yield from (remark("outdated", place, f"{name} → {now}") for name, now in OUTDATED.items() if name in place.text)
        yield from (remark("outdated", place, name) for name in former if name in place.text)


def in_the_wrong_place(found: list[Place]) -> Iterator[Finding]:
    messenger = ChannelType.Kind.MESSENGER
    labels = {label for place in found for label in labels_of(place.channel_type)}
    messengers = {label for place in found if place.channel_type.kind == messenger for label in labels_of(place.channel_type)}
    for place in found:
        kind, own = place.channel_type.kind, labels_of(place.channel_type)
        if kind == ChannelType.Kind.WEBSITE and (match := APP.search(place.text)):
            yield remark("app", place, match[0])
        if match := FOREIGN[kind].search(place.text):
            yield remark("foreign_words", place, match[0])
        others = (labels if kind == messenger else messengers) - own
        yield from (remark("foreign_words", place, label) for label in sorted(others) if label in place.text)


def labels_of(channel_type: ChannelType) -> set[str]:
    return {channel_type.label_de, channel_type.label_en}


def companies(found: list[Place], register: SubprocessorList | None) -> Iterator[Finding]:
    entries = register.entries.all() if register else Subprocessor.objects.none()
    known = {*entries.values_list("legal_name", flat=True), *Operator.objects.values_list("legal_name", flat=True)}
    for place in found:
        written = [name for name in known if name in place.text] or [match[0] for match in LEGAL_FORM.finditer(place.text)]
        yield from (remark("company", place, name) for name in written)


def placeholders(found: list[Place]) -> Iterator[Finding]:
    for place in found:
        known = known_names() | OF_A_COMPANY.keys() if isinstance(place.row, PassageSection) and place.row.recipients else known_names()
        yield from (remark("placeholder", place, name) for name in sorted(names(place.text) - known))


def unverified(found: list[Place], on: datetime.date) -> Iterator[Finding]:
    """Name the companies in force today whose details passages of this version would print unchecked, together where they serve alike."""
    types = {place.channel_type.pk: str(place.channel_type) for place in found}
    names: dict[str, list[str]] = {}
    for row in Operator.objects.in_force(on).unverified().prefetch_related("channel_types"):
        labels = ", ".join(types[each.pk] for each in row.channel_types.all() if each.pk in types)
        names.setdefault(labels, []).append(row.legal_name)
    for labels, together in names.items():
        if labels:
            yield Finding("unverified", labels, "", "; ".join(together), str(NEVER_VERIFIED))


def untranslated(version: SampleText) -> Iterator[Finding]:
    for row in version.sections.select_related("channel_type"):
        for language in ("de", "en"):
            if row.is_untranslated(language):
                yield Finding("untranslated", str(row.channel_type), language, row.key, "")


def lacking(version: SampleText, register: SubprocessorList | None, on: datetime.date) -> Iterator[Finding]:
    labels = {row.key: str(row) for row in ChannelType.objects.all()}
    for gap in coverage.gaps(version, register, on):
        yield from (Finding("missing_facts", labels[gap.channel_type], "", fact, str(facts.FACTS[fact])) for fact in gap.facts)
        yield from (Finding("doubled", labels[gap.channel_type], "", key, key) for key in gap.doubled)
