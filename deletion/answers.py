"""What the desk writes to whoever asked: the letters are composed here once, for the preview and for the mail alike."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override

from customers.ledger import kept_days
from customers.models import Customer, Provider, Role
from deletion.letters import PROVIDERS_LANGUAGE, as_day
from deletion.models import CaseFile, CasePerson
from notifications.links import absolute
from notifications.services import tell

KEY = "case_letter:"
MAIL = "case_letter"


DOUBTS = {
    CaseFile.Doubt.MAILBOX: gettext_lazy("You have not confirmed your mailbox yet"),
    CaseFile.Doubt.OTHER_ADDRESS: gettext_lazy("We know another address of you"),
    CaseFile.Doubt.NO_AUTHORITY: gettext_lazy("We do not know whether you own the account"),
    CaseFile.Doubt.CONTRADICTION: gettext_lazy("What you told us contradicts what we have stored"),
    CaseFile.Doubt.NUMBER: gettext_lazy("Others can know a phone or chat number as well"),
}
REFUSALS = {
    CaseFile.Refusal.UNIDENTIFIED: gettext_lazy("We cannot identify you, and the missing details did not come (Art. 11(2), 12(2) GDPR)"),
    CaseFile.Refusal.NO_AUTHORITY: gettext_lazy("You may not decide about the account"),
    CaseFile.Refusal.OBLIGATION: gettext_lazy("A legal obligation forbids us the deletion (Art. 17(3)(b) GDPR)"),
    CaseFile.Refusal.CLAIMS: gettext_lazy("We need the data for legal claims (Art. 17(3)(e) GDPR)"),
    CaseFile.Refusal.EXCESSIVE: gettext_lazy("Your request is manifestly unfounded or excessive (Art. 12(5) GDPR)"),
    CaseFile.Refusal.NOTHING: gettext_lazy("We store no data about you"),
    CaseFile.Refusal.DUPLICATE: gettext_lazy("We are already answering the same request of yours"),
}
EXTENSIONS = {
    CaseFile.Extension.COMPLEX: gettext_lazy("Your request is complex"),
    CaseFile.Extension.NUMBER: gettext_lazy("We have many requests to answer at the same time"),
}
"""Reasons as the person reads them; the desk speaks of the person with the labels of the same codes."""


@dataclass(frozen=True)
class Letter:
    """A letter in one language: what happened, what it means, and where to look."""

    kind: str
    heading: str
    paragraphs: tuple[str, ...]


def in_its_language(compose: Callable[..., Letter]) -> Callable[..., Letter]:
    """Have the letter composed in the language of the request, whoever composes it."""

    @wraps(compose)
    def composed(case: CaseFile, *arguments: Any, **named: Any) -> Letter:
        with override(case.language):
            return compose(case, *arguments, **named)

    return composed


@in_its_language
def received(case: CaseFile, code: str) -> Letter:
    """Say that the request arrived, until when it is answered and how to see where it stands (reference, deadline, address)."""
    parts = [
        _("We received your request on %(day)s. It concerns: %(what)s.")
        % {"day": as_day(timezone.localdate(case.received_at)), "what": case.get_kind_display()},
        _("We answer by %(day)s at the latest (Art. 12(3) GDPR).") % {"day": as_day(case.due_date)},
    ]
    if code:
        parts.append(
            _("On the status page enter the reference %(reference)s and the code %(code)s.") % {"reference": case.reference, "code": code}
        )
    if case.identity == CaseFile.Identity.OPEN and case.doubt == CaseFile.Doubt.MAILBOX:
        parts.append(_("With the code you also confirm that this mailbox is yours; nothing happens before."))
    if case.identity == CaseFile.Identity.OPEN and case.doubt == CaseFile.Doubt.NUMBER:
        parts.append(_("Others can know a phone or chat number as well: we still have to make sure that it is yours, and write to you."))
    if code and case.lacks_proof_for_start:
        parts.append(
            _(
                "You want the deletion at once: enter the code for that, it proves that you read this mailbox. Otherwise the time to withdraw stays."
            )
        )
    if case.kind == CaseFile.Kind.ACCOUNT:
        parts.append(
            _("Nothing is deleted before the request was checked. Owners of the account can watch and withdraw it after signing in.")
        )
    return Letter("received", _("We received your request"), tuple(parts))


@in_its_language
def question(case: CaseFile) -> Letter:
    """Ask for what removes the doubt and nothing more (Art. 12(6) GDPR)."""
    return Letter(
        "question",
        _("We need one more detail to answer your request"),
        (
            _("Why we ask: %(reason)s.") % {"reason": DOUBTS[CaseFile.Doubt(case.doubt)]},
            _(
                "Reply to this mail and tell us how we can make sure that it is you. Do not send copies of identity papers; we do not need them."
            ),
            _("The deadline stays %(day)s.") % {"day": as_day(case.due_date)},
        ),
    )


@in_its_language
def extension(case: CaseFile, *, reason: str, due_date: datetime.date) -> Letter:
    """Tell within the first month that, and why, the answer takes longer (Art. 12(3) GDPR)."""
    return Letter(
        "extension",
        _("Your request takes longer"),
        (
            _("We answer your request by %(day)s. The law allows two further months for this (Art. 12(3) GDPR).")
            % {"day": as_day(due_date)},
            _("The reason: %(reason)s.") % {"reason": EXTENSIONS[CaseFile.Extension(reason)]},
        ),
    )


@in_its_language
def refusal(case: CaseFile, *, reason: str, explanation: str) -> Letter:
    """Refuse with the reason and both remedies (Art. 12(4) GDPR)."""
    parts = [_("The reason: %(reason)s.") % {"reason": REFUSALS[CaseFile.Refusal(reason)]}]
    if explanation:
        parts.append(explanation)
    if case.source == CaseFile.Source.CONTRACT:
        parts.append(_("This concerns the deletion of the account alone. The cancellation of the contract stays as we confirmed it."))
    parts.append(remedies())
    provider = Provider.objects.first()
    if provider and provider.dpo_email:
        parts.append(_("Our data protection officer answers questions: %(email)s.") % {"email": provider.dpo_email})
    is_of_contract = case.source == CaseFile.Source.CONTRACT
    heading = _("About the deletion after your cancellation") if is_of_contract else _("We cannot do what you asked for")
    return Letter("refusal", heading, tuple(parts))


def remedies() -> str:
    """Name both remedies against a refusal, a partial one too (Art. 12(4) GDPR)."""
    return _(
        "You can complain to a supervisory authority, for example at your place of residence or work (Art. 77 GDPR), "
        "and you can go to court (Art. 79 GDPR)."
    )


@in_its_language
def completion(case: CaseFile) -> Letter:
    """Say what was done, and whom else it concerns (Art. 19 GDPR)."""
    if case.kind in (CaseFile.Kind.SUBSCRIBER_ACCESS, CaseFile.Kind.PERSON_ACCESS):
        text = _("The copy of your data is ready on the status page for 30 days. Enter the reference and the code that we sent you.")
        return Letter("completion", _("Your data are ready"), (text,))
    parts = [
        ngettext("%(number)d record about you was deleted.", "%(number)d records about you were deleted.", case.affected or 0)
        % {"number": case.affected or 0}
    ]
    if case.is_about_subscriber:
        parts.append(_("The companies on whose behalf we stored them are told. They are responsible for whatever they store themselves."))
        parts.append(
            _(
                "For 90 days we keep a hash from which your identifier cannot be read, so that your device does not subscribe you again by itself."
            )
        )
        parts += [not_back(), by_company_alone()]
    else:
        parts.append(
            _("Agreements that you accepted for your company name you until their retention period ends (Art. 17(3)(b) and (e) GDPR).")
        )
        parts += [kept_of_person(), not_back(), by_company_alone(), remedies()]
    return Letter("completion", _("Your data were deleted"), tuple(parts))


def not_back() -> str:
    return _(
        "In the ledger of erasures we keep a keyed hash for %(days)d days, so that a restored backup does not bring your data back."
    ) % {"days": kept_days()}


def by_company_alone() -> str:
    """Say where nothing was searched for this person: stores are kept by company, and so are archives of accounts."""
    return _(
        "Archives that a company has made of its account, and stores of ours that are kept by company, are not searched for one person. "
        "We delete such archives seven days after they were asked for; whatever else is there goes with the account of the company."
    )


def kept_of_person() -> str:
    """Name what stays of a person beside agreements, each with its norm and period; ``deletion.fields`` says the same for each field."""
    return _(
        "Contract cancellations that you sent name you for six years (§ 257(1) no. 2 and (4) HGB), our notes on requests for three years "
        "(Art. 5(2) GDPR), requests and their letters until 30 days after they were answered, addresses to which a certificate of deletion "
        "goes until 30 days after it (Art. 12(3) GDPR), and mails that wait for the mail server for at most three days (Art. 6(1)(b) GDPR). "
        "Periods in years begin with the end of the year."
    )


# --- sending ----------------------------------------------------------------------------------------------------------


def addresses_of(case: CaseFile) -> list[str]:
    """Return to whom the desk writes: whoever asked, else the owners of the account."""
    person = CasePerson.objects.filter(case=case).first()
    if person is not None:
        return [person.email] if person.email else []
    return [owner.email for owner in case.customer.people_with(Role.OWNER)] if case.customer else []


def send(case: CaseFile, letter: Letter) -> None:
    """Have the letter sent in the language of the request, once per kind and request."""
    with override(case.language):
        context: dict[str, str | int | list[str]] = {
            "reference": case.reference,
            "heading": letter.heading,
            "paragraphs": list(letter.paragraphs),
            "may_be_answered": 1,
            **where_to_look(case),
        }
    for number, address in enumerate(addresses_of(case)):
        tell(to=address, kind=MAIL, language=case.language, context=context, key=f"{KEY}{letter.kind}:{case.reference}:{number}")


def where_to_look(case: CaseFile) -> dict[str, str | int | list[str]]:
    """Return the page on which this reader can see the request, where there is one, and why the mail came."""
    if case.code_sha256:
        return {
            "action_url": absolute(reverse("request_status", args=[case.reference])),
            "action_label": _("See where the request stands"),
            "reason": _("You get this mail because somebody gave this address for the answer to a request."),
        }
    if case.source == CaseFile.Source.CONTRACT:  # the sender may be no owner, and has no code
        return {"reason": _("You get this mail because this address was given for the confirmation of a cancellation.")}
    if case.erasure is None:
        return {"reason": _("You get this mail because you own the account.")}
    return {
        "action_url": absolute(reverse("account_delete_status", args=[case.erasure.reference])),
        "action_label": _("See the deletion request"),
        "reason": _("You get this mail because you own the account."),
    }


def acknowledge(case: CaseFile, code: str) -> None:
    send(case, received(case, code))


def tell_provider(case: CaseFile) -> None:
    """Write to the provider's mailbox; the mail names the reference alone."""
    provider = Provider.objects.first()
    if provider is None:
        return
    with override(PROVIDERS_LANGUAGE):
        due = _("It is due on %(day)s.") % {"day": as_day(case.due_date)}
        context: dict[str, str | int | list[str]] = {
            "reference": case.reference,
            "heading": _("A request came in: %(kind)s") % {"kind": case.get_kind_display()},
            "paragraphs": [due],
            "action_url": absolute(reverse("desk_request", args=[case.reference])),
            "action_label": _("Open the request"),
            "reason": _("You get this mail because this is the mailbox of the provider."),
        }
    tell(to=provider.email, kind=MAIL, language=PROVIDERS_LANGUAGE, context=context, key=f"{KEY}staff:{case.reference}")


def tell_controller(case: CaseFile, customer: Customer, number: int) -> None:
    """Tell the company whose subscriber was erased: it is the controller and answers for its own copies (Art. 28(3)(e) GDPR)."""
    people = customer.people_with(Role.PRIVACY_CONTACT) or customer.people_with(Role.OWNER)
    for person in people:
        with override(person.language):
            context: dict[str, str | int | list[str]] = {
                "reference": case.reference,
                "heading": _("A subscriber of yours had their data deleted"),
                "paragraphs": [
                    ngettext(
                        "%(number)d subscription was deleted with its proof.",
                        "%(number)d subscriptions were deleted with their proof.",
                        number,
                    )
                    % {"number": number},
                    _(
                        "The subscriber wrote to us instead of to you. If you store data of your own about subscribers, delete them as well."
                    ),
                    _("The identifier is suppressed for 90 days; your systems get “suppressed” as an answer when they send it again."),
                ],
                "action_url": absolute(reverse("account")),
                "action_label": _("Open your account"),
                "reason": _("You get this mail because you are the privacy contact or own the account."),
            }
        key = f"{KEY}controller:{case.reference}:{person.pk}"
        tell(to=person.email, kind=MAIL, language=person.language, context=context, key=key, customer=customer)
