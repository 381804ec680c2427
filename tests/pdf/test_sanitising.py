"""What remains of a text before it is drawn."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from pdf import sanitising
from pdf.composition import FIGURE_PLACE
from pdf.fonts import ASSETS
from pdf.sanitising import DocumentRefused, clean_document

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 30).decode()


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("<script>alert(1)</script>ok", "ok"),
        ("<style>p { color: red }</style>ok", "ok"),
        ("<svg><title>x</title><image href='https://x'/></svg>ok", "ok"),
        ("<math><mi>x</mi></math>ok", "ok"),
        ('<p style="display: flex" onclick="x()">ok</p>', "<p>ok</p>"),
        ('<p class="clause sudo">ok</p>', '<p class="clause">ok</p>'),
        ('<p class="sudo">ok</p>', "<p>ok</p>"),
        ('<h2 id="annex-parties">ok</h2>', '<h2 id="annex-parties">ok</h2>'),
        ('<h2 id="1 x">ok</h2>', "<h2>ok</h2>"),
        ('<a href="https://example.com/a?b=1">ok</a>', '<a href="https://example.com/a?b=1">ok</a>'),
        ('<a href="#term-2">ok</a>', '<a href="#term-2">ok</a>'),
        ('<a href="mailto:a@example.com">ok</a>', '<a href="mailto:a@example.com">ok</a>'),
        ('<a href="http://example.com">ok</a>', "<a>ok</a>"),
        ('<a href="javascript:alert(1)">ok</a>', "<a>ok</a>"),
        ('<a href="data:text/html,x">ok</a>', "<a>ok</a>"),
        ('<a href="/relative">ok</a>', "<a>ok</a>"),
        ('<a rel="attachment" href="file:///etc/passwd">ok</a>', "<a>ok</a>"),
        ('<td colspan="3">', ""),
        (
            '<table><tbody><tr><td colspan="100000" rowspan="-1">ok</td></tr></tbody></table>',
            '<table><tbody><tr><td colspan="20">ok</td></tr></tbody></table>',
        ),
        ('<ol start="3"><li value="x">ok</li></ol>', '<ol start="3"><li>ok</li></ol>'),
        ('<div data-figure="qr"></div>', '<div data-figure="qr"></div>'),
        ('<p data-figure="qr">ok</p>', "<p>ok</p>"),
        ('<div data-figure="&quot;>x">ok</div>', "<div>ok</div>"),
        ('<ins datetime="2026-01-01">new</ins><del>old</del>', '<ins datetime="2026-01-01">new</ins><del>old</del>'),
        ('<img alt="x" src="https://example.com/x.png">', '<img alt="x">'),
        ('<img alt="x" src="data:image/svg+xml;base64,AAAA">', '<img alt="x">'),
        ('<img alt="x" src="data:image/png;base64,AAAA">', '<img alt="x">'),
    ],
)
def test_a_text_keeps_its_words_and_loses_what_loads_or_styles(dirty: str, clean: str) -> None:
    assert clean_document(dirty) == clean


def test_a_small_picture_with_words_stays() -> None:
    picture = f'<img alt="Logo" src="data:image/png;base64,{PNG}">'
    assert clean_document(picture) == picture


def test_a_picture_above_one_mebibyte_goes() -> None:
    large = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * (1024**2 + 8)).decode()
    assert clean_document(f'<img alt="Logo" src="data:image/png;base64,{large}">') == '<img alt="Logo">'


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("x" * 500_001, "500,000 characters of text"),
        (f"<table>{'<tr><td>x</td></tr>' * 2001}</table>", "2,000 table cells"),
        (f"{'<div>' * 51}x", "50 levels"),
        ("<p></p>" * 1_200_000, "8,000,000 characters of markup"),
        (f'<img src="data:image/png;base64,{PNG}">', "without a description"),
    ],
)
def test_what_would_take_too_long_is_refused_before_it_is_drawn(document: str, reason: str) -> None:
    with pytest.raises(DocumentRefused, match=reason):
        clean_document(document)


@pytest.mark.parametrize(
    "document", ["x" * 500_000, f"<table><tbody>{'<tr><td>x</td></tr>' * 2000}</tbody></table>", f"{'<div>' * 50}x{'</div>' * 50}"]
)
def test_the_limits_themselves_are_allowed(document: str) -> None:
    assert clean_document(document) == document


class Found(HTMLParser):
    """Collects what a parser sees in cleaned text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.addresses: set[str] = set()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(tag, name) for name, _ in attrs}
        self.addresses |= {value or "" for name, value in attrs if name in ("href", "src")}


FRAGMENTS = st.sampled_from(
    ["<", ">", "</", "/>", '"', "'", "=", " ", "&#x", "&lt;", "--", "<!--", "-->", "]]>", "<![CDATA[", "text"]
    + [f"<{tag}" for tag in ("svg", "math", "style", "template", "noscript", "table", "td", "a", "img", "mtext", "mglyph", "title", "xmp")]
    + [
        ' href="',
        ' src="',
        " style=",
        " onload=",
        "javascript:",
        "file:///",
        "http://x",
        "data:image/svg+xml,",
        " class=clause",
        ' colspan="99',
    ]
)


@given(st.lists(FRAGMENTS | st.text(max_size=3), max_size=40).map("".join))
def test_whatever_comes_in_only_allowed_markup_comes_out_and_cleaning_twice_changes_nothing(dirty: str) -> None:
    try:
        clean = clean_document(dirty)
    except DocumentRefused:
        return
    found = Found(clean)
    assert found.tags <= sanitising.TAGS
    assert all(name in sanitising.ATTRIBUTES["*"] | sanitising.ATTRIBUTES.get(tag, set()) for tag, name in found.attributes)
    assert all(address.startswith(("https://", "mailto:", "#", "data:image/")) for address in found.addresses)
    assert clean_document(clean) == clean


def test_stylesheet_templates_and_allowed_classes_agree() -> None:
    sheet = re.sub(r"\{[^{}]*\}|/\*.*?\*/", "", (ASSETS / "print.css").read_text("utf-8"), flags=re.DOTALL)
    styled = set(re.findall(r"\.([a-z][a-z-]*)", sheet))
    used = {
        name
        for directory in (Path(settings.BASE_DIR) / "templates" / "pdf",)
        for template in directory.glob("*.html")
        for names in re.findall(r'class="([a-z -]+)"', template.read_text("utf-8"))
        for name in names.split()
    }
    assert used <= sanitising.CLASSES
    assert styled - {"figure"} <= sanitising.CLASSES
    assert styled | used >= sanitising.CLASSES


def test_the_place_of_a_figure_survives_cleaning_in_the_form_that_is_replaced() -> None:
    assert FIGURE_PLACE.search(clean_document('<div class="keep" data-figure="qr"></div>'))
