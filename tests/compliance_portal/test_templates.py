"""What holds for every template of a page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string

ROOT = Path(settings.BASE_DIR) / "templates"
OUTSIDE_THE_POLICY = ("emails", "pdf", "account/email", "mfa/email", "notifications")
PAGES = sorted(
    path
    for path in ROOT.rglob("*.html")
    if not str(path.relative_to(ROOT)).startswith(tuple(f"{folder}/" for folder in OUTSIDE_THE_POLICY))
)
INLINE = re.compile(
    r"""<style\b|\sstyle\s*=|<script(?![^>]*\s(?:src=|type="application/json"))|\son[a-z]+\s*=\s*["']|javascript:|hx-on|hx-vals=["']js:""",
    re.IGNORECASE,
)
ELSEWHERE = re.compile(r"""<(?:script|link|img|iframe|source)\b[^>]*(?:src|href)=["'](?:https?:)?//""", re.IGNORECASE)


def test_there_are_templates_to_look_at() -> None:
    assert len(PAGES) > 30


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_holds_no_inline_style_and_no_inline_script(path: Path) -> None:
    assert INLINE.findall(path.read_text()) == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_loads_nothing_from_elsewhere(path: Path) -> None:
    assert ELSEWHERE.findall(path.read_text()) == []


def test_the_pattern_finds_what_it_is_for() -> None:
    for sample in ('<p style="x">', "<style>", "<script>x</script>", '<a onclick="x">', '<a href="javascript:x">', '<a hx-on:click="x">'):
        assert INLINE.search(sample)
    assert ELSEWHERE.search('<script src="https://cdn.example/x.js">')
    assert not INLINE.search('<script src="/static/x.js" defer></script>')
    assert not INLINE.search('<script type="application/json">{}</script>')  # inert, the policy lets it stand


def test_the_stylesheets_fetch_nothing() -> None:
    for sheet in (Path(settings.BASE_DIR) / "static" / "css").glob("*.css"):
        if sheet.name != "print.css":
            assert not re.search(r"url\(|@import", sheet.read_text())


def test_a_fact_is_printed_once_whether_it_has_one_line_or_several() -> None:
    rows = [{"term": "Seat", "value": "Hamburg"}, {"term": "Address", "lines": ["Heidenweg 1", "20097 Hamburg"]}]
    printed = render_to_string("components/facts.html", {"rows": rows})
    assert printed.count("Seat") == 1
    assert "Heidenweg 1<br>20097" in printed
