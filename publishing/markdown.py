"""Authored Markdown: sections with lasting keys, numbers that are text, references that fill themselves.

A section is ``## Title {#key}``; its numbered paragraphs are an ordered list; ``[](#key)`` becomes the section's label.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import nh3
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.token import Token

HEADING = re.compile(r"^##\s+(?P<title>.+?)\s*\{#(?P<key>[a-z][a-z0-9-]{0,40})\}\s*$", re.MULTILINE)
REFERENCE = re.compile(r"\[\]\(#([a-z][a-z0-9-]{0,40})\)")
TAGS = {"p", "ol", "ul", "li", "strong", "em", "a", "span", "h3", "h4", "blockquote", "br", "code", "hr"}


@dataclass(frozen=True)
class Section:
    """One section: its key for anchors and mapping, its title, its Markdown."""

    key: str
    title: str
    body: str


class MalformedText(Exception):
    """The text has no sections, two sections of one key, or a reference that leads nowhere; the message says which."""


def split(text: str) -> tuple[str, list[Section]]:
    """Return what stands before the first section, and the sections."""
    headings = list(HEADING.finditer(text))
    if not headings:
        raise MalformedText("no section: a section starts with '## Title {#key}'")
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    sections = [Section(h["key"], h["title"], text[h.end() : end].strip()) for h, end in zip(headings, ends, strict=True)]
    keys = [section.key for section in sections]
    doubled = sorted({key for key in keys if keys.count(key) > 1})
    if doubled:
        raise MalformedText(f"two sections have the key {', '.join(doubled)}")
    return text[: headings[0].start()].strip(), sections


def refer(text: str, labels: Mapping[str, str]) -> str:
    """Write the label of its section into every empty link; raise MalformedText for a link that leads nowhere."""
    lost = sorted({key for key in REFERENCE.findall(text) if key not in labels})
    if lost:
        raise MalformedText(f"a reference leads nowhere: {', '.join(lost)}")
    return REFERENCE.sub(lambda found: f"[{labels[found.group(1)]}](#{found.group(1)})", text)


def render(text: str, *, anchor: str = "", labels: Mapping[str, str] | None = None) -> SafeString:
    """Return the Markdown as cleaned HTML; ``anchor`` prefixes the paragraphs' addresses, as in ``#term-2``."""
    parser = MarkdownIt("commonmark", {"html": False})
    tokens = parser.parse(refer(text, labels or {}))
    number_paragraphs(tokens, anchor)
    dirty = parser.renderer.render(tokens, parser.options, {})
    clean = nh3.clean(
        dirty,
        tags=TAGS,
        attributes={"a": {"href"}, "li": {"id"}},
        allowed_classes={"ol": {"paragraphs"}, "span": {"number"}},
        url_schemes={"https", "mailto"},
        link_rel=None,
    )
    return SafeString(clean)


def number_paragraphs(tokens: Sequence[Token], anchor: str) -> None:
    """Turn the outermost ordered lists into paragraphs whose numbers, "(1)", are part of the text."""
    count = 0
    for position, token in enumerate(tokens):
        if token.level == 0 and token.type == "ordered_list_open":
            token.attrSet("class", "paragraphs")
        elif token.level == 1 and token.type == "list_item_open" and token.info:
            count += 1
            if anchor:
                token.attrSet("id", f"{anchor}-{count}")
            write_number(tokens[position:], count)


def write_number(tokens: Sequence[Token], number: int) -> None:
    inline = next(token for token in tokens if token.type == "inline")
    opened, text, closed = Token("span_open", "span", 1), Token("text", "", 0), Token("span_close", "span", -1)
    opened.attrSet("class", "number")
    text.content = f"({number})"
    space = Token("text", "", 0)
    space.content = " "
    inline.children = [opened, text, closed, space, *(inline.children or [])]


def plain_blocks(text: str, labels: Mapping[str, str] | None = None) -> list[str]:
    """Return headings, paragraphs and list items as plain text, one string each, for comparison and plain-text copies."""
    tokens = MarkdownIt("commonmark", {"html": False}).parse(refer(text, labels or {}))
    number_paragraphs(tokens, "")
    return ["".join(plain(child) for child in token.children or []) for token in tokens if token.type == "inline"]


def plain(token: Token) -> str:
    return {"softbreak": " ", "hardbreak": "\n"}.get(token.type, str(token.content))
