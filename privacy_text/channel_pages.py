"""What the pages of channels show: how texts stand, previews, what is still to be done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy

from customers.models import Channel, ChannelType, Customer
from privacy_text import embedding
from privacy_text.composing import Composed
from privacy_text.handing_out import FORMS, as_html, as_plain_text
from privacy_text.merging import State, Step, Wording
from privacy_text.models import ChannelText, LengthLimit, Placement, TextKind, TextUpdate
from privacy_text.paragraphs import Block, Paragraph, Run
from privacy_text.reading import IN_BRACKETS, OPT_IN_KEYS, TextKey, label_of, open_places, open_question, paragraph_of
from publishing.comparison import Block as Difference
from publishing.comparison import compare

STATES: dict[str, tuple[Promise, str]] = {
    "none": (gettext_lazy("no text yet"), ""),
    "incomplete": (gettext_lazy("incomplete"), "warn"),
    "update": (gettext_lazy("update available"), "info"),
    "own": (gettext_lazy("own text"), ""),
    "current": (gettext_lazy("text current"), "ok"),
}
REASONS: dict[str, Promise] = {
    "redirect": gettext_lazy("the page leads elsewhere; enter the address that it leads to"),
    "status": gettext_lazy("the page answers with an error; open it in a browser without signing in"),
    "not_public": gettext_lazy("the address leads to no public host; enter the address that visitors use"),
    "unknown_host": gettext_lazy("nobody knows the name; look for a typing error in the address"),
    "certificate": gettext_lazy("the certificate does not fit; have it renewed, visitors are warned as well"),
    "too_slow": gettext_lazy("the page took too long; try again later"),
    "too_long": gettext_lazy("the page is longer than 2 MB, and the passage does not stand in what we read"),
}
PAGES = {TextKind.OPT_IN: "channel_opt_in", TextKind.PASSAGE: "channel_passage"}
SHORT = {TextKind.OPT_IN: gettext_lazy("Opt-In"), TextKind.PASSAGE: gettext_lazy("Passage")}
UPDATES = {TextKind.OPT_IN: "channel_opt_in_update", TextKind.PASSAGE: "channel_passage_update"}
STEP_WORDS: dict[State, tuple[Promise, str]] = {
    State.UNCHANGED: (gettext_lazy("unchanged"), ""),
    State.TEMPLATE: (gettext_lazy("template changed"), "info"),
    State.OWN: (gettext_lazy("changed by you"), ""),
    State.BOTH: (gettext_lazy("changed by both"), "warn"),
}


def page_of(key: TextKey) -> str:
    """Return the address of the page on which the text is edited."""
    return f"{reverse(PAGES[TextKind(key.kind)], args=[key.channel.pk])}?language={key.language}"


def update_page_of(key: TextKey) -> str:
    return f"{reverse(UPDATES[TextKind(key.kind)], args=[key.channel.pk])}?language={key.language}"


def state_of(text: ChannelText | None, *, has_update: bool) -> str:
    """Say how a text stands, in the order of what has to be done first."""
    if text is None:
        return "none"
    if not text.is_complete:
        return "incomplete"
    if has_update:
        return "update"
    return "own" if text.is_own else "current"


def tag(state: str) -> dict[str, str]:
    text, tone = STATES[state]
    return {"text": str(text), "tone": tone}


# --- the company's list -------------------------------------------------------------------------------------------------


def texts_of(channels: Sequence[Channel]) -> dict[tuple[int, str, str], ChannelText]:
    rows = ChannelText.objects.filter(channel__in=channels).newest().select_related("sample_text")
    return {(row.channel_id, row.kind, row.language): row for row in rows}


def updates_of(channels: Sequence[Channel]) -> set[tuple[int, str, str]]:
    return set(TextUpdate.objects.open().filter(channel__in=channels).values_list("channel_id", "kind", "language"))


def channel_list(customer: Customer, language: str) -> dict[str, Any]:
    """Return the channels with the state of their texts, and removed ones whose passage may still stand on a page; a fixed number of queries."""
    types = {row.key: row.label(language) for row in ChannelType.objects.all()}
    channels = list(customer.channels.kept())
    texts, updates = texts_of(channels), updates_of(channels)
    gone = Placement.objects.filter(channel__customer=customer, channel__removed_at__isnull=False, taken_out_at=None).select_related(
        "channel"
    )
    return {
        "rows": [
            {"channel": channel, "type": types.get(channel.channel_type, channel.channel_type), "tags": tags(channel, texts, updates)}
            for channel in channels
        ],
        "to_take_out": list(gone.order_by("channel__name")),
    }


def tags(channel: Channel, texts: Mapping[tuple[int, str, str], ChannelText], updates: set[tuple[int, str, str]]) -> list[dict[str, str]]:
    """Return one tag per text that there is, or one that says that there is none."""
    found = []
    for kind in TextKind.values:
        for language, _name in settings.LANGUAGES:
            place = (channel.pk, kind, language)
            if place in texts:
                key, state = TextKey(channel, kind, language), state_of(texts[place], has_update=place in updates)
                url = update_page_of(key) if state == "update" else page_of(key)
                found.append({**tag(state), "what": f"{SHORT[TextKind(kind)]} ({language.upper()})", "url": url})
    return found or [{**tag("none"), "what": "", "url": ""}]


def overview(channel: Channel) -> list[dict[str, Any]]:
    """Return every text that the channel can have, with its state and where it is edited."""
    texts, updates = texts_of([channel]), updates_of([channel])
    return [
        {
            "kind": kind,
            "label": label,
            "language": str(name),
            "text": texts.get((channel.pk, kind, language)),
            "tag": tag(state_of(texts.get((channel.pk, kind, language)), has_update=(channel.pk, kind, language) in updates)),
            "has_update": (channel.pk, kind, language) in updates,
            "url": page_of(TextKey(channel, kind, language)),
            "update_url": update_page_of(TextKey(channel, kind, language)),
        }
        for kind, label in TextKind.choices
        for language, name in settings.LANGUAGES
    ]


# --- one text -----------------------------------------------------------------------------------------------------------


def preview(
    key: TextKey, wordings: Sequence[Wording], *, like: Composed | None, asked: Sequence[str], channel_type: ChannelType
) -> dict[str, Any]:
    """Return how the text will look, what is open in it, and how long its parts are; ``asked`` are the questions of its template."""
    shown = [marked(paragraph_of(wording, like, key.kind, key.language)) for wording in wordings]
    places = open_places(wordings, key.language)
    open_questions = [name for name in asked if name in places]
    return {
        "kind": key.kind,
        "text_language": key.language,
        "paragraphs": shown,
        "prompt": {row.key: row for row in shown} if key.kind == TextKind.OPT_IN else None,
        "where": channel_type.kind,
        "type_label": channel_type.label(key.language),
        "missing": [open_question(place) for place in places],
        "filled": len(asked) - len(open_questions),
        "asked": len(asked),
        "counters": counters(wordings, channel_type, get_language() or key.language) if key.kind == TextKind.OPT_IN else [],
    }


def marked(paragraph: Paragraph) -> Paragraph:
    """Return the paragraph with open places marked in own words too."""
    return replace(
        paragraph, blocks=tuple(Block(block.is_list, tuple(marked_line(line) for line in block.lines)) for block in paragraph.blocks)
    )


def marked_line(line: Sequence[Run]) -> tuple[Run, ...]:
    return tuple(part for run in line for part in (parts_of(run.text) if not run.state else [run]))


def parts_of(text: str) -> list[Run]:
    pieces = IN_BRACKETS.split(text)
    return [Run(piece, "open" if position % 2 else "") for position, piece in enumerate(pieces) if piece]


def counters(wordings: Sequence[Wording], channel_type: ChannelType, language: str) -> list[dict[str, Any]]:
    """Return the length of each part beside the limits of platforms; they warn and forbid nothing."""
    lengths = {f"opt_in_{wording.key}": len(wording.text) for wording in wordings}
    return [
        {
            "part": label_of(limit.part.removeprefix("opt_in_"), language),
            "length": lengths[limit.part],
            "limit": limit.characters,
            "platform": limit.platform,
            "is_over": lengths[limit.part] > limit.characters,
        }
        for limit in LengthLimit.objects.filter(channel_type=channel_type)
        if limit.part in lengths
    ]


def forms_to_take(key: TextKey, composed: Composed) -> dict[str, Any]:
    """Return what is handed out of a complete text: both forms for the clipboard, and the files."""
    view = "channel_opt_in_file" if key.kind == TextKind.OPT_IN else "channel_passage_file"
    files = [
        {
            "label": form.label,
            "url": f"{reverse(view, args=[key.channel.pk, name])}?language={key.language}",
            "format": form.extension.upper(),
        }
        for name, form in FORMS.items()
    ]
    return {"html": as_html(composed), "plain": as_plain_text(composed), "files": files}


def why_not_reached(placement: Placement | None) -> str:
    """Return in words why the page was not reached, and what to do; empty when it was."""
    if placement is None or placement.found != Placement.Found.UNREACHABLE:
        return ""
    return str(REASONS.get(placement.reason, gettext_lazy("the host does not answer; try again later")))


def embed_codes(key: TextKey, composed: Composed) -> dict[str, Any]:
    snippet = embedding.snippet(key.channel, key.language, embedding.for_maintainers(composed))
    return {"addresses": embedding.addresses(key.channel), "snippet": snippet}


def differences(old: Sequence[Wording], new: Sequence[Wording]) -> list[Difference]:
    """Return the comparison of two texts, headings among the paragraphs."""
    return compare(lines_of(old), lines_of(new))


def lines_of(wordings: Iterable[Wording]) -> list[str]:
    return [part for wording in wordings for part in (wording.heading, *wording.text.split("\n\n")) if part]


def title_of(step: Step, kind: str, language: str) -> str:
    found = next((each.heading for each in (step.own, step.new, step.old) if each and each.heading), "")
    return label_of(step.key, language) if kind == TextKind.OPT_IN and step.key in OPT_IN_KEYS else found or step.key


def step_rows(steps: Sequence[Step], key: TextKey) -> list[dict[str, Any]]:
    """Return the paragraphs of an update: who changed what, and both wordings where somebody has to choose."""
    return [
        {
            "key": step.key,
            "title": title_of(step, key.kind, key.language),
            "state": step.state.value,
            "tag": {"text": str(STEP_WORDS[step.state][0]), "tone": STEP_WORDS[step.state][1]},
            "is_open": step.state in (State.TEMPLATE, State.BOTH),
            "usual": step.usual_side.value,
            "own": step.own,
            "new": step.new,
            "difference": difference_of(step),
        }
        for step in steps
    ]


def difference_of(step: Step) -> list[Difference]:
    """Return what the template would change; a heading that both have needs no line of its own."""
    own, new = step.own, step.new
    if own and new and own.heading == new.heading:
        own, new = own._replace(heading=""), new._replace(heading="")
    return differences([own] if own else [], [new] if new else [])
