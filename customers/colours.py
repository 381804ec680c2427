"""Contrast of the provider's accent colour after WCAG 2.2 (1.4.3), and the shades that pages derive from it."""

from __future__ import annotations

import re
from dataclasses import dataclass

ENOUGH = 4.5
LIGHT_GROUNDS = ("#ffffff",)
DARK_GROUNDS = ("#10171e", "#18212b", "#223040")
DARK_INK = "#04222b"
_HEX = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True)
class Theme:
    """The three colours that a page takes from the accent, for one ground."""

    accent: str
    accent_hover: str
    on_accent: str


def is_colour(value: str) -> bool:
    return _HEX.fullmatch(value) is not None


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def readable_on_white(colour: str) -> bool:
    return all(contrast(colour, ground) >= ENOUGH for ground in LIGHT_GROUNDS)


def nearest_readable_on_white(colour: str) -> str:
    """Return the colour, darkened in the smallest of 100 steps that makes it readable on white."""
    return _first_readable(colour, towards="#000000", grounds=LIGHT_GROUNDS)


def light_theme(accent: str) -> Theme:
    return Theme(accent=accent, accent_hover=_mixed(accent, "#000000", 0.22), on_accent="#ffffff")


def dark_theme(accent: str) -> Theme:
    """Return the accent lightened until it is readable on each dark ground, and dark ink to write on it."""
    lightened = _first_readable(accent, towards="#ffffff", grounds=(*DARK_GROUNDS, DARK_INK))
    return Theme(accent=lightened, accent_hover=_mixed(lightened, "#ffffff", 0.35), on_accent=DARK_INK)


def _first_readable(colour: str, *, towards: str, grounds: tuple[str, ...]) -> str:
    shades = (_mixed(colour, towards, step / 100) for step in range(101))
    return next(shade for shade in shades if all(contrast(shade, ground) >= ENOUGH for ground in grounds))


def _mixed(colour: str, other: str, share: float) -> str:
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in pairs)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
