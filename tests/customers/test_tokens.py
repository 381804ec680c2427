"""API tokens: shown once, kept as a hash, dead when anything they stand on dies."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from customers.authentication import TokenAuthentication
from customers.models import ApiToken, Customer, Membership, Role, Scope, User
from customers.services import issue_token, revoke_token, set_roles, switch_customer
from tests.factories import customers as people

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Customer:
    people.provider()
    return people.customer()


@pytest.fixture
def owner(company: Customer) -> User:
    return people.owner(company)


def issue(company: Customer, owner: User, name: str = "shop", days: int = 90) -> tuple[ApiToken, str]:
    now = timezone.now()
    return issue_token(customer=company, name=name, scopes=["agreement:read"], expires_at=now + timedelta(days=days), by=owner, at=now)


def authenticate(header: str | None) -> Any:
    extra = {} if header is None else {"HTTP_AUTHORIZATION": header}
    return TokenAuthentication().authenticate(Request(APIRequestFactory().get("/api/v1/agreement/", **extra)))


def test_a_token_speaks_for_its_company(company: Customer, owner: User) -> None:
    token, secret = issue(company, owner)
    user, found = authenticate(f"Bearer {secret}")
    assert (user, found, user.customer) == (owner, token, company)
    assert found.agreement_valid_until == company.agreement_valid_until
    assert found.may("agreement:read")
    assert not found.may("documents:read")


def test_a_token_speaks_for_its_company_when_its_creator_works_for_another(company: Customer, owner: User) -> None:
    _token, secret = issue(company, owner)
    other = people.customer()
    Membership.objects.create(customer=other, user=owner, role=Role.OWNER, created_at=timezone.now())
    switch_customer(user=owner, customer=other)
    user, token = authenticate(f"Bearer {secret}")
    assert token.customer == user.customer == company
    owner.refresh_from_db()
    assert owner.customer == other, "nothing is written"


@pytest.mark.parametrize("header", [None, "", "Basic Y3B0OmNwdA==", "Token abc"])
def test_other_schemes_are_left_to_others(header: str | None) -> None:
    assert authenticate(header) is None


@pytest.mark.parametrize("secret", ["", "cpt_", "cpt_" + "x" * 43, "nonsense", "cpt_ä", "cpt_a b", "x" * 10_000])
def test_an_unknown_token_is_refused(secret: str, company: Customer, owner: User) -> None:
    issue(company, owner)
    with pytest.raises(AuthenticationFailed):
        authenticate(f"Bearer {secret}")


def end_by_time(token: ApiToken, _owner: User) -> None:
    ApiToken.objects.filter(pk=token.pk).update(created_at=timezone.now() - timedelta(days=2), expires_at=timezone.now())


def end_by_revoking(token: ApiToken, owner: User) -> None:
    revoke_token(token=token, by=owner, at=timezone.now())


def end_with_membership(token: ApiToken, owner: User) -> None:
    Membership.objects.filter(customer=token.customer, user=owner).delete()


def end_with_person(_token: ApiToken, owner: User) -> None:
    User.objects.filter(pk=owner.pk).update(is_active=False)


def end_with_company(token: ApiToken, _owner: User) -> None:
    Customer.objects.filter(pk=token.customer_id).update(closed_at=timezone.now())


@pytest.mark.parametrize("end", [end_by_time, end_by_revoking, end_with_membership, end_with_person, end_with_company])
def test_a_token_dies_with(end: Any, company: Customer, owner: User) -> None:
    token, secret = issue(company, owner)
    authenticate(f"Bearer {secret}")
    end(token, owner)
    with pytest.raises(AuthenticationFailed):
        authenticate(f"Bearer {secret}")


def test_a_token_survives_the_loss_of_one_role_among_several(company: Customer, owner: User) -> None:
    people.owner(company)
    _token, secret = issue(company, owner)
    set_roles(customer=company, user=owner, roles=[Role.SIGNATORY], by=owner, at=timezone.now())
    assert authenticate(f"Bearer {secret}")


def test_refusals_ask_for_a_bearer_token(company: Customer) -> None:
    assert TokenAuthentication().authenticate_header(Request(APIRequestFactory().get("/"))) == "Bearer"


def test_a_request_costs_one_query_and_notes_its_use_once_a_minute(company: Customer, owner: User) -> None:
    token, secret = issue(company, owner)
    authenticate(f"Bearer {secret}")
    token.refresh_from_db()
    first = token.last_used_at
    assert first
    with CaptureQueriesContext(connection) as captured:
        user, found = authenticate(f"Bearer {secret}")
        assert found.customer.legal_name
        assert user.customer.agreement_valid_until
    assert len(captured) == 1
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=first - timedelta(minutes=1))
    authenticate(f"Bearer {secret}")
    token.refresh_from_db()
    assert token.last_used_at
    assert token.last_used_at >= first


def test_a_token_has_256_random_bits_and_a_prefix_for_scanners(company: Customer, owner: User) -> None:
    _token, secret = issue(company, owner)
    assert re.fullmatch(r"cpt_[A-Za-z0-9_-]{43}", secret)


def test_a_thousand_tokens_leave_no_trace_in_the_database(company: Customer, owner: User) -> None:
    secrets = {issue(company, owner, str(number))[1] for number in range(1000)}
    assert len(secrets) == 1000
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(table_name) FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        tables = [row[0] for row in cursor.fetchall()]
        dump = ""
        for table in tables:
            cursor.execute(f"SELECT coalesce(string_agg(t::text, E'\\n'), '') FROM {table} t")
            dump += cursor.fetchone()[0]
    assert len(dump) > 100_000
    assert not [secret for secret in secrets if secret in dump or secret.removeprefix("cpt_") in dump]


def test_the_page_shows_the_secret_once_and_to_no_cache(client: Client, company: Customer, owner: User) -> None:
    people.log_in(client, owner)
    client.post(reverse("account_reauthenticate"), {"password": people.PASSWORD})
    answer = client.post(reverse("account_token_new"), {"name": "shop", "scopes": ["agreement:read"], "days": "90"})
    shown = re.findall(r"cpt_[A-Za-z0-9_-]{43}", answer.content.decode())
    assert len(shown) == 1
    assert answer["Cache-Control"] == "no-store"
    assert authenticate(f"Bearer {shown[0]}")
    assert shown[0] not in client.get(reverse("account_tokens")).content.decode()
    token = ApiToken.objects.get()
    assert token.expires_at - token.created_at == timedelta(days=90)


@pytest.mark.parametrize(
    "entered",
    [
        {"name": "", "scopes": ["agreement:read"], "days": "90"},
        {"name": "x", "days": "90"},
        {"name": "x", "scopes": ["everything"], "days": "90"},
        {"name": "x", "scopes": ["agreement:read"], "days": "36500"},
    ],
)
def test_an_incomplete_token_is_not_issued(entered: dict[str, Any], client: Client, owner: User) -> None:
    people.log_in(client, owner)
    client.post(reverse("account_reauthenticate"), {"password": people.PASSWORD})
    assert client.post(reverse("account_token_new"), entered).status_code == 422
    assert not ApiToken.objects.exists()


def test_issuing_is_refused_to_other_roles(client: Client, company: Customer) -> None:
    people.log_in(client, people.colleague(company))
    client.post(reverse("account_reauthenticate"), {"password": people.PASSWORD})
    entered = {"name": "x", "scopes": ["agreement:read"], "days": "90"}
    assert client.post(reverse("account_token_new"), entered).status_code == 403
    assert not ApiToken.objects.exists()


def test_an_owner_revokes_on_the_page(client: Client, company: Customer, owner: User) -> None:
    token, secret = issue(company, owner)
    people.log_in(client, owner)
    assert token.name in client.get(reverse("account_tokens")).content.decode()
    client.post(reverse("account_token_revoke", args=[token.pk]))
    with pytest.raises(AuthenticationFailed):
        authenticate(f"Bearer {secret}")
    first = ApiToken.objects.get().revoked_at
    revoke_token(token=token, by=owner, at=timezone.now())
    assert ApiToken.objects.get().revoked_at == first


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_form_and_the_pages_name_acting_as_well_as_reading(client: Client, owner: User, language: str) -> None:
    """Some scopes record, activate or ask for a deletion; a form that says “read” would have them given away unawares."""
    people.log_in(client, owner)
    client.post(reverse("account_reauthenticate"), {"password": people.PASSWORD})
    with override(language):
        pages = {name: reverse(name) for name in ("account_token_new", "account_tokens")}
    form = html.unescape(client.get(pages["account_token_new"]).content.decode())
    asks, acts = ("Was das Token darf", "alles andere handelt für Ihr Unternehmen")
    if language == "en":
        asks, acts = ("What the token may do", "everything else acts for your company")
    assert asks in form
    assert acts in form
    entered = {"name": "shop", "scopes": ["subscriptions:write", "agreement:read"], "days": "90"}
    issued = html.unescape(client.post(pages["account_token_new"], entered).content.decode())
    listed = html.unescape(client.get(pages["account_tokens"]).content.decode())
    with override(language):
        names = [str(Scope(scope).label) for scope in ("subscriptions:write", "agreement:read")]
    for page in (issued, listed):
        assert all(name in page for name in names)
    for page in (form, issued, listed):
        assert not re.search(r"may read|darf lesen|kann lesen", page, re.IGNORECASE)
