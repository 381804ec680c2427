"""What a passage has to say: the facts F1 to F30 of the checklist and what Art. 13 GDPR asks for beyond them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.models import ChannelType

if TYPE_CHECKING:
    from privacy_text.composing import Choices

FACTS: dict[str, Promise] = {
    "F1": _("heading with the name of the channel"),
    "F2": _("registration is voluntary"),
    "F3": _("service, its operator and the full address"),
    "F4": _("the operator of the service acts as processor"),
    "F5": _("what the messages are about"),
    "F6": _("how the registration is confirmed"),
    "F7": _("the registration is documented and stored"),
    "F8": _("the time of registration is stored"),
    "F9": _("the identifier that is stored"),
    "F10": _("purpose: sending"),
    "F11": _("purpose: proof of the registration"),
    "F12": _("legal basis of sending: consent"),
    "F13": _("whether the identifier tells who somebody is"),
    "F14": _("evaluation of display and clicks"),
    "F15": _("purpose of the evaluation"),
    "F16": _("the main topic is stored"),
    "F17": _("messages by topic"),
    "F18": _("legal basis of evaluation and topics"),
    "F19": _("when an identifier is linked to a person"),
    "F20": _("withdrawal at any time, for the future"),
    "F21": _("right to object"),
    "F22": _("how to object"),
    "F23": _("where to withdraw: settings of device or browser"),
    "F24": _("where to withdraw: in the messenger"),
    "F25": _("how long data is stored"),
    "F26": _("link to instructions for cancelling"),
    "F27": _("content delivery networks with purpose, role and basis of the transfer"),
    "F28": _("what content delivery networks hold, and the IP address on retrieval"),
    "F29": _("operators of the platform"),
    "F30": _("sample only, no legal advice"),
    "controller": _("who is the controller, and where its contact details stand"),
    "device": _("storage on the device (section 25 TDDDG)"),
    "recipients": _("recipients"),
    "third_countries": _("third countries and safeguards"),
    "profiling": _("profiling, and no automated decision"),
    "rights": _("rights of data subjects"),
    "complaint": _("complaint to a supervisory authority"),
}
# Said by the disclaimer, which goes with every copy.
OF_THE_DISCLAIMER = "F30"


def reasons(channel_type: ChannelType, choices: Choices, *, has_content_delivery: bool) -> dict[str, Promise]:
    """Return the facts that a passage for the choices need not carry, each with the reason."""
    found: dict[str, Promise] = {}
    if choices.statistics == "off":
        found |= dict.fromkeys(("F14", "F15"), _("Nothing is evaluated; the passage says so."))
    if not choices.segments:
        found |= dict.fromkeys(("F16", "F17", "profiling"), _("No topics are stored."))
    if choices.statistics == "off" and not choices.segments:
        found["F18"] = _("There is neither evaluation nor a topic that needs a legal basis.")
    if channel_type.kind == ChannelType.Kind.MESSENGER:
        found["F23"] = _("A messenger has no permission in the settings; the passage says how to end it in the messenger.")
        found["device"] = _("The registration is stored with the messenger, not on the device by us.")
    else:
        found["F24"] = _("There is no messenger; the passage says how to end it in the settings.")
    if not has_content_delivery:
        found |= dict.fromkeys(("F27", "F28"), _("The register holds no content delivery network for this type of channel."))
    return found
