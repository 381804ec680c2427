"""What a document may contain: words, tables and small pictures; nothing that loads, runs or styles.

Layout time grows with structure, not with bytes, so cells, depth and text are counted as well.
"""

from __future__ import annotations

import base64
import binascii
import re
from html.parser import HTMLParser

import nh3

from pdf.failures import RenderFailed

MARKUP_CHARACTERS = 8_000_000
TEXT_CHARACTERS = 500_000
TABLE_CELLS = 2_000
SPAN = 20
DEPTH = 50
IMAGE_BYTES = 1024**2

STRUCTURE = {"address", "article", "blockquote", "div", "figcaption", "figure", "hr", "p", "pre", "section"}
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
LISTS = {"dd", "dl", "dt", "li", "ol", "ul"}
TABLES = {"caption", "col", "colgroup", "table", "tbody", "td", "tfoot", "th", "thead", "tr"}
WORDS = {"a", "abbr", "b", "br", "cite", "code", "em", "i", "img", "q", "small", "span", "strong", "sub", "sup", "time", "wbr"}
CHANGES = {"del", "ins", "mark"}
TAGS = STRUCTURE | HEADINGS | LISTS | TABLES | WORDS | CHANGES
# Their text is no text for readers, and some of them are parsed differently by different programmes.
RAW_TEXT = {"iframe", "noembed", "noframes", "noscript", "plaintext", "script", "style", "textarea", "title", "xmp"}
FOREIGN = {"head", "math", "object", "svg", "template"}
VOID_TAGS = {"br", "col", "hr", "img", "wbr"}
# Every class of assets/print.css that a text may use.
PAGES = {"annex", "clause", "contents", "cover", "evidence", "synopsis"}
PARTS = {"annex-number", "clauses", "columns", "cover-facts", "cover-parties", "evidence-check", "preamble", "sub-clause", "subprocessor"}
PIECES = {"address", "aim", "control", "fact", "facts", "lead", "number", "paragraphs", "party", "record", "reference", "role"}
LOOKS = {"code", "hash", "keep", "mono", "muted", "section-row"}
WIDTHS = {"counted", "kept", "reasons", "rules"}
CLASSES = PAGES | PARTS | PIECES | LOOKS | WIDTHS
ATTRIBUTES = {
    "*": {"class", "id", "lang"},
    "a": {"href"},
    "abbr": {"title"},
    "col": {"span"},
    "colgroup": {"span"},
    "del": {"datetime"},
    "div": {"data-figure"},
    "img": {"alt", "src"},
    "ins": {"datetime"},
    "li": {"value"},
    "ol": {"start"},
    "td": {"colspan", "headers", "rowspan"},
    "th": {"abbr", "colspan", "headers", "rowspan", "scope"},
    "time": {"datetime"},
}
SPANNING = frozenset({"colspan", "rowspan", "span"})
WHOLE_NUMBERS = frozenset({"start", "value"})
LINK = re.compile(r"(?:https://|mailto:|#)[^\s<>\"]*")
IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]{0,99}")
WHOLE_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
FIGURE_NAME = re.compile(r"[a-z-]{1,40}")
PICTURE = re.compile(r"data:image/(?:png|jpeg);base64,(?P<content>[A-Za-z0-9+/=]+)")
PICTURE_BEGINNINGS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


class DocumentRefused(RenderFailed):
    """The document breaks a rule that no second try will change."""


def clean_document(html: str) -> str:
    """Return the part of the HTML that a document may contain; cleaning twice changes nothing.

    Raises DocumentRefused when the document has too much text, too many cells, too deep a structure or a picture
    without words for those who do not see it.
    """
    if len(html) > MARKUP_CHARACTERS:
        raise DocumentRefused(f"The document has more than {MARKUP_CHARACTERS:,} characters of markup.")
    cleaned = nh3.clean(
        html,
        tags=TAGS,
        clean_content_tags=RAW_TEXT | FOREIGN,
        attributes=ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes={"https", "mailto", "data"},
        link_rel=None,
    )
    Census(cleaned).refuse_excess()
    return cleaned


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Return the value that an attribute may keep, or None to drop it."""
    if name == "class":
        return " ".join(word for word in value.split() if word in CLASSES) or None
    if name in SPANNING:
        return str(min(int(value), SPAN)) if WHOLE_NUMBER.fullmatch(value) else None
    pattern = {
        "href": LINK,
        "id": IDENTIFIER,
        "data-figure": FIGURE_NAME,
        **dict.fromkeys(WHOLE_NUMBERS, WHOLE_NUMBER),
    }.get(name)
    if name == "src":
        return value if _is_small_picture(value) else None
    return value if pattern is None or pattern.fullmatch(value) else None


def _is_small_picture(address: str) -> bool:
    match = PICTURE.fullmatch(address)
    if not match or len(match["content"]) > IMAGE_BYTES * 4 // 3 + 4:
        return False
    try:
        return base64.b64decode(match["content"], validate=True).startswith(PICTURE_BEGINNINGS)
    except binascii.Error:
        return False


class Census(HTMLParser):
    """Counts what makes a document expensive."""

    def __init__(self, cleaned: str) -> None:
        super().__init__(convert_charrefs=True)
        self.cells = self.text = self.depth = self.deepest = self.wordless_pictures = 0
        self.feed(cleaned)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count a cell, a level or a picture."""
        self.cells += tag in ("td", "th")
        self.wordless_pictures += tag == "img" and not (dict(attrs).get("alt") or "").strip()
        if tag not in VOID_TAGS:
            self.depth += 1
            self.deepest = max(self.deepest, self.depth)

    def handle_endtag(self, tag: str) -> None:
        """Leave a level."""
        self.depth -= 1

    def handle_data(self, data: str) -> None:
        """Count text."""
        self.text += len(data)

    def refuse_excess(self) -> None:
        """Raise DocumentRefused for the first rule that is broken."""
        for excess, reason in (
            (self.text > TEXT_CHARACTERS, f"The document has more than {TEXT_CHARACTERS:,} characters of text."),
            (self.cells > TABLE_CELLS, f"The document has more than {TABLE_CELLS:,} table cells."),
            (self.deepest > DEPTH, f"The document nests elements more than {DEPTH} levels deep."),
            (self.wordless_pictures, "The document has a picture without a description."),
        ):
            if excess:
                raise DocumentRefused(reason)
