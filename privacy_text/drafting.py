"""Fill a draft with the sample texts that ship with the portal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from privacy_text.models import ChannelType, SampleText, SampleTextPart

SAMPLE = Path(__file__).parent / "sample" / "opt_in.json"


def sample() -> dict[str, Any]:
    """Return the sample texts by channel type, language and kind."""
    content: dict[str, Any] = json.loads(SAMPLE.read_text(encoding="utf-8"))
    return content


def fill_from(version: SampleText, content: dict[str, Any]) -> None:
    """Add the texts to a draft; raises KeyError for a channel type that is not known."""
    types = {row.key: row for row in ChannelType.objects.all()}
    SampleTextPart.objects.bulk_create(
        SampleTextPart(version=version, channel_type=types[key], language=language, kind=f"opt_in_{name}", text=text)
        for key, languages in content["texts"].items()
        for language, texts in languages.items()
        for name, text in texts.items()
    )
