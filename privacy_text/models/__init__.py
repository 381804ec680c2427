"""Channel types and what is known about them, and the versions of the sample texts."""

from privacy_text.models.channel_texts import ChannelText, ChannelTextDraft, Placement, TextKind, TextUpdate
from privacy_text.models.channel_types import ChannelType, LengthLimit, Operator, OperatorQuerySet
from privacy_text.models.sample_texts import PassageSection, SampleText, SampleTextPart

__all__ = [
    "ChannelText",
    "ChannelTextDraft",
    "ChannelType",
    "LengthLimit",
    "Operator",
    "OperatorQuerySet",
    "PassageSection",
    "Placement",
    "SampleText",
    "SampleTextPart",
    "TextKind",
    "TextUpdate",
]
