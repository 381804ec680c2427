"""Whose contract a cancellation ends: chosen by support where it came with the public page, and checked against the sender."""

from __future__ import annotations

import datetime

from django.db import transaction

import evidence.services
from customers.models import Customer, User
from deletion import ending, intake
from deletion.deciding import Closed, demand_open, lock
from deletion.models import Cancellation, CaseFile

Identity, Doubt = CaseFile.Identity, CaseFile.Doubt


class CustomerSettled(Exception):
    """Somebody cancelled from the account: whose contract that is was never in doubt."""


@transaction.atomic
def link_cancellation(*, cancellation: Cancellation, customer: Customer, by: User, at: datetime.datetime) -> CaseFile:
    """Say whose contract a cancellation ends; the file of the deletion that follows names the company too.

    Until the deletion is approved a mistake can be corrected. Raises Closed afterwards, and CustomerSettled for a cancellation from an account.
    """
    cancellation = Cancellation.objects.select_for_update(of=("self",)).get(pk=cancellation.pk)
    is_settled = ending.is_from_account(cancellation)
    if is_settled and cancellation.customer_reference != customer.reference:
        raise CustomerSettled
    case = lock(CaseFile.objects.filter(cancellation=cancellation).first() or intake.open_for_cancellation(cancellation, at=at))
    if is_settled:
        return case
    demand_open(case)
    if case.erasure is not None:
        raise Closed
    if case.customer != customer:
        doubt_again(case, customer)
    cancellation.customer = case.customer = customer
    cancellation.customer_reference = case.customer_reference = customer.reference
    case.duplicate_of = CaseFile.objects.open().filter(kind=case.kind, customer=customer).exclude(pk=case.pk).first()
    cancellation.save(update_fields=["customer", "customer_reference"])
    case.save(update_fields=["customer", "customer_reference", "duplicate_of", "identity", "doubt", "proof"])
    intake.write_event(case, "cancellation.linked", by=by, at=at)
    facts = {"customer": str(customer.reference), "by": str(by.reference)}
    evidence.services.record(kind="cancellation.linked", facts=facts, subject=cancellation.reference, happened_at=at)
    return case


def doubt_again(case: CaseFile, customer: Customer) -> None:
    """Open the sender's identity for another company: what was proven was proven for the former one, or for none.

    An owner's address settles it as on a letter. A doubt that a person had is left for a person to settle.
    """
    if case.identity == Identity.OPEN and case.doubt != Doubt.NO_AUTHORITY:
        return
    email = case.person.email if hasattr(case, "person") else ""
    case.doubt = intake.doubt_about(intake.Asked(kind=case.kind, source=case.source, email=email, customer=customer))
    case.identity, case.proof = (Identity.OPEN if case.doubt else Identity.CLEAR), ""
