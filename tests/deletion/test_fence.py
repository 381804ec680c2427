"""From the moment an erasure begins, the account takes nothing: no row, no session, no token."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.core.exceptions import FieldDoesNotExist
from django.db import OperationalError, connection, transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from customers.models import Customer, Scope, User
from customers.services import issue_token
from deletion import execution
from deletion.middleware import LateWrites
from deletion.plan import decisions
from tests.factories import customers as people
from tests.factories import erasure

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.usefixtures("verifier", "not_drawn")]


@pytest.fixture
def company() -> Customer:
    people.provider()
    return erasure.account(3)[0]


@pytest.fixture
def owner(company: Customer) -> User:
    return company.people_with("owner").get()


def fence(company: Customer, owner: User) -> None:
    execution.begin(erasure.due(company, owner), timezone.now(), 0)


def test_a_late_subscription_is_refused_and_one_of_another_account_is_not(company: Customer, owner: User) -> None:
    other = people.customer()
    fence(company, owner)
    with pytest.raises(OperationalError, match="is being erased"), transaction.atomic():
        erasure.subscribers(company, 1, "late")
    erasure.subscribers(other, 1, "late")


def test_a_row_cannot_be_moved_into_the_account(company: Customer, owner: User) -> None:
    other = people.customer()
    erasure.subscribers(other, 1)
    fence(company, owner)
    with pytest.raises(OperationalError, match="is being erased"), transaction.atomic():
        other.subscriptions.update(customer=company)


def test_every_table_with_the_key_of_an_account_refuses_late_rows() -> None:
    """A new table with a customer needs the trigger refuse_fenced: see deletion/migrations/0003_guards.py."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'refuse_fenced' AND tgenabled = 'A'")
        guarded = {table for (table,) in cursor.fetchall()}
    bookkeeping = {
        "deletion_casefile",
        "deletion_erasurerequest",
        "deletion_cancellation",
        "customers_user",
    }  # nulled or written by the erasure itself
    keyed = set()
    for model, _kept in decisions():
        try:
            column = model._meta.get_field("customer").column
        except FieldDoesNotExist:
            continue
        assert column == "customer_id"
        keyed.add(model._meta.db_table)
    assert keyed - bookkeeping == guarded
    assert {model._meta.db_table for model in apps.get_models() if hasattr(model, "customer_id")} - bookkeeping <= guarded


def test_sessions_end_and_nobody_signs_in_any_more(client: Client, company: Customer, owner: User) -> None:
    client.force_login(owner)
    assert client.get("/en/account/").status_code == 200
    fence(company, owner)
    assert not Session.objects.exists()
    assert client.get("/en/account/").status_code == 302
    people.sign_in(client, owner.email)
    assert not people.is_signed_in(client)


def test_a_token_of_the_account_is_answered_with_410_and_an_unknown_one_with_401(client: Client, company: Customer, owner: User) -> None:
    now = timezone.now()
    _token, secret = issue_token(
        customer=company, name="shop", scopes=[Scope.AGREEMENT], expires_at=now + datetime.timedelta(days=9), by=owner, at=now
    )
    request = erasure.due(company, owner)

    def answer(secret: str) -> Any:
        return client.get("/api/v1/agreement/", headers={"authorization": f"Bearer {secret}"})

    assert answer(secret).status_code != 410
    execution.begin(request, now, 0)
    gone = answer(secret)
    assert (gone.status_code, gone.json()["code"]) == (410, "account_erased")
    assert gone["Content-Type"] == "application/problem+json"
    assert answer("cpt_unknown").status_code == 401
    erasure.complete(request)
    assert answer(secret).status_code == 410


@pytest.mark.parametrize(
    ("path", "kind"), [("/api/v1/anything/", "application/problem+json"), ("/de/account/", "text/html; charset=utf-8")]
)
def test_a_late_write_behind_any_address_is_answered_with_410(
    rf: RequestFactory, company: Customer, owner: User, path: str, kind: str
) -> None:
    fence(company, owner)
    request = rf.post(path)
    request.user = AnonymousUser()
    middleware = LateWrites(lambda _request: HttpResponse())
    with pytest.raises(OperationalError) as refused, transaction.atomic():
        erasure.subscribers(company, 1, "late")
    answer = middleware.process_exception(request, refused.value)
    assert answer is not None
    assert (answer.status_code, answer["Content-Type"]) == (410, kind)
    assert middleware.process_exception(request, OperationalError("something else")) is None


def test_the_number_of_an_erased_account_is_never_used_again(company: Customer, owner: User) -> None:
    number = company.pk
    erasure.complete(erasure.due(company, owner))
    with pytest.raises(OperationalError, match="was erased"), transaction.atomic():
        people.customer(pk=number)
