"""The passage of a channel as other sites take it in: an HTML fragment, JSON, a script; no cookie, nothing about who reads it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, override

from customers.models import Channel
from privacy_text.composing import Composed
from privacy_text.handing_out import body, content, html_blocks, html_heading
from privacy_text.models import ChannelText, Placement, TextKind
from privacy_text.reading import as_composed, current_sources, open_question
from publishing.canonical import sha256_of_text

CONTENT_TYPES = {"html": "text/html; charset=utf-8", "json": "application/json", "js": "text/javascript; charset=utf-8"}


class NothingToEmbed(LookupError):
    """There is no complete passage of a channel in use under this identifier; with the questions that its text leaves open."""

    def __init__(self, questions: Sequence[str] = ()) -> None:
        super().__init__(*questions)
        self.questions = questions


@dataclass(frozen=True)
class Embedded:
    """One form of the passage, with the word that says whether a reader's copy is still good."""

    content: str
    content_type: str

    @property
    def etag(self) -> str:
        return f'"{sha256_of_text(self.content)[:32]}"'


def embedded(*, public_id: uuid.UUID, form: str, language: str) -> Embedded:
    """Return the last complete passage of the channel; raises NothingToEmbed, KeyError for an unknown form.

    Without a text in the language asked for the company's own is taken, then any: a passage in another language beats none.
    """
    text = chosen(public_id, language)
    composed = as_composed(text, current_sources(timezone.localdate()))
    makers = {"html": fragment, "json": as_json, "js": as_script}
    return Embedded(makers[form](composed, text), CONTENT_TYPES[form])


def chosen(public_id: uuid.UUID, language: str) -> ChannelText:
    channel = Channel.objects.kept().filter(public_id=public_id, customer__closed_at=None).select_related("customer").first()
    if channel is None:
        raise NothingToEmbed
    passages = ChannelText.objects.filter(channel=channel, kind=TextKind.PASSAGE).newest()
    texts = {row.language: row for row in passages.complete().select_related("sample_text")}
    wanted = next((each for each in (language, channel.customer.language, *texts) if each in texts), None)
    if wanted is None:
        raise NothingToEmbed(left_open(passages, language))
    text = texts[wanted]
    text.channel = channel
    return text


def left_open(passages: Iterable[ChannelText], language: str) -> list[str]:
    """Return what the newest texts still ask, those in the language first, each question once."""
    asked = []
    for text in sorted(passages, key=lambda each: each.language != language):
        with override(text.language):
            asked += [open_question(place).label for place in text.open_places]
    return list(dict.fromkeys(asked))


def stand(text: ChannelText) -> str:
    """Return the line that says from when the text is, in its language."""
    with override(text.language):
        return gettext("As of: %(date)s") % {"date": date_format(timezone.localtime(text.saved_at), "DATE_FORMAT")}


def for_maintainers(composed: Composed) -> str:
    """Return the disclaimer as it may stand in a comment of HTML or of a script, which it can neither end nor nest."""
    return composed.disclaimer.replace("--", "–").replace("*/", "* /")


def fragment(composed: Composed, text: ChannelText) -> SafeString:
    """Return a section for any page: headings from h2 on, no classes, no styles; the disclaimer is for whoever maintains the page."""
    title, paragraphs = body(composed)
    return format_html(
        '<!-- {} -->\n<section lang="{}" data-mark="{}">\n<h2>{}</h2>\n{}<p><small>{} · {}</small></p>\n</section>\n',
        for_maintainers(composed),
        composed.language,
        composed.mark,
        title,
        format_html_join("", "{}{}", ((html_heading(paragraph), html_blocks(paragraph)) for paragraph in paragraphs)),
        stand(text),
        composed.mark,
    )


def as_json(composed: Composed, text: ChannelText) -> str:
    facts = {"as_of": text.saved_at.isoformat(), "number": text.number, "html": str(fragment(composed, text))}
    return json.dumps(content(composed) | facts, ensure_ascii=False, indent=2) + "\n"


def as_script(composed: Composed, text: ChannelText) -> str:
    """Return a script that puts the fragment where it stands; nothing is fetched, nothing is stored."""
    html = json.dumps(str(fragment(composed, text))).replace("<", "\\u003c")
    note = for_maintainers(composed)
    return (
        f'/* {note} */\n(function () {{ var here = document.currentScript; if (here) here.insertAdjacentHTML("afterend", {html}); }})();\n'
    )


def addresses(channel: Channel) -> dict[str, str]:
    """Return where each form is found; the addresses stay the same as long as the channel is in use."""
    return {form: f"{settings.PORTAL_ORIGIN}{reverse('embed', args=[channel.public_id, form])}" for form in CONTENT_TYPES}


def snippet(channel: Channel, language: str, note: str) -> str:
    """Return the line for a page of one's own, as text, below a comment with the note for whoever maintains the page."""
    return f'<!-- {note} -->\n<script src="{addresses(channel)["js"]}?language={language}"></script>'


def is_automatic(channel: Channel) -> bool:
    return Placement.objects.filter(channel=channel, updates=Placement.Updates.AUTOMATIC).exists()
