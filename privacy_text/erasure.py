"""What the deletion of an account does: the texts of its channels go; the sample texts hold no data of customers and stay."""

from __future__ import annotations

from django.db.models import Model
from django.utils.translation import gettext_noop as _

from privacy_text.models import (
    ChannelText,
    ChannelTextDraft,
    LengthLimit,
    Operator,
    PassageSection,
    Placement,
    SampleText,
    SampleTextPart,
    TextUpdate,
)

SAMPLE = (
    _("Sample texts that were published; name the people of the provider who wrote and approved them, and nobody else."),
    _("Art. 7(1) and Art. 5(2) GDPR"),
    _("as long as a subscription refers to them, and three years from the end of that year"),
)

PUBLICLY_KNOWN = (
    _("What is publicly known about operators of messengers and push services; says nothing about a customer."),
    _("not personal data of the customer"),
    _("as long as the portal is in use"),
)

ERASES: tuple[type[Model], ...] = (ChannelTextDraft, TextUpdate, Placement, ChannelText)
KEEPS: dict[type[Model], tuple[str, str, str]] = {
    Operator: PUBLICLY_KNOWN,
    Operator.channel_types.through: PUBLICLY_KNOWN,
    LengthLimit: PUBLICLY_KNOWN,
    SampleText: SAMPLE,
    SampleTextPart: SAMPLE,
    PassageSection: SAMPLE,
}
