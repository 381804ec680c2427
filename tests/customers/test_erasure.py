"""Deleting an account leaves nothing of the company and its people, and nothing else is touched."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.erasure import ERASES, KEEPS, erase, remaining
from customers.models import Customer, Membership, Role, User
from customers.services import invite
from tests.factories import customers as people

pytestmark = pytest.mark.django_db


def test_everything_of_the_company_goes_and_a_second_run_finds_nothing(client: Client) -> None:
    people.provider()
    company, other = people.customer(legal_name="Canary Verlag"), people.customer()
    owner, bystander = people.owner(company), people.owner(other)
    shared = people.colleague(company)
    Membership.objects.create(customer=other, user=shared, role=Role.SIGNATORY, created_at=timezone.now())
    owner.full_name, owner.email = "Canary Person", "canary@example.com"
    owner.save()
    people.set_up_second_factor(owner)
    client.post(reverse("account_login"), {"login": owner.email, "password": people.PASSWORD})
    people.log_in(client, owner)
    client.get(reverse("account_security"))
    invite(customer=company, email="canary2@example.com", roles=["owner"], language="de", by=owner, at=timezone.now())
    admin = people.person(is_staff=True)
    kind = ContentType.objects.get_for_model(Customer)
    LogEntry.objects.create(user=admin, content_type=kind, object_id=str(company.pk), object_repr="Canary Verlag", action_flag=CHANGE)

    counts = erase(customer_id=company.pk)

    assert counts["customers.Customer"] == counts["customers.User"] == counts["customers.Invitation"] == 1
    assert set(remaining(customer_id=company.pk).values()) == {0}
    assert erase(customer_id=company.pk) == {}
    assert "canary" not in dump().lower()
    assert not Session.objects.exists()
    shared.refresh_from_db()
    assert shared.roles_for(other) == {Role.SIGNATORY}
    assert set(User.objects.all()) == {bystander, shared, admin}
    assert EmailAddress.objects.count() == 3


def dump() -> str:
    """Return every row of every table as text."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(table_name) FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        whole = ""
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT coalesce(string_agg(t::text, E'\\n'), '') FROM {table} t")
            whole += cursor.fetchone()[0]
    return whole


def test_what_is_left_is_counted() -> None:
    company = people.customer()
    people.owner(company)
    left = remaining(customer_id=company.pk)
    assert (left["customers.Customer"], left["customers.User"], left["customers.Membership"]) == (1, 1, 3)


def test_every_model_of_this_app_is_either_erased_or_kept_with_a_reason() -> None:
    from django.apps import apps

    ours = set(apps.get_app_config("customers").get_models())
    assert ours <= {*ERASES, *KEEPS}
    assert not {*ERASES} & {*KEEPS}
    assert all(all(texts) for texts in KEEPS.values())
