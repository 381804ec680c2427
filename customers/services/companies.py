"""The companies' own details, which an agreement prints as its parties."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

import jobs.services
from customers.models import Customer, Provider, User
from evidence.services import record

SAMPLE_PROVIDER = Path(__file__).resolve().parent.parent / "sample" / "provider.json"


@dataclass(frozen=True)
class CompanyDetails:
    """What a company says about itself."""

    legal_name: str
    street: str
    postcode: str
    city: str
    country: str
    register_number: str = ""
    vat_number: str = ""
    acts_as: str = "controller"


@transaction.atomic
def change_company(*, customer: Customer, company: CompanyDetails, by: User, at: datetime) -> list[str]:
    """Write the company's details, record which of them changed, and return their names; agreements keep what they printed."""
    customer = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    changed = [name for name, value in asdict(company).items() if getattr(customer, name) != value]
    for name in changed:
        setattr(customer, name, getattr(company, name))
    if changed:
        customer.save(update_fields=changed)
        record(
            kind="customers.company_changed",
            facts={"fields": changed, "by": str(by.reference)},
            subject=subject_of(customer),
            happened_at=at,
        )
        tell_of_change(customer, at)
    return changed


def tell_of_change(customer: Customer, at: datetime) -> None:
    """Put the jobs that depend on what a company says about itself; the settings name them, since their apps lie above this one."""
    for kind in settings.JOBS_WHEN_A_COMPANY_CHANGES:
        jobs.services.put(kind=kind, key=f"{kind}:{customer.pk}:{at:%Y%m%d%H%M%S%f}", subject=str(customer.pk))


def subject_of(customer: Customer) -> str:
    """Return the name under which the ledger keeps what happened to a company."""
    return f"customer:{customer.reference}"


@transaction.atomic
def load_sample_provider() -> Provider:
    """Enter the provider of the sample data, unless a provider is entered already."""
    existing = Provider.objects.first()
    if existing:
        return existing
    provider = Provider(**_sample_provider(), is_sample=True)
    provider.full_clean()
    provider.save(force_insert=True)
    return provider


def _sample_provider() -> dict[str, Any]:
    """Read the sample file, whose texts in two languages become two columns each."""
    fields: dict[str, Any] = json.loads(SAMPLE_PROVIDER.read_text(encoding="utf-8"))
    del fields["note"]
    fields["street"] = fields.pop("address")
    for name in ("signatory_function", "help_url"):
        fields |= {f"{name}_{language}": text for language, text in fields.pop(name).items()}
    return fields
