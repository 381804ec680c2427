"""What may stand in the templates as ``{{ name }}``: questions that the customer answers, and facts that the portal knows."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

LONGEST_ANSWER = 1000


@dataclass(frozen=True)
class Question:
    """An open question: the placeholder's name, the label of its field, what helps to answer it, and its words inside a text."""

    name: str
    label: str
    hint: str
    gap: str


# label, hint, words for the gap
QUESTIONS: dict[str, tuple[Promise, Promise, Promise]] = {
    "customer_name": (
        _("What is the name of your company?"),
        _("The legal name with the legal form, as in your imprint."),
        _("name of your company"),
    ),
    "content": (
        _("What do you write about, and how often?"),
        _("As precisely as possible, as part of a sentence: news about local politics and sport, about three times a day."),
        _("what you write about, and how often"),
    ),
    "privacy_url": (
        _("What is the address of your privacy notice?"),
        _("The complete address, beginning with https://."),
        _("address of your privacy notice"),
    ),
    "cancel_url": (
        _("Where do you explain how to cancel?"),
        _("A page of your own, or the help page of the service."),
        _("address of the page on cancelling"),
    ),
}
PROVIDED: dict[str, Promise] = {
    "service_name": _("name of the service"),
    "provider_name": _("name of the provider"),
    "provider_address": _("address of the provider"),
    "operator_names": _("operators of the channel"),
    "register_url": _("address of the register of subprocessors"),
    "proof_period": _("period for which the proof is kept"),
}
# Only in the line that stands for each company.
OF_A_COMPANY: dict[str, Promise] = {
    "recipient_name": _("name of the company"),
    "recipient_address": _("address of the company"),
    "recipient_purpose": _("purpose"),
    "recipient_transfer": _("basis of the transfer"),
}
# The place of the list of companies: a paragraph of its own.
COMPANIES = "recipients"


def question(name: str) -> Question:
    """Return the question in the active language; for a fact that the portal lacks, what is lacking."""
    if name in QUESTIONS:
        label, hint, gap = QUESTIONS[name]
        return Question(name, str(label), str(hint), str(gap))
    known = str({**PROVIDED, **OF_A_COMPANY}[name])
    return Question(name, known, gettext("The provider of this portal enters this."), known)


def known_names() -> frozenset[str]:
    """Return every name that a template may use outside the line for companies."""
    return frozenset({*QUESTIONS, *PROVIDED, COMPANIES})
