"""Logins of people who act for no company any more: no erasure of an account reaches them, so the daily job does (Art. 17(1)(a) GDPR)."""

from __future__ import annotations

import datetime

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef, ProtectedError, QuerySet
from django.utils import timezone

import evidence.services
from customers.erasure import session_keys
from customers.models import Membership, User
from deletion import persons
from deletion.datasets import LETTERS_OF_THE_END
from deletion.retention import rule_of
from notifications.models import Delivery

LOGINS = "customers.user"
NOT_THE_LOGINS = ("case_letter", *LETTERS_OF_THE_END)
"""Mails that go with who asked, or with the recipients of a certificate."""


def without_company() -> QuerySet[User]:
    """Return the people, no staff, who act for no company; while an account is being erased its people still work for it."""
    roles = Membership.objects.filter(user=OuterRef("pk"))
    return User.objects.filter(~Exists(roles), customer=None, is_staff=False, is_superuser=False)


def erase_logins(at: datetime.datetime) -> int:
    """Delete the logins whose period is over and return how many; it begins on the day on which this job finds one without a company."""
    alone = without_company()
    User.objects.exclude(left_at=None).exclude(pk__in=alone.values("pk")).update(left_at=None)
    alone.filter(left_at=None).update(left_at=at)
    rule, today = rule_of(LOGINS), timezone.localdate(at)
    over = [user.pk for user in alone.exclude(left_at=None) if user.left_at and rule.ends(user.left_at) < today]
    if over:
        Session.objects.filter(pk__in=list(session_keys(over))).delete()
    return sum(erase_login(number, at) for number in over)


@transaction.atomic
def erase_login(number: int, at: datetime.datetime) -> bool:
    """Delete the login with addresses, factors, sign-ins and the mails to it, unless the person was taken up again meanwhile."""
    user = without_company().select_for_update(of=("self",)).filter(pk=number).first()
    if user is None:
        return False
    who = persons.Who(user.email, user)
    try:
        with transaction.atomic():
            persons.log_of(who).delete()
            user.delete()
    except ProtectedError:  # somebody who once worked for the provider: what is published names its author
        return False
    Delivery.objects.to(who.email).filter(customer=None, subscription=None, broadcast=None).exclude(kind__in=NOT_THE_LOGINS).delete()
    evidence.services.record(kind="deletion.login_expired", facts={}, subject=f"person:{user.reference}", happened_at=at)
    return True
