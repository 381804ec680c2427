"""Announced changes for tests: customers with agreed terms, a register in force, an approved list that adds a company."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import publishing.services
import subprocessors.services
from customers.models import Customer, User
from notifications.models import Delivery
from subprocessors import telling
from subprocessors.models import AgreedTerms, Announcement, Notice, SubprocessorList
from tests.factories import customers, registers
from tests.factories.registers import AT

QUIET = timedelta(hours=1)


def company(at: datetime = AT, **terms: Any) -> Customer:
    """Return a customer with an owner and agreed terms: 30 and 30 days, no urgent clause, general authorisation."""
    made = customers.customer()
    customers.owner(made)
    agree(made, at, **terms)
    return made


def agree(customer: Customer, at: datetime = AT, **terms: Any) -> AgreedTerms:
    return subprocessors.services.agree_on_terms(customer=customer, source="agreement", source_number="1.0", at=at, **terms)


def people(customer: Customer) -> User:
    return customer.people().get()


def register_in_force() -> SubprocessorList:
    return registers.published_subprocessors(registers.entry())


def approved(*entries: dict[str, Any], at: datetime = AT) -> SubprocessorList:
    """Return an approved list with these entries; without any, the host that is in force and a new network."""
    draft = registers.draft_subprocessors(*(entries or (registers.entry(), registers.american())))
    return publishing.services.approve(version=draft, by=registers.editor(), at=at)


def announce(
    subprocessor_list: SubprocessorList | None = None, *, at: datetime = AT, starts: date | None = None, **fields: Any
) -> Announcement | None:
    """Announce for the earliest day on which nobody's period runs."""
    told = (at + QUIET).date()
    starts = starts or telling.earliest_start(told=told, is_urgent=fields.get("urgency") is not None)
    chosen = subprocessor_list or approved(at=at)
    return subprocessors.services.announce(subprocessor_list=chosen, starts_date=starts, by=registers.editor(), at=at, **fields)


def told(**fields: Any) -> Announcement:
    """Return an announcement that everybody was told of."""
    made = announce(**fields)
    assert made is not None
    telling.tell(made.pk, made.quiet_until)
    made.refresh_from_db()
    return made


def deliver(announcement: Announcement) -> None:
    """Let every mail of the announcement go out at once."""
    Delivery.objects.filter(broadcast=announcement.broadcast).update(state="sent", sent_at=announcement.told_at)


def notice(announcement: Announcement, customer: Customer) -> Notice:
    return Notice.objects.select_related("announcement", "customer").get(announcement=announcement, customer=customer)
