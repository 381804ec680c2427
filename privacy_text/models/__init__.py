"""Channel types and what is known about them, and the versions of the sample texts."""

from privacy_text.models.channel_types import ChannelType, LengthLimit, Operator, OperatorQuerySet
from privacy_text.models.sample_texts import PassageSection, SampleText, SampleTextPart

__all__ = ["ChannelType", "LengthLimit", "Operator", "OperatorQuerySet", "PassageSection", "SampleText", "SampleTextPart"]
