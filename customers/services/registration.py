"""A person and a company enter the portal together."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from customers.models import CLOSED, Customer, Membership, Role, User
from customers.services.companies import CompanyDetails, subject_of
from evidence.services import record

FOUNDING_ROLES = (Role.OWNER, Role.SIGNATORY, Role.PRIVACY_CONTACT)


class EmailTaken(Exception):
    """Somebody already signs in with this e-mail address."""


@dataclass(frozen=True)
class PersonDetails:
    """What a person says about herself when she registers."""

    full_name: str
    function: str
    email: str
    password: str
    language: str


@transaction.atomic
def register(*, person: PersonDetails, company: CompanyDetails, at: datetime) -> User:
    """Create the company and its first person, who owns the account, signs and is the privacy contact."""
    user = create_user(person)
    customer = Customer.objects.create(**asdict(company), language=person.language, created_at=at)
    Membership.objects.bulk_create(Membership(customer=customer, user=user, role=role, created_at=at) for role in FOUNDING_ROLES)
    work_for(user, customer)
    record(kind="customers.registered", facts={"person": str(user.reference)}, subject=subject_of(customer), happened_at=at)
    return user


def create_user(person: PersonDetails) -> User:
    """Create the person; raises EmailTaken, also when two registrations meet."""
    try:
        with transaction.atomic():
            return User.objects.create_user(
                person.email, person.password, full_name=person.full_name, function=person.function, language=person.language
            )
    except IntegrityError as error:
        if "email" not in str(error):
            raise
        raise EmailTaken from error


def note_confirmed_address(*, user: User, at: datetime) -> None:
    """Keep when the person showed that mail to her present address reaches her; agreements print it as evidence."""
    user.email_confirmed_at = at
    user.save(update_fields=["email_confirmed_at"])


def work_for(user: User, customer: Customer | None) -> None:
    """Let the person act for the company from now on; call it with the company's row locked.

    The gate reads its answer from the person's row, so the company's answer is copied with her.
    """
    user.customer = customer
    user.agreement_valid_until = customer.agreement_valid_until if customer else CLOSED
    user.save(update_fields=["customer", "agreement_valid_until"])
