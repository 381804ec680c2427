"""Addresses and notes of versions in the wizard's lists."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import get_language

from publishing.models import PublishedVersion
from publishing.pages import Register
from publishing.typography import with_held_spaces

register = template.Library()


@register.simple_tag
def address_of(publisher: Register[Any], page: str, version: PublishedVersion) -> str:
    """Return the address of a version's page in its register's wizard."""
    return publisher.address(page, version)


@register.simple_tag
def change_note_of(version: PublishedVersion) -> str:
    """Return what the version says of its change, in the reader's language."""
    language = get_language() or "de"
    return with_held_spaces(version.change_note(language), language)
