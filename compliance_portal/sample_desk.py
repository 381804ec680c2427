"""Sample subscribers, requests and a cancellation: support's desk as it looks on an ordinary day. For the demo alone."""

from __future__ import annotations

import datetime
import secrets

import deletion.services
import subscriptions.services
from compliance_portal.sample_people import PUBLISHER, STUDIO
from customers.models import Customer, Membership, Role, User
from customers.services.registration import work_for
from deletion.models import CaseFile
from subscriptions.models import Subscription

LEAVING = "Altstadt Anzeiger GmbH"
OWNER = "otto.altstadt@example.com"
SUBSCRIBERS = {PUBLISHER: 120, STUDIO: 40, LEAVING: 900}
WANTS_TO_BE_FORGOTTEN = f"https://push.example/{PUBLISHER[:6].lower()}/00007"


def load(at: datetime.datetime) -> None:
    """Fill a desk on which nothing has happened yet; one that was used stays as it is."""
    support = User.objects.filter(email="support@example.com").first()
    if support is None or CaseFile.objects.exists() or Subscription.objects.exists():
        return
    leaving = company_that_leaves(at)
    for name, number in SUBSCRIBERS.items():
        subscribe(name, number, at)
    letter_of_an_owner(leaving, support, at - datetime.timedelta(days=9), at)
    request_of_a_subscriber(at - datetime.timedelta(days=26), at)
    request_of_a_person(support, at - datetime.timedelta(days=3), at)
    cancellation(at - datetime.timedelta(days=1))


def company_that_leaves(at: datetime.datetime) -> Customer:
    """Return a company whose owner has written a letter; he signs in as nobody, the desk is about him."""
    customer = Customer.objects.create(
        legal_name=LEAVING, street="Marktplatz 3", postcode="18055", city="Rostock", country="DE", language="de", created_at=at
    )
    owner = User.objects.create_user(OWNER, full_name="Otto Altstadt", function="Verleger", language="de", email_confirmed_at=at)
    Membership.objects.bulk_create(
        Membership(customer=customer, user=owner, role=role, created_at=at) for role in (Role.OWNER, Role.SIGNATORY)
    )
    work_for(owner, customer)
    return customer


def subscribe(company: str, number: int, at: datetime.datetime) -> None:
    """Let so many browsers have opted in with the company, in the past, to a text of the company's own."""
    customer = Customer.objects.open().filter(legal_name=company).first()
    by = customer.people_with(Role.OWNER).first() if customer else None
    if customer is None or by is None:
        return
    channel = customer.channels.filter(channel_type="web_push").first()
    items = [
        subscriptions.services.Item(
            identifier=f"https://push.example/{company[:6].lower()}/{index:05}",
            registered_at=at - datetime.timedelta(days=1 + index % 400, minutes=index),
            channel=str(channel.public_id) if channel else "",
            channel_type="" if channel else "web_push",
            topic=("Politik", "Wirtschaft", "Sport")[index % 3],
            opt_in_label="Hinweis auf der Website, Stand 2025",
        )
        for index in range(number)
    ]
    subscriptions.services.record_batch(customer=customer, items=items, by=by, at=at)


def letter_of_an_owner(company: Customer, support: User, received_at: datetime.datetime, at: datetime.datetime) -> None:
    asked = deletion.services.Asked(
        kind=CaseFile.Kind.ACCOUNT,
        source="letter",
        name="Otto Altstadt",
        email=OWNER,
        customer=company,
        waives_grace=True,
        data_return="waived",
    )
    deletion.services.record_case(asked=asked, received_at=received_at, by=support, at=at)


def request_of_a_subscriber(received_at: datetime.datetime, at: datetime.datetime) -> None:
    asked = deletion.services.Asked(
        kind=CaseFile.Kind.SUBSCRIBER_ERASURE, source="public", email="sophie.leser@example.org", identifier=WANTS_TO_BE_FORGOTTEN
    )
    deletion.services.record_case(asked=asked, received_at=received_at, by=None, at=at)


def request_of_a_person(support: User, received_at: datetime.datetime, at: datetime.datetime) -> None:
    asked = deletion.services.Asked(kind=CaseFile.Kind.PERSON_ACCESS, source="email", name="Jan Kanal", email="jan.kanal@example.com")
    deletion.services.record_case(asked=asked, received_at=received_at, by=support, at=at)


def cancellation(received_at: datetime.datetime) -> None:
    declared = deletion.services.Declaration(
        kind="ordinary", name="Nina Neumann", identification="Neumann Medien", email="nina.neumann@example.org"
    )
    deletion.services.cancel_contract(declaration=declared, secret=secrets.token_urlsafe(32), language="de", received_at=received_at)
