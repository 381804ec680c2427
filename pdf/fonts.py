"""The bundled typefaces: which of them a text needs, and which characters none of them can draw.

Contracts must look and hash the same on every machine, so fonts of the operating system are never used. Each face costs
milliseconds to read; a German contract needs five of them, not all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

ASSETS = Path(__file__).parent / "assets"
FONTS = ASSETS / "fonts"
# What has no ink of its own needs no glyph: the shaping engine handles spaces, controls and joiners.
INKLESS = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
SCRIPTS = ("latin", "latin-ext", "greek", "cyrillic")
ITALIC_MARKUP = re.compile(r"<(?:em|i|cite)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Face:
    """One file of a family."""

    file: str
    family: str
    weight: int = 400
    style: str = "normal"

    @property
    def rule(self) -> str:
        """The @font-face rule that declares the file."""
        return (
            f'@font-face {{ font-family: "{self.family}"; font-weight: {self.weight};'
            f' font-style: {self.style}; src: url("bundle:{self.file}"); }}'
        )


def _family(name: str, family: str) -> dict[str, tuple[Face, ...]]:
    return {script: _script(f"{name}-{script}", f"{family} {script}".removesuffix(" latin")) for script in SCRIPTS}


def _script(name: str, family: str) -> tuple[Face, ...]:
    # A name of its own for each script: WeasyPrint takes files of one name, weight and style for one font and would
    # print the glyphs of the one under the numbers of the other.
    return (
        Face(f"{name}-400-normal.ttf", family),
        Face(f"{name}-600-normal.ttf", family, weight=600),
        Face(f"{name}-400-italic.ttf", family, style="italic"),
    )


FAMILIES = (_family("inter", "Inter"), _family("source-serif-4", "Source Serif 4"))
MONOSPACE = Face("source-code-pro-latin-400-normal.ttf", "Source Code Pro")
# Arrows, mathematical signs, boxes to tick and further scripts, should a text use them.
FALLBACK = Face("DejaVuSans.ttf", "DejaVu Sans")


def font_faces(markup: str, text: str) -> str:
    """Return the @font-face rules that this text needs; `markup` tells whether any of it is italic."""
    styles = {"normal", "italic"} if ITALIC_MARKUP.search(markup) else {"normal"}
    return "\n".join(face.rule for face in _faces_needed(_characters_with_ink(text)) if face.style in styles)


def undrawable_characters(text: str) -> list[str]:
    """Return the characters of the text that no bundled font contains, sorted; empty when all can be printed."""
    missing = _characters_with_ink(text)
    for face in (*(faces[0] for family in FAMILIES for faces in family.values()), MONOSPACE, FALLBACK):
        if not missing:
            break
        missing -= coverage(face.file)
    return sorted(map(chr, missing))


def all_faces() -> tuple[Face, ...]:
    """Return every bundled face."""
    return (*(face for family in FAMILIES for faces in family.values() for face in faces), MONOSPACE, FALLBACK)


@cache
def coverage(file: str) -> frozenset[int]:
    """Return the code points for which the file has a glyph."""
    with TTFont(FONTS / file, lazy=True) as font:
        return frozenset(font.getBestCmap())


def _faces_needed(characters: set[int]) -> Iterator[Face]:
    missing = set(characters)
    for family in FAMILIES:
        beyond_latin = characters - coverage(family["latin"][0].file)
        for script, faces in family.items():
            if script == "latin" or beyond_latin & coverage(faces[0].file):
                yield from faces
                missing -= coverage(faces[0].file)
    yield MONOSPACE
    if missing:
        yield FALLBACK


def _characters_with_ink(text: str) -> set[int]:
    return {ord(character) for character in set(text) if unicodedata.category(character) not in INKLESS}
