"""What the plan means for one company, in real counts: the page that is read before anything is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db.models import CharField, F, Func, Model, Q, QuerySet, Value
from django.db.models.functions import Lower
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from customers.erasure import log_entries, people_of
from customers.models import ApiToken, Channel, Customer, Invitation, Membership, User
from deletion.datasets import LETTERS_OF_THE_END, LETTERS_TO_OWNERS
from deletion.models import (
    AccountExport,
    Cancellation,
    CaseEvent,
    CaseFile,
    CaseNote,
    CasePerson,
    ErasureContact,
    ErasureRequest,
    LegalHold,
    MachineRequest,
    StatusCall,
)
from deletion.plan import decisions
from dpa.models import Acceptance, AcceptanceParty, Decline, Delegation, ExecutedAgreement, PaperAgreement, Serving
from evidence.models import Personal
from notifications.models import Delivery
from privacy_text.models import ChannelText, ChannelTextDraft, Operator, Placement, TextUpdate
from subprocessors.models import AgreedTerms, Notice, Objection, Override, TermsDeviation
from subscriptions.models import Activity, StatisticsSwitch, Subscription, Suppression

RowsOf = Callable[[Customer], "QuerySet[Any]"]


class Going(NamedTuple):
    """A kind of row that is erased, and how many there are now."""

    label: str
    number: int


def addresses_of(customer: Customer) -> set[str]:
    """Return the e-mail addresses, in lower case, to which the portal wrote on behalf of the company and of nobody else.

    Whoever was invited and signs in for another company, or for the provider, goes on getting mail that is not the company's.
    """
    people = people_of(customer.pk)
    others = (customer.invitations, customer.delegations)
    asked = {address.lower() for rows in others for address in rows.values_list("email", flat=True)}
    staying = User.objects.filter(email__in=asked).exclude(pk__in=people.values("pk"))
    return {*people.values_list("email", flat=True), *asked} - set(staying.values_list("email", flat=True))


def sessions_of(customer: Customer) -> QuerySet[Session]:
    keys = UserSession.objects.filter(user__in=people_of(customer.pk)).values("session_key")
    return Session.objects.filter(pk__in=keys)


def log_entries_of(customer: Customer) -> QuerySet[Any]:
    return log_entries(customer.pk, list(people_of(customer.pk).values_list("pk", flat=True)))


def deliveries_to(customer: Customer) -> QuerySet[Delivery]:
    """Return the mails that go, as ``datasets.MAILS`` finds them: the company's own, and of those that name none what went to its people."""
    requests = ErasureRequest.objects.filter(customer_reference=customer.reference).values("reference")
    to_owners = Q(kind__in=LETTERS_TO_OWNERS, second__in=requests)
    to_who_asked = Q(kind="case_letter", third__in=CasePerson.objects.values("case__reference"))
    mails = Delivery.objects.annotate(address=Lower("recipient"), second=part_of_key(2), third=part_of_key(3))
    unnamed = Q(customer=None) & (Q(address__in=addresses_of(customer)) | to_owners) & ~to_who_asked
    return mails.filter(Q(customer=customer) | unnamed).exclude(kind__in=LETTERS_OF_THE_END)


def part_of_key(number: int) -> Func:
    return Func(F("key"), Value(":"), Value(number), function="split_part", output_field=CharField())


def of_people(model: Any) -> RowsOf:
    return lambda customer: model.objects.filter(user__in=people_of(customer.pk))


def of_acceptances(model: Any) -> RowsOf:
    return lambda customer: model.objects.filter(acceptance__customer=customer)


def of_customer(model: Any) -> RowsOf:
    return lambda customer: model.objects.filter(customer=customer)


def of_notices(model: Any) -> RowsOf:
    return lambda customer: model.objects.filter(notice__customer=customer)


def of_channels(model: Any) -> RowsOf:
    return lambda customer: model.objects.filter(channel__customer=customer)


def details_of(customer: Customer) -> QuerySet[Personal]:
    """Return what stands beside the ledger about the company's agreements; that of its cancellations goes with those."""
    named = (customer.acceptances, customer.paper_agreements)
    found = {each for rows in named for each in rows.exclude(commitment="").values_list("commitment", flat=True)}
    return Personal.objects.filter(commitment__in=[bytes.fromhex(each) for each in found])


def of_reference(model: Any) -> RowsOf:
    return lambda customer: model.objects.filter(**{BY_REFERENCE[model]: customer.reference})


BY_REFERENCE: dict[type[Model], str] = {
    ErasureRequest: "customer_reference",
    Cancellation: "customer_reference",
    ErasureContact: "request__customer_reference",
    CaseFile: "customer_reference",
    CaseEvent: "case__customer_reference",
    CaseNote: "case__customer_reference",
    CasePerson: "case__customer_reference",
    MachineRequest: "request__customer_reference",
    StatusCall: "machine_request__request__customer_reference",
    LegalHold: "customer_reference",
}
"""Kept models whose rows name the company by its random reference, also when it is gone, and where that stands."""

ROWS: dict[type[Model], RowsOf] = {
    Activity: of_customer(Activity),
    AccountExport: of_customer(AccountExport),
    Subscription: of_customer(Subscription),
    Suppression: of_customer(Suppression),
    StatisticsSwitch: of_customer(StatisticsSwitch),
    Delegation: of_customer(Delegation),
    Decline: of_customer(Decline),
    Override: of_notices(Override),
    Objection: of_notices(Objection),
    Notice: of_customer(Notice),
    AgreedTerms: of_customer(AgreedTerms),
    TermsDeviation: of_customer(TermsDeviation),
    Delivery: deliveries_to,
    Session: sessions_of,
    UserSession: of_people(UserSession),
    Authenticator: of_people(Authenticator),
    EmailConfirmation: lambda customer: EmailConfirmation.objects.filter(email_address__user__in=people_of(customer.pk)),
    EmailAddress: of_people(EmailAddress),
    LogEntry: log_entries_of,
    ChannelTextDraft: of_channels(ChannelTextDraft),
    TextUpdate: of_channels(TextUpdate),
    Placement: of_channels(Placement),
    ChannelText: of_channels(ChannelText),
    Channel: of_customer(Channel),
    ApiToken: of_customer(ApiToken),
    Invitation: of_customer(Invitation),
    Membership: of_customer(Membership),
    User.groups.through: of_people(User.groups.through),
    User.user_permissions.through: of_people(User.user_permissions.through),
    User: lambda customer: people_of(customer.pk),
    Customer: lambda customer: Customer.objects.filter(pk=customer.pk),
    Acceptance: of_customer(Acceptance),
    AcceptanceParty: of_acceptances(AcceptanceParty),
    ExecutedAgreement: of_acceptances(ExecutedAgreement),
    PaperAgreement: of_customer(PaperAgreement),
    Serving: of_customer(Serving),
    Personal: details_of,
    **{model: of_reference(model) for model in BY_REFERENCE},
}
"""Where a company's rows of a model are found. A model that is kept and missing here holds nothing about one company."""


def goes(customer: Customer) -> list[Going]:
    """Return what would be erased now, in the order of the plan; kinds without rows are left out."""
    erased = (model for model, kept in decisions() if kept is None and model in ROWS)
    counted = (Going(label_of(model), ROWS[model](customer).count()) for model in erased)
    return [going for going in counted if going.number]


WORDS = {
    Customer: _("company details"),
    Serving: _("records of texts that were shown"),
    Personal: _("details beside the ledger of evidence"),
    UserSession: _("records of sign-ins"),
    EmailAddress: _("e-mail addresses"),
    EmailConfirmation: _("confirmations of e-mail addresses"),
    Authenticator: _("second factors"),
    LogEntry: _("entries in the log of the administration"),
    User.groups.through: _("memberships in groups of the staff"),
    User.user_permissions.through: _("single permissions of people"),
    Operator.channel_types.through: _("channel types of operators"),
}
"""What models are called on pages that customers read; the packages' own names are English, or a programmer's."""


def label_of(model: type[Model]) -> str:
    return capfirst(str(WORDS.get(model) or model._meta.verbose_name_plural))  # noqa: SLF001  # Django documents _meta as an API
