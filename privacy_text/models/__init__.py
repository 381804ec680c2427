"""What is known about channel types, the versions of the sample texts, and the texts of channels."""

from privacy_text.models.channel_texts import ChannelText, ChannelTextDraft, Placement, TextKind, TextUpdate
from privacy_text.models.channel_types import LengthLimit, Operator, OperatorQuerySet
from privacy_text.models.sample_texts import PassageSection, SampleText, SampleTextPart

__all__ = [
    "ChannelText",
    "ChannelTextDraft",
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
