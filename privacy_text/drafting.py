"""Fill a draft: with the sample texts that ship with the portal, or with the texts of another version."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from customers.models import ChannelType
from privacy_text.models import PassageSection, SampleText, SampleTextPart

SAMPLES = Path(__file__).parent / "sample"
IN_BOTH_LANGUAGES = ("heading", "text", "item")


def sample() -> dict[str, Any]:
    """Return the sample: ``texts`` by channel type, language and kind; ``sections`` of passages, each for its channel types."""
    opt_in, passages = (json.loads((SAMPLES / name).read_text(encoding="utf-8")) for name in ("opt_in.json", "passages.json"))
    return {"texts": opt_in["texts"], "sections": passages["sections"]}


def fill_from(version: SampleText, content: Mapping[str, Any]) -> None:
    """Add texts and sections to a draft; raises KeyError for a channel type that is not known."""
    types = {row.key: row for row in ChannelType.objects.all()}
    SampleTextPart.objects.bulk_create(
        SampleTextPart(version=version, channel_type=types[key], language=language, kind=f"opt_in_{name}", text=text)
        for key, languages in content["texts"].items()
        for language, texts in languages.items()
        for name, text in texts.items()
    )
    PassageSection.objects.bulk_create(
        section_from(version, types[key], section, position)
        for position, section in enumerate(content["sections"])
        for key in section["channel_types"]
    )


def section_from(version: SampleText, channel_type: ChannelType, section: Mapping[str, Any], position: int) -> PassageSection:
    """Return an unsaved section in the sample's format."""
    conditions = {f"when_{name}": value for name, value in section["when"].items()}
    translated = {f"{name}_{language}": section[name][language] for name in IN_BOTH_LANGUAGES for language in ("de", "en")}
    return PassageSection(
        version=version,
        channel_type=channel_type,
        key=section["key"],
        recipients=section["recipients"],
        facts=section["facts"],
        sort=position,
        **conditions,
        **translated,
    )


def copy_type(version: SampleText, source: ChannelType, target: ChannelType) -> None:
    """Give a channel type of a draft the texts and sections that another type has there."""
    parts, sections = list(version.parts.filter(channel_type=source)), list(version.sections.filter(channel_type=source))
    for part in parts:
        part.pk, part.channel_type = None, target
    for section in sections:
        section.pk, section.channel_type = None, target
    SampleTextPart.objects.bulk_create(parts)
    PassageSection.objects.bulk_create(sections)


def copy_rows(source: SampleText, target: SampleText) -> None:
    """Copy every text and section of a version into a draft; keys stay, so that versions can be compared."""
    parts, sections = list(source.parts.all()), list(source.sections.all())
    for part in parts:
        part.pk, part.version = None, target
    for section in sections:
        section.pk, section.version = None, target
    SampleTextPart.objects.bulk_create(parts)
    PassageSection.objects.bulk_create(sections)
