"""From a body of HTML to a whole document: cleaned text, our own figures, escaped head."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape

from pdf.figures import Figure
from pdf.sanitising import DocumentRefused, clean_document

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
FIGURE_PLACE = re.compile(r'<div (?:class="[^">]*" )?data-figure="(?P<name>[a-z-]+)"></div>')

SKELETON = """<!DOCTYPE html>
<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>
<meta name="author" content="{author}"><meta name="generator" content="Compliance portal">
<meta name="dcterms.created" content="{moment}"><meta name="dcterms.modified" content="{moment}">
</head><body>
{body}
</body></html>
"""


def compose(*, body: str, figures: Mapping[str, Figure], title: str, author: str, language: str, created_at: datetime) -> str:
    """Return the document that the renderer draws; raises DocumentRefused when the body breaks a rule."""
    if not LANGUAGE.fullmatch(language):
        raise ValueError("The language is a tag such as de or en-GB.")
    return SKELETON.format(
        language=language,
        title=escape(title),
        author=escape(author),
        # Always UTC in one form: the moment becomes part of the bytes, and so of the hash.
        moment=created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        body=_with_figures(clean_document(body), figures),
    )


def _with_figures(body: str, figures: Mapping[str, Figure]) -> str:
    """Put each figure into its one place; a second place would let a text borrow the portal's own mark."""
    places = [match["name"] for match in FIGURE_PLACE.finditer(body)]
    if sorted(places) != sorted(figures):
        raise DocumentRefused("Each figure needs exactly one place in the document, and each place its figure.")
    return FIGURE_PLACE.sub(lambda match: f'<div class="figure">{figures[match["name"]].svg()}</div>', body)
