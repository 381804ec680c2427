"""What the deletion of an account does to the company, its people and what lets them in (Art. 17 GDPR)."""

from __future__ import annotations

from collections.abc import Iterator

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_noop as _

from customers.models import (
    ApiToken,
    Channel,
    ChannelType,
    Customer,
    Invitation,
    LedgerErasure,
    Membership,
    Provider,
    SealedLetter,
    SingleErasure,
    User,
)

ERASES: tuple[type[Model], ...] = (
    Session,
    UserSession,
    Authenticator,
    EmailConfirmation,
    EmailAddress,
    LogEntry,
    Channel,
    ApiToken,
    Invitation,
    Membership,
    User.groups.through,
    User.user_permissions.through,
    User,
    Customer,
)
NOT_BACK = (
    _(
        "Keeps what one subscriber or person had erased, and a cancelled subscription, from coming back with a restored backup. "
        "Names them by keyed hashes and random references. Stores beside the database are kept by company and are not searched for one person."
    ),
    _("Art. 5(1)(f) and Art. 17(1) GDPR"),
    _("90 days, and longer only as long as backups are kept longer"),
)
KEEPS: dict[type[Model], tuple[str, str, str]] = {
    Provider: (
        _("The provider’s own details; says nothing about a customer."),
        _("not personal data of the customer"),
        _("as long as the portal is in use"),
    ),
    ChannelType: (
        _("A list of the kinds of channels; says nothing about a customer."),
        _("not personal data of the customer"),
        _("as long as the portal is in use"),
    ),
    SealedLetter: (
        _("A mail with a link to confirm or to sign in, encrypted, while the mail server cannot be reached."),
        _("Art. 6(1)(b) GDPR"),
        _("until it is sent, at most three days"),
    ),
    LedgerErasure: NOT_BACK,
    SingleErasure: NOT_BACK,
}


def people_of(customer_id: int) -> QuerySet[User]:
    """Return the people who act for this company alone; staff and people of other companies stay.

    A company that was closed for its deletion keeps nobody: it is closed before its plan is made, so of two that go at once the
    later plan has the people of both, and those who are in two plans are gone when the second comes to them.
    """
    elsewhere = Membership.objects.exclude(customer=customer_id).filter(customer__closed_at=None).values("user")
    mine = Q(memberships__customer=customer_id) | Q(customer=customer_id)
    return User.objects.filter(mine, is_staff=False).exclude(pk__in=elsewhere).distinct()


def session_keys(people: list[int]) -> Iterator[str]:
    """Yield the sessions of these people, also those that wait for a second factor; each is read, since it is one sealed text."""
    wanted = {str(number) for number in people}
    for session in Session.objects.iterator():
        content = session.get_decoded()
        owners = {content.get("_auth_user_id"), content.get("account_authentication_methods_user")}
        if owners & wanted:
            yield session.pk


def log_entries(customer_id: int, people: list[int]) -> QuerySet[LogEntry]:
    """Return the admin's notes about the company and its people: they repeat names."""
    types = ContentType.objects.get_for_models(Customer, User)
    about_customer = Q(content_type=types[Customer], object_id=str(customer_id))
    about_people = Q(content_type=types[User], object_id__in=[str(number) for number in people])
    return LogEntry.objects.filter(about_customer | about_people)
