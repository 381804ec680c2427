"""Guessing is limited: by account, by network address, and no header talks its way around it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from customers.models import User
from tests.factories import customers as people
from tests.factories.customers import is_signed_in, sign_in

pytestmark = pytest.mark.django_db
WRONG = "not the right words"


@pytest.fixture
def person() -> User:
    people.provider()
    return people.owner(people.customer())


def test_five_wrong_passwords_for_one_address_stop_even_the_right_one(client: Client, person: User) -> None:
    for number in range(5):
        sign_in(client, person.email, WRONG, REMOTE_ADDR=f"198.51.100.{number}")
    answer = sign_in(client, person.email, REMOTE_ADDR="198.51.100.99")
    assert answer.status_code == 200
    assert not is_signed_in(client)
    assert "fünf Minuten" in answer.content.decode() or "five minutes" in answer.content.decode()


def test_ten_wrong_passwords_from_one_address_stop_every_account(client: Client, person: User) -> None:
    for number in range(10):
        sign_in(client, f"nobody{number}@example.com", WRONG)
    sign_in(client, person.email)
    assert not is_signed_in(client)


def test_a_forwarded_address_counts_for_nothing_without_a_trusted_proxy(client: Client, person: User) -> None:
    for number in range(10):
        sign_in(client, f"nobody{number}@example.com", WRONG, HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")
    sign_in(client, person.email, HTTP_X_FORWARDED_FOR="203.0.113.200")
    assert not is_signed_in(client)


def test_behind_one_trusted_proxy_the_forwarded_address_counts(client: Client, person: User, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(10):
        sign_in(client, f"nobody{number}@example.com", WRONG, HTTP_X_FORWARDED_FOR=f"1.2.3.4, 203.0.113.{number}")
    sign_in(client, person.email, HTTP_X_FORWARDED_FOR="203.0.113.200")
    assert is_signed_in(client)


def test_a_success_does_not_wipe_the_count_of_failures(client: Client, person: User) -> None:
    for number in range(9):
        sign_in(Client(), f"nobody{number}@example.com", WRONG)
    sign_in(Client(), person.email)
    sign_in(Client(), "nobody@example.com", WRONG)
    sign_in(client, person.email)
    assert not is_signed_in(client)


@pytest.mark.parametrize(("name", "field", "limit"), [("account_reset_password", "email", 20), ("account_signup", "email", 20)])
def test_pages_that_send_mail_are_limited_by_address_of_the_sender(name: str, field: str, limit: int, client: Client, person: User) -> None:
    statuses = [client.post(reverse(name), {field: f"nobody{number}@example.com"}).status_code for number in range(limit + 1)]
    assert 429 not in statuses[:limit]
    assert statuses[limit] == 429


def test_reset_is_limited_per_mailbox(client: Client, person: User) -> None:
    for number in range(6):
        client.post(reverse("account_reset_password"), {"email": person.email}, REMOTE_ADDR=f"198.51.100.{number}")
    assert len(mail.outbox) == 5


def test_entering_the_password_again_is_limited(client: Client, person: User) -> None:
    people.log_in(client, person)
    answers = [client.post(reverse("account_reauthenticate"), {"password": WRONG}, REMOTE_ADDR=f"198.51.100.{n}") for n in range(11)]
    assert answers[-1].status_code == 429 or "Versuche" in answers[-1].content.decode()
    client.post(reverse("account_reauthenticate"), {"password": people.PASSWORD}, REMOTE_ADDR="198.51.100.99")
    assert client.get(reverse("account_token_new")).status_code == 302
