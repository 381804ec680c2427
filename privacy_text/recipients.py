"""Who receives data through a channel: only companies that the register or the dated table of operators holds (Art. 13(1)(e), (f) GDPR)."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from customers.models import ChannelType
from privacy_text.models import Operator, PassageSection
from subprocessors.countries import EEA, country_name
from subprocessors.models import Subprocessor, SubprocessorList
from subprocessors.transfers import basis_label


@dataclass(frozen=True)
class Recipient:
    """One company in one language, as a passage names it."""

    name: str
    address: str
    purpose: str
    transfer: str

    def values(self) -> Mapping[str, str]:
        return {f"recipient_{field}": value for field, value in vars(self).items()}


@dataclass(frozen=True)
class Recipients:
    """The companies of one channel type on one day, by the list in which a passage names them."""

    operators: tuple[str, ...]
    lists: Mapping[str, Sequence[Recipient]]


def recipients(*, channel_type: ChannelType, register: SubprocessorList | None, language: str, on: datetime.date) -> Recipients:
    """Return who receives data through channels of the type, as register and table stand on that day."""
    entries = list(register.entries.filter(channel_types__contains=[channel_type.key])) if register else []
    operators = list(Operator.objects.in_force(on).for_channel_type(channel_type))
    engaged = [entry for entry in entries if entry.kind == Subprocessor.Kind.SUBPROCESSOR]
    independent = [entry for entry in entries if entry.kind == Subprocessor.Kind.INDEPENDENT]
    named = {name.casefold() for name in (entry.legal_name for entry in independent)}
    of_table = [from_table(row, language) for row in operators if row.legal_name.casefold() not in named]
    kinds = PassageSection.Recipients
    return Recipients(
        operators=tuple(row.legal_name for row in operators if row.role == Operator.Role.OPERATOR),
        lists={
            kinds.SUBPROCESSORS: [from_register(entry, language) for entry in engaged if not entry.delivers_content],
            kinds.CONTENT_DELIVERY: [from_register(entry, language) for entry in engaged if entry.delivers_content],
            kinds.INDEPENDENT: [*of_table, *(from_register(entry, language) for entry in independent)],
        },
    )


def from_register(entry: Subprocessor, language: str) -> Recipient:
    return Recipient(
        name=with_service(entry.legal_name, entry.service_name),
        address=", ".join([*entry.address_lines, country_name(entry.seat_country, language)]),
        purpose=entry.purpose(language).rstrip(". "),
        transfer=(entry.transfer_detail(language) or basis_label(entry.transfer_basis, language)).rstrip(". "),
    )


def from_table(operator: Operator, language: str) -> Recipient:
    return Recipient(
        name=with_service(operator.legal_name, operator.service_name),
        address=place_of(operator, language),
        purpose=policy_of(operator),
        transfer=(operator.transfer(language) or seat_of(operator, language)).rstrip(". "),
    )


def with_service(legal_name: str, service_name: str) -> str:
    """Name the service only where the company's name does not say it already."""
    return f"{legal_name} ({service_name})" if service_name and service_name.casefold() not in legal_name.casefold() else legal_name


def place_of(operator: Operator, language: str) -> str:
    place = ", ".join(part for part in (operator.address, country_name(operator.seat_country, language)) if part)
    representative = operator.representative(language)
    if not representative:
        return place
    return gettext("%(place)s; representative in the EU (Art. 27 GDPR): %(name)s") % {"place": place, "name": representative}


def policy_of(operator: Operator) -> str:
    if operator.role == Operator.Role.AFFILIATE:
        return gettext("company of the operator’s group")
    return gettext("privacy information (%(url)s)") % {"url": operator.policy_url} if operator.policy_url else operator.service_name


def seat_of(operator: Operator, language: str) -> str:
    if operator.seat_country in EEA:
        return gettext("The company is established in the European Economic Area")
    return gettext("The company is established outside the European Economic Area")
