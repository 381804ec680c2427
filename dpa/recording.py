"""The processor's record of processing activities (Art. 30(2) GDPR): one row per controller, and what holds for all of them."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from customers.models import Customer, Membership, Provider, Role
from dpa import composition, reading
from dpa.models import Acceptance, AgreementText, PaperAgreement
from publishing.markdown import plain_blocks, split
from publishing.placeholders import fill
from publishing.tables import csv_bytes
from subprocessors.countries import EEA, country_names
from subprocessors.models import Subprocessor, SubprocessorList
from subprocessors.transfers import basis_label
from toms.models import MeasureSet


@dataclass(frozen=True)
class Row:
    """One controller (or processor of a controller) on whose behalf the provider processes."""

    company: str
    address: str
    register: str
    role: str
    contact: str
    agreement: str
    since: str

    @property
    def cells(self) -> list[str]:
        return [self.company, self.address, self.register, self.role, self.contact, self.agreement, self.since]


def header() -> list[str]:
    return [
        _("Company"),
        _("Address"),
        _("Register number"),
        _("Acts as"),
        _("Contact"),
        _("Agreement"),
        _("Since"),
        _("Categories of processing"),
        _("Transfers"),
        _("Measures"),
    ]


def rows(day: datetime.date) -> list[Row]:
    """Return every open customer with an agreement in force, by name; in a fixed number of queries."""
    contacts = Membership.objects.filter(user__is_active=True).select_related("user").order_by("pk")
    papers = PaperAgreement.objects.order_by("-signed_date")
    acceptances = Acceptance.objects.select_related("version").order_by("-version__published_at")
    found = Customer.objects.filter(closed_at=None).prefetch_related(
        Prefetch("memberships", contacts), Prefetch("paper_agreements", papers), Prefetch("acceptances", acceptances)
    )
    listed = (row_of(customer, day) for customer in found.order_by("legal_name", "pk"))
    return [row for row in listed if row is not None]


def row_of(customer: Customer, day: datetime.date) -> Row | None:
    """Return the customer's row, or None while nothing is processed for it: without an agreement there is no processing."""
    paper = next((each for each in customer.paper_agreements.all() if each.ends_date is None or each.ends_date >= day), None)
    acceptance = next(iter(customer.acceptances.all()), None)
    if paper is None and acceptance is None:
        return None
    agreement, since = (
        (_("on paper, %(reference)s") % {"reference": paper.reference}, paper.signed_date) if paper else concluded(acceptance)
    )
    return Row(
        company=customer.legal_name,
        address=", ".join(customer.address_lines),
        register=customer.register_number,
        role=str(customer.get_acts_as_display()),
        contact=contact_of(customer),
        agreement=agreement,
        since=date_format(since, "SHORT_DATE_FORMAT"),
    )


def concluded(acceptance: Acceptance | None) -> tuple[str, datetime.date]:
    assert acceptance is not None
    text = _("version %(number)s, %(reference)s") % {"number": acceptance.version.number, "reference": acceptance.reference}
    return text, acceptance.accepted_at.date()


def contact_of(customer: Customer) -> str:
    """Return the privacy contacts, or the owners where a company has none."""
    by_role: dict[str, list[str]] = {}
    for membership in customer.memberships.all():
        by_role.setdefault(membership.role, []).append(f"{membership.user.full_name} <{membership.user.email}>")
    return "; ".join(by_role.get(Role.PRIVACY_CONTACT) or by_role.get(Role.OWNER) or [])


def common(language: str) -> dict[str, Any]:
    """Return what holds for all rows: the processor, the categories of processing, transfers and measures."""
    version, measures, listed = reading.current(), MeasureSet.objects.current(), SubprocessorList.objects.current()
    return {
        "provider": Provider.objects.first(),
        "version": version,
        "categories": categories(version.text(language)) if version else [],
        "transfers": transfers(listed, language),
        "measures": measures,
        "subprocessor_list": listed,
    }


def categories(text: AgreementText) -> list[dict[str, Any]]:
    """Return the sections of the description of processing; places for one customer's values stay named."""
    described = fill(text.filled_description, composition.customer_values(None, text.language))
    names = composition.labels(text)
    return [{"title": part.title, "lines": plain_blocks(part.body, names)} for part in split(described)[1]]


def transfers(listed: SubprocessorList | None, language: str) -> list[dict[str, str]]:
    """Return the recipients with places outside the EEA and the documents of suitable safeguards (Art. 30(2)(c))."""
    entries = listed.entries.filter(kind=Subprocessor.Kind.SUBPROCESSOR) if listed else ()
    return [
        {
            "company": entry.legal_name,
            "countries": ", ".join(country_names(sorted(entry.countries - set(EEA)), language)),
            "basis": ", ".join(basis_label(basis, language) for basis in (entry.transfer_basis, entry.fallback_basis) if basis),
        }
        for entry in entries
        if entry.countries - set(EEA)
    ]


def csv_file(listed: Sequence[Row], facts: dict[str, Any]) -> bytes:
    """Return the record as a table: each row complete in itself, as an authority may ask for one controller alone (Art. 30(4))."""
    described = "; ".join(part["title"] for part in facts["categories"])
    abroad = "; ".join(f"{each['company']} ({each['countries']}): {each['basis']}" for each in facts["transfers"]) or _("none")
    measures = facts["measures"]
    protected = _("Register of measures, version %(number)s, SHA-256 %(hash)s") % vars_of(measures) if measures else ""
    return csv_bytes(header(), ([*row.cells, described, abroad, protected] for row in listed))


def vars_of(measures: MeasureSet) -> dict[str, str]:
    return {"number": measures.number, "hash": measures.sha256}
