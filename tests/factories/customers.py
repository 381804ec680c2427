"""The standing characters: a provider, a customer, its owner, a colleague, a stranger, and the provider's staff."""

from __future__ import annotations

import itertools
import time
from datetime import UTC, datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.models import Customer, Membership, Provider, Role, User
from customers.services import create_staff_groups, load_sample_provider

PASSWORD = "wide rivers carry letters"
IN_FORCE = datetime(9999, 12, 31, tzinfo=UTC)
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
_numbers = itertools.count(1)


def provider() -> Provider:
    """Return the sample provider, entered once per test."""
    return load_sample_provider()


def customer(**fields: Any) -> Customer:
    """Return a company with an agreement in force; pass ``agreement_valid_until=CLOSED`` for one in front of the gate."""
    number = next(_numbers)
    defaults = {
        "legal_name": f"Muster Verlag {number} GmbH & Co. KG",
        "street": "Beispielweg 1",
        "postcode": "20095",
        "city": "Hamburg",
        "country": "DE",
        "created_at": timezone.now(),
        "agreement_valid_until": IN_FORCE,
    }
    return Customer.objects.create(**{**defaults, **fields})


def person(customer: Customer | None = None, *roles: str, **fields: Any) -> User:
    """Return somebody with a verified address who holds the roles and works for the company."""
    number = next(_numbers)
    defaults = {"email": f"person{number}@example.com", "full_name": f"Erika Muster {number}", "function": "Geschäftsführerin"}
    user = User.objects.create_user(**{**defaults, **fields, "password": PASSWORD})
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    if customer:
        now = timezone.now()
        Membership.objects.bulk_create(Membership(customer=customer, user=user, role=role, created_at=now) for role in roles)
        user.customer, user.agreement_valid_until = customer, customer.agreement_valid_until
        user.save(update_fields=["customer", "agreement_valid_until"])
    return user


def owner(customer: Customer) -> User:
    """Return somebody who owns the account, signs and is the privacy contact, as after registration."""
    return person(customer, Role.OWNER, Role.SIGNATORY, Role.PRIVACY_CONTACT)


def colleague(customer: Customer, role: str = Role.CHANNEL_OWNER) -> User:
    """Return somebody with one role."""
    return person(customer, role)


def stranger() -> User:
    """Return the owner of another company."""
    return owner(customer(legal_name="Fremde Firma AG"))


def staff(group: str | None = None) -> User:
    """Return somebody of the provider's staff, in the group, with an authenticator app."""
    user = person(is_staff=True)
    if group:
        create_staff_groups()
        user.groups.add(Group.objects.get(name=group))
    set_up_second_factor(user)
    return user


def set_up_second_factor(user: User) -> list[str]:
    """Give the person an authenticator app and return recovery codes."""
    TOTP.activate(user, TOTP_SECRET)
    codes: list[str] = RecoveryCodes.activate(user).get_unused_codes()
    return codes


def log_in(client: Client, user: User, *, mfa: bool = False) -> None:
    """Sign in without the pages; with ``mfa`` as if a second factor had been entered in that sign-in."""
    client.force_login(user)
    if mfa:
        factor = Authenticator.objects.filter(user=user).first()
        if factor is None:
            set_up_second_factor(user)
        session = client.session
        session["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "at": time.time()}]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()


def sign_in(client: Client, email: str, password: str = PASSWORD, **extra: Any) -> Any:
    """Sign in on the page, as people do, and return the answer."""
    return client.post(reverse("account_login"), {"login": email, "password": password}, **extra)


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session
