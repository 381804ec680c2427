"""Whether passages say what they have to, for every choice that a customer can make."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from customers.models import ChannelType
from privacy_text.composing import Choices, compose, every_choice
from privacy_text.models import SampleText
from subprocessors.models import SubprocessorList


@dataclass(frozen=True)
class Gap:
    """A passage that lacks facts, or has two sections under one key, for some choices."""

    channel_type: str
    choices: Choices
    facts: tuple[str, ...]
    doubled: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.channel_type}: {', '.join([*self.facts, *self.doubled])}"


def gaps(version: SampleText, register: SubprocessorList | None, on: datetime.date) -> list[Gap]:
    """Return what is lacking, per channel type and choices; structure is the same in every language."""
    return [
        gap
        for channel_type in ChannelType.objects.all()
        for choices in every_choice()
        if (gap := gap_of(version, channel_type, choices, register, on))
    ]


def gap_of(
    version: SampleText, channel_type: ChannelType, choices: Choices, register: SubprocessorList | None, on: datetime.date
) -> Gap | None:
    composed = compose(
        version=version,
        channel_type=channel_type,
        language="de",
        kind="passage",
        choices=choices,
        values={},
        register=register,
        provider=None,
        on=on,
    )
    keys = [paragraph.key for paragraph in composed.paragraphs]
    doubled = tuple(sorted({key for key in keys if keys.count(key) > 1}))
    return Gap(channel_type.key, choices, composed.uncovered, doubled) if composed.uncovered or doubled else None
