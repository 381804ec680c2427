"""What a person can ask for, carried out: a subscriber's data or a login erased, or a copy of what is stored about them.

A request of a person is no deletion of an account: nothing of the company goes but what concerns this person.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import Q
from django.utils import timezone

import subscriptions.services
from customers.erasure import session_keys
from customers.models import Customer, Invitation, Membership, Role, User
from deletion import answers
from deletion.intake import write_event
from deletion.models import CaseFile, CasePerson, LegalHold
from deletion.retention import rule_of
from notifications.models import Delivery
from subscriptions import identifiers
from subscriptions.models import Activity, Subscription

Kind = CaseFile.Kind
COPY_READABLE_FOR = datetime.timedelta(days=30)


class LastOwner(Exception):
    """The person is the only owner of a company: another has to be named first, or the account deleted."""


class NobodyFound(Exception):
    """No data of the person are stored: there is nothing to erase or to hand out."""


def carry_out(case: CaseFile, *, by: User, at: datetime.datetime) -> CaseFile:
    """Do in the caller's transaction what the person asked for and close the file. Raises LastOwner or NobodyFound."""
    work: dict[str, Callable[[CasePerson, User, datetime.datetime], int]] = {
        Kind.SUBSCRIBER_ERASURE: erase_subscriber,
        Kind.SUBSCRIBER_ACCESS: lambda person, _by, _at: require(len(subscriptions_of(person))),
        Kind.PERSON_ERASURE: erase_person,
        Kind.PERSON_ACCESS: lambda person, _by, _at: require(logins_of(person).count()),
    }
    case.affected = work[case.kind](case.person, by, at)
    case.state, case.ended_at, case.ended_by = CaseFile.State.COMPLETED, at, by
    case.save(update_fields=["affected", "state", "ended_at", "ended_by"])
    write_event(case, "case.completed", by=by, at=at)
    answers.send(case, answers.completion(case))
    if case.kind in (Kind.SUBSCRIBER_ERASURE, Kind.PERSON_ERASURE):
        forget_identifier(case)
    return case


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


def erase_subscriber(person: CasePerson, by: User, at: datetime.datetime) -> int:
    erased = subscriptions.services.erase(identifier=person.identifier, by=by, at=at) if person.identifier else {}
    for customer in Customer.objects.filter(pk__in=erased).order_by("pk"):
        answers.tell_controller(person.case, customer, erased[customer.pk])
    return require(sum(erased.values()))


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


def logins_of(person: CasePerson) -> Any:
    return User.objects.filter(email__iexact=person.email, is_staff=False) if person.email else User.objects.none()


def erase_person(person: CasePerson, by: User, at: datetime.datetime) -> int:
    """Erase the login with roles, sessions, factors, mails and invitations; agreements that the person accepted stay (Art. 17(3)(e))."""
    user = logins_of(person).first()
    if user is None:
        raise NobodyFound
    refuse_last_owner(user)
    Session.objects.filter(pk__in=list(session_keys([user.pk]))).delete()
    logged = ContentType.objects.get_for_model(User)
    LogEntry.objects.filter(Q(user=user) | Q(content_type=logged, object_id=str(user.pk))).delete()
    Delivery.objects.filter(recipient__iexact=user.email).exclude(key__startswith=answers.KEY).delete()
    Invitation.objects.filter(email__iexact=user.email).delete()
    _number, by_model = user.delete()
    return sum(by_model.values())


def refuse_last_owner(user: User) -> None:
    owned = Membership.objects.filter(user=user, role=Role.OWNER).values("customer")
    others = Membership.objects.filter(customer__in=owned, role=Role.OWNER).exclude(user=user).values("customer")
    if owned.exclude(customer__in=others).exists():
        raise LastOwner


def copy_for_person(person: CasePerson) -> list[dict[str, Any]]:
    """Return what is stored about the login (Art. 15(1) and (3) GDPR)."""
    return [
        {
            "email": user.email,
            "full_name": user.full_name,
            "function": user.function,
            "language": user.language,
            "created_at": user.created_at,
            "last_login": user.last_login,
            "roles": [{"company": row.customer.legal_name, "role": row.role} for row in user.memberships.select_related("customer")],
            "addresses": list(EmailAddress.objects.filter(user=user).values("email", "verified")),
            "mails": list(Delivery.objects.filter(recipient__iexact=user.email).values("kind", "created_at", "sent_at")),
        }
        for user in logins_of(person)
    ]


def copy_for(case: CaseFile) -> dict[str, Any]:
    rows = copy_for_subscriber(case.person) if case.is_about_subscriber else copy_for_person(case.person)
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
