"""Write down what a customer agreed on about new subprocessors: by its agreement, or for this customer alone."""

from __future__ import annotations

import datetime

from django.db import transaction

from customers.models import Customer, User
from evidence.services import record
from subprocessors import telling
from subprocessors.models import AgreedTerms, Authorisation, TermsDeviation

USUAL_DAYS = 30


@transaction.atomic
def agree_on_terms(
    *,
    customer: Customer,
    source: str,
    source_number: str,
    at: datetime.datetime,
    notice_days: int = USUAL_DAYS,
    objection_days: int = USUAL_DAYS,
    urgent_notice_days: int | None = None,
    authorisation: str = Authorisation.GENERAL,
) -> AgreedTerms:
    """Take over the periods of the agreement that the customer has just concluded, and tell it what was announced before."""
    terms, _is_new = AgreedTerms.objects.update_or_create(
        customer=customer,
        defaults={
            "source": source,
            "source_number": source_number,
            "agreed_at": at,
            "notice_days": notice_days,
            "objection_days": objection_days,
            "urgent_notice_days": urgent_notice_days,
            "authorisation": authorisation,
        },
    )
    telling.tell_latecomer(customer, at)
    return terms


@transaction.atomic
def record_deviation(*, deviation: TermsDeviation, by: User, at: datetime.datetime) -> TermsDeviation:
    """Record what was agreed with one customer alone; it replaces an earlier deviation. Running periods stay as they were told."""
    Customer.objects.select_for_update(no_key=True).get(pk=deviation.customer_id)
    TermsDeviation.objects.filter(customer=deviation.customer_id, ended_at=None).update(ended_at=at)
    deviation.recorded_by, deviation.recorded_at = by, at
    deviation.full_clean(exclude={"customer", "recorded_by"})
    deviation.save()
    facts = {
        "notice_days": deviation.notice_days,
        "objection_days": deviation.objection_days,
        "urgent_notice_days": deviation.urgent_notice_days,
        "authorisation": str(deviation.authorisation),
        "by": str(by.reference),
    }
    record(kind="subprocessors.terms_recorded", facts=facts, subject=f"customer:{deviation.customer.reference}", happened_at=at)
    return deviation


@transaction.atomic
def end_deviation(*, customer: Customer, by: User, at: datetime.datetime) -> int:
    """Let the agreement's own terms count again; return how many deviations ended."""
    ended = TermsDeviation.objects.filter(customer=customer, ended_at=None).update(ended_at=at)
    if ended:
        record(kind="subprocessors.terms_ended", facts={"by": str(by.reference)}, subject=f"customer:{customer.reference}", happened_at=at)
    return ended
