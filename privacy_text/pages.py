"""What the public pages of the sample texts show."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.translation import gettext

from privacy_text.models import ChannelType, SampleText, SampleTextPart
from privacy_text.questions import QUESTIONS, question
from publishing.placeholders import PLACEHOLDER


class Run(NamedTuple):
    """A stretch of a text; an open one says what the customer has to write there."""

    text: str
    is_open: bool


def runs(text: str) -> list[Run]:
    """Split a text at its placeholders; each becomes the words that say what belongs there."""
    pieces = PLACEHOLDER.split(text)
    return [Run(question(piece).gap if position % 2 else piece, bool(position % 2)) for position, piece in enumerate(pieces) if piece]


def as_copied(text: str) -> str:
    """Return the text as it is copied: what is still to be filled stands in square brackets."""
    return "".join(f"[{run.text}]" if run.is_open else run.text for run in runs(text))


def texts_page(version: SampleText | None, language: str) -> dict[str, object]:
    types = [{"key": row.key, "label": row.label(language), "kind": row.get_kind_display()} for row in ChannelType.objects.all()]
    return {"version": version, "types": types}


def channel_type_page(version: SampleText | None, channel_type: ChannelType, language: str) -> dict[str, object]:
    """Return the context of one channel type's page; without a version it says that nothing is published yet."""
    context: dict[str, object] = {"version": version, "label": channel_type.label(language)}
    if version is None:
        return context
    kinds = list(SampleTextPart.Kind)
    rows = sorted(
        version.parts.filter(channel_type=channel_type, language=language), key=lambda row: kinds.index(SampleTextPart.Kind(row.kind))
    )
    parts = [{"kind": row.kind, "label": row.get_kind_display(), "runs": runs(row.text), "copied": as_copied(row.text)} for row in rows]
    names = {name for row in rows for name in PLACEHOLDER.findall(row.text)}
    return context | {
        "parts": parts,
        "to_fill": [question(name).gap for name in QUESTIONS if name in names],
        "is_push": channel_type.kind != ChannelType.Kind.MESSENGER,
        "copy_footer": footer(version),
    }


def footer(version: SampleText) -> str:
    """Return what stands below a copied text, so that the disclaimer goes where the text goes."""
    return gettext("Sample texts, version %(number)s.") % {"number": version.number}
