"""What a person can ask for, carried out: a subscriber's data or a login erased, or a copy of what is stored about them.

A request of a person is no deletion of an account: nothing of the company goes but what concerns this person. An erasure is
entered in the ledger of erasures first, then carried out, then counted; only zero closes the file.
"""

from __future__ import annotations

import datetime
import uuid
from functools import reduce
from operator import or_
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

import customers.ledger
import evidence.services
import subscriptions.ledger
import subscriptions.services
from customers.models import Customer, LedgerErasure, Membership, Role, User
from deletion import answers, persons, proving
from deletion.intake import write_event
from deletion.models import CaseFile, CasePerson, LegalHold
from deletion.retention import rule_of
from notifications.models import Delivery
from subscriptions import identifiers
from subscriptions.models import Activity, Subscription

Kind = CaseFile.Kind
ERASURES = (Kind.SUBSCRIBER_ERASURE, Kind.PERSON_ERASURE)
COPY_READABLE_FOR = datetime.timedelta(days=30)


class LastOwner(Exception):
    """The person is the only owner of a company: another has to be named first, or the account deleted."""


class OnHold(Exception):
    """A legal hold stands on a company whose data this would erase: none of them go before its release (Art. 17(3) GDPR)."""


class NobodyFound(Exception):
    """No data of the person are stored: there is nothing to erase or to hand out."""


class EndedMeanwhile(Exception):
    """Somebody else closed the file while this was under way."""


def carry_out(case: CaseFile, *, by: User, at: datetime.datetime) -> CaseFile:
    """Do what the person asked for and close the file; not in one transaction, since two databases and a count are between.

    Raises LastOwner, NobodyFound or OnHold before anything was done; proving.Residue or proving.Uncounted after it: then the file stays
    open, and to start it again does no harm.
    """
    if case.kind in ERASURES:
        refuse_held(case)
        demand_gone(erase_subscriber(case, by, at) if case.is_about_subscriber else erase_person(case, by, at))
    else:
        add_affected(case, require(len(copy_for(case)["records"])))
    return finish(case, by=by, at=at)


def demand_gone(erased: str | persons.Who) -> None:
    """Count, as the role that verifies, what was to go. Raises proving.Residue or proving.Uncounted; uncounted is never zero."""
    if isinstance(erased, persons.Who):
        left = persons.left_of(erased)
    else:
        with proving.as_verifier():
            proving.refuse_hidden_rows(subscriptions.ledger.TABLE)
            left = subscriptions.services.left_of(identifier=erased)
    if left:
        raise proving.Residue(left)


def add_affected(case: CaseFile, number: int) -> None:
    """Add to how many records went, in the transaction in which they go: a second attempt finds none and adds none."""
    CaseFile.objects.filter(pk=case.pk).update(affected=Coalesce(F("affected"), 0) + number)


@transaction.atomic
def finish(case: CaseFile, *, by: User | None, at: datetime.datetime) -> CaseFile:
    """Close the file and answer. Raises EndedMeanwhile."""
    case = CaseFile.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if case.state != CaseFile.State.OPEN:
        raise EndedMeanwhile
    case.state, case.ended_at, case.ended_by = CaseFile.State.COMPLETED, at, by
    case.save(update_fields=["state", "ended_at", "ended_by"])
    write_event(case, "case.completed", by=by, at=at)
    answers.send(case, answers.completion(case))
    if case.kind in ERASURES:
        forget_identifier(case)
    return case


def refuse_held(case: CaseFile) -> None:
    """Raise OnHold where the request would erase data of a company on which a legal hold stands."""
    companies: set[uuid.UUID] = set()
    if case.kind == Kind.SUBSCRIBER_ERASURE:
        companies = {row.customer.reference for row in subscriptions_of(case.person)}
    elif case.kind == Kind.PERSON_ERASURE:
        named = [f"{rows}__email__iexact" for rows in ("memberships__user", "invitations", "delegations")]
        found = Customer.objects.filter(reduce(or_, [Q(**{name: case.person.email}) for name in named]))
        companies = set(found.values_list("reference", flat=True)) if case.person.email else set()
    if LegalHold.objects.filter(customer_reference__in=companies, released_at=None).exists():
        raise OnHold


def require(number: int) -> int:
    if not number:
        raise NobodyFound
    return number


def forget_identifier(case: CaseFile) -> None:
    """Empty the identifier as soon as it is no longer needed: it is what the person wanted to be gone."""
    CasePerson.objects.filter(case=case).update(identifier="")


# --- subscribers: the customer is the controller, and is told what happened on its channels (Art. 28(3)(e) GDPR) ------


def subscriptions_of(person: CasePerson) -> list[Subscription]:
    rows = (
        Subscription.objects.of_identifier(identifiers.digests_of_typed(person.identifier))
        if person.identifier
        else Subscription.objects.none()
    )
    return list(rows.select_related("customer", "channel_type", "opt_in_text_version"))


def erase_subscriber(case: CaseFile, by: User, at: datetime.datetime) -> str:
    """Enter the erasure in the ledger, then erase and tell the companies; return the identifier. Raises NobodyFound or NotEntered."""
    identifier = case.person.identifier
    entry = subscriptions.services.enter_erasure(identifier=identifier, case_reference=case.reference, at=at) if identifier else None
    if entry is None:
        require(case.affected or 0)
        return identifier
    with transaction.atomic():
        erased = subscriptions.services.erase(identifier=identifier, entry=entry, by=by, at=at)
        for customer in Customer.objects.filter(pk__in=erased).order_by("pk"):
            answers.tell_controller(case, customer, erased[customer.pk])
        add_affected(case, sum(erased.values()))
    return identifier


def copy_for_subscriber(person: CasePerson) -> list[dict[str, Any]]:
    """Return what is stored about the identifier (Art. 15(1) and (3) GDPR)."""
    rows = subscriptions_of(person)
    activity = Activity.objects.filter(subscription__in=rows).order_by("pk")
    return [
        {
            "company": row.customer.legal_name,
            "channel_type": row.channel_type.key,
            "identifier": row.identifier,
            "topic": row.topic,
            "registered_at": row.registered_at,
            "text_shown": row.opt_in_text_version.number if row.opt_in_text_version else row.opt_in_label,
            "cancelled_at": row.cancelled_at,
            "cancelled_why": row.cancelled_why,
            "activity": [{"kind": each.kind, "at": each.at} for each in activity if each.subscription_id == row.pk],
        }
        for row in rows
    ]


# --- people with a login ----------------------------------------------------------------------------------------------


def erase_person(case: CaseFile, by: User, at: datetime.datetime) -> persons.Who:
    """Enter the erasure in the ledger, then erase the login and what stands under the address; what the law keeps stays.

    Returns who that was. Raises LastOwner, NobodyFound or NotEntered.
    """
    who = persons.who_is(case.person.email, request=case.reference)
    if not persons.is_stored(who):
        require(case.affected or 0)
        return who
    if who.user is not None:
        refuse_last_owner(who.user)
    entry = LedgerErasure(
        kind=LedgerErasure.Kind.PERSON,
        case_reference=case.reference,
        person_reference=who.user.reference if who.user else None,
        hashes=customers.ledger.digests_of_address(who.email)[:1],
    )
    reference = customers.ledger.enter([entry], at=at)
    with transaction.atomic():
        add_affected(case, persons.erase(who))
        facts = {"entry": str(reference), "by": str(by.reference)}
        evidence.services.record(kind="person.erased", facts=facts, subject=case.reference, happened_at=at)
    return who


def refuse_last_owner(user: User) -> None:
    owned = Membership.objects.filter(user=user, role=Role.OWNER).values("customer")
    others = Membership.objects.filter(customer__in=owned, role=Role.OWNER).exclude(user=user).values("customer")
    if owned.exclude(customer__in=others).exists():
        raise LastOwner


def copy_for(case: CaseFile) -> dict[str, Any]:
    rows = copy_for_subscriber(case.person) if case.is_about_subscriber else persons.copy(persons.who_is(case.person.email))
    return {"format": "compliance-portal-access/1", "reference": case.reference, "made_at": timezone.now(), "records": rows}


def is_copy_readable(case: CaseFile, at: datetime.datetime) -> bool:
    """Say whether the person can take the copy: after the answer, for thirty days."""
    is_access = case.kind in (Kind.SUBSCRIBER_ACCESS, Kind.PERSON_ACCESS)
    return is_access and case.state == CaseFile.State.COMPLETED and case.ended_at is not None and at < case.ended_at + COPY_READABLE_FOR


def forget_people(*, at: datetime.datetime) -> int:
    """Delete who asked when the period after the end of the request is over and no hold stands; the file stays with codes and times."""
    rule, today = rule_of("deletion.caseperson"), timezone.localdate(at)
    ended: Any = CaseFile.objects.closed_before(at).exclude(customer_reference__in=LegalHold.objects.held_accounts())
    over = [
        number for number, closed_at in ended.filter(person__isnull=False).values_list("pk", "closed_at") if rule.ends(closed_at) < today
    ]
    known = dict(CasePerson.objects.filter(case__in=over).values_list("pk", "case__reference"))
    for reference in known.values():
        Delivery.objects.filter(key__startswith=answers.KEY, key__contains=reference).delete()
    CasePerson.objects.filter(pk__in=known).delete()
    return len(known)
