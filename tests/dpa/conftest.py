from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone

from customers.models import CLOSED, Customer, Role, Scope, User
from customers.services import invite, issue_token
from dpa import services
from tests.dpa.routes import record_reached_views
from tests.factories import agreement, customers
from tests.own_database import own_database as own_database_of

CANARY = "CANARY"
STATES = ("never", "old", "current")
MakePerson = Callable[[str], User]


@pytest.fixture
def own_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """Commit in a private copy of the test database."""
    with own_database_of(django_db_blocker) as name:
        yield name


@pytest.fixture
def reached(monkeypatch: pytest.MonkeyPatch, settings: Any) -> list[str]:
    """The names of the views that requests got as far as."""
    return record_reached_views(monkeypatch, settings)


def company_of_canaries() -> Customer:
    """Return a company whose every text names itself, so that nothing of it can be shown unnoticed."""
    names = ("legal_name", "street", "postcode", "city", "register_number", "vat_number")
    return customers.customer(agreement_valid_until=CLOSED, **{name: f"{CANARY}-{name[:12]}" for name in names})


def person_of_canaries(company: Customer) -> User:
    person = customers.person(
        company, *Role.values, email="canary-owner@example.com", full_name=f"{CANARY}-full-name", function=f"{CANARY}-function"
    )
    now = timezone.now()
    customers.person(company, Role.CHANNEL_OWNER, email="canary-colleague@example.com", full_name=f"{CANARY}-colleague")
    invite(customer=company, email="canary-invited@example.com", roles=[Role.SIGNATORY], language="de", by=person, at=now)
    services.forward(customer=company, email="canary-forwarded@example.com", message=f"{CANARY}-message", language="de", by=person, at=now)
    return person


@pytest.fixture
def person_of_state() -> MakePerson:
    """Return a function that makes the owner of a company that never accepted, accepted an old version, or the current one."""
    customers.provider()
    version = agreement.published()

    def make(state: str) -> User:
        company = company_of_canaries()
        person = person_of_canaries(company)
        services.decline(customer=company, version=version, by=person, reason=f"{CANARY}-reason", at=timezone.now())
        if state != "never":
            agreement.accept(company, person, version)
        if state == "old":
            ended = timezone.now() - datetime.timedelta(seconds=1)
            agreement.published(body=agreement.BODY + "\n2. More.\n", must_accept_by=ended)
        person.refresh_from_db()
        return person

    return make


def secret_of(person: User) -> str:
    """Return the secret of a new token of the person's company."""
    assert person.customer is not None
    now = timezone.now()
    _row, secret = issue_token(
        customer=person.customer,
        name=f"{CANARY}-token",
        scopes=[
            "agreement:read",
            "documents:read",
            "subscriptions:read",
            "subscriptions:write",
            "channels:read",
            "channels:write",
            Scope.DELETION,
        ],
        expires_at=now + datetime.timedelta(days=1),
        by=person,
        at=now,
    )
    return secret
