"""Values in authored text: one grammar, ``{{ name }}``, filled in one pass.

A value is never read again, so ``{{ name }}`` inside a value stays as it is. There are no attributes, filters or conditions.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Mapping

PLACEHOLDER = re.compile(r"\{\{\s*([a-z][a-z0-9_]{0,40})\s*\}\}")
MARKDOWN_MEANING = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~&:])")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")

Escape = Callable[[str], str]


class UnknownPlaceholder(Exception):
    """The text names placeholders that do not exist for its kind; ``names`` lists them."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = sorted(names)
        super().__init__(", ".join(self.names))


def as_text(value: str) -> str:
    return CONTROL.sub("", value)


def as_html(value: str) -> str:
    return html.escape(as_text(value))


def as_header(value: str) -> str:
    """A value for a mail header: no line break can start another header."""
    return re.sub(r"[\r\n\u2028\u2029]+", " ", as_text(value))


def as_markdown(value: str) -> str:
    """A value for Markdown: one line, every character with a meaning escaped."""
    return MARKDOWN_MEANING.sub(r"\\\1", re.sub(r"\s+", " ", as_text(value)).strip())


def names(text: str) -> set[str]:
    """Return the names of the placeholders in the text."""
    return set(PLACEHOLDER.findall(text))


def fill(text: str, values: Mapping[str, str], escape: Escape = as_text) -> str:
    """Replace every placeholder by its escaped value; raise UnknownPlaceholder before anything is replaced."""
    unknown = names(text) - values.keys()
    if unknown:
        raise UnknownPlaceholder(unknown)
    return PLACEHOLDER.sub(lambda found: escape(values[found.group(1)]), text)
