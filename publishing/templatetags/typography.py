"""Filters for text on its way to a reader; stored and hashed text never passes through them."""

from __future__ import annotations

import datetime

from django import template
from django.template.defaultfilters import stringfilter
from django.utils.translation import get_language

from publishing import typography

register = template.Library()


@register.filter(is_safe=True)
@stringfilter
def typo(text: str, language: str = "") -> str:
    """Hold together what belongs together: ``Art. 28 Abs. 3 lit. a DSGVO``, ``9 Tage``, ``312 kB``."""
    return typography.with_held_spaces(text, language or get_language() or "de")


@register.filter(is_safe=True)
@stringfilter
def soft(text: str, language: str = "") -> str:
    """Let long German words break where they may, for headings and navigation; not for titles, mails or exports."""
    return typography.with_soft_hyphens(text, language or get_language() or "de")


@register.filter
def to_the_second(at: datetime.datetime) -> str:
    """Say when something happened as evidence needs it: day, clock with seconds, time zone by its name in the language."""
    return typography.to_the_second(at)


@register.filter
def clock(at: datetime.datetime) -> str:
    """Say the time of the day to the second, with the time zone by its name in the language."""
    return typography.clock(at)


@register.filter
def file_size(number: int) -> str:
    """Say how large a file is: ``312 kB``."""
    return typography.file_size(number)
