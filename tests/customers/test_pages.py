"""Every page of this app answers, in both languages, from a template of our own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from customers.models import Customer, User
from customers.services import issue_token
from tests.factories import customers as people

pytestmark = pytest.mark.django_db
PUBLIC = ["account_login", "account_signup", "account_reset_password", "account_reset_password_done", "account_inactive"]
PUBLIC += ["account_email_verification_sent", "account_reset_password_from_key_done"]
SIGNED_IN = ["account", "account_profile", "account_security", "account_switch", "account_company", "account_people"]
SIGNED_IN += [
    "account_people_invite",
    "account_tokens",
    "account_email",
    "account_change_password",
    "account_logout",
    "account_reauthenticate",
    "mfa_index",
]
SIGNED_IN += ["mfa_list_webauthn", "usersessions_list"]
FRESHLY_CONFIRMED = ["account_token_new", "mfa_activate_totp", "mfa_add_webauthn"]
WITH_SECOND_FACTOR = ["mfa_generate_recovery_codes", "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_reauthenticate"]


@pytest.fixture
def company() -> Customer:
    people.provider()
    return people.customer()


@pytest.fixture
def owner(company: Customer) -> User:
    return people.owner(company)


def read(client: Client, name: str, language: str, *args: object) -> str:
    with translation.override(language):
        answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200, f"{name}: {answer.status_code}"
    page = answer.content.decode()
    assert f'<html lang="{language}"' in page
    assert page.count("<h1>") == 1
    assert "<title> –" not in page
    return page


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", PUBLIC)
def test_a_visitor_reads_the_page(name: str, language: str, client: Client, company: Customer) -> None:
    read(client, name, language)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", SIGNED_IN)
def test_an_owner_reads_the_page(name: str, language: str, client: Client, owner: User) -> None:
    people.log_in(client, owner)
    read(client, name, language)


@pytest.mark.parametrize("name", FRESHLY_CONFIRMED)
def test_an_owner_reads_the_page_after_entering_the_password_again(name: str, client: Client, owner: User) -> None:
    people.log_in(client, owner)
    client.post(reverse("account_reauthenticate"), {"password": people.PASSWORD})
    read(client, name, "de")


@pytest.mark.parametrize("name", WITH_SECOND_FACTOR)
def test_somebody_with_a_second_factor_reads_the_page(name: str, client: Client, owner: User) -> None:
    people.log_in(client, owner, mfa=True)
    client.post(reverse("account_reauthenticate"), {"password": people.PASSWORD})
    read(client, name, "de")


def test_pages_about_one_row_answer(client: Client, owner: User, company: Customer) -> None:
    people.log_in(client, owner)
    colleague = people.colleague(company)
    now = timezone.now()
    token, _secret = issue_token(
        customer=company, name="shop", scopes=["agreement:read"], expires_at=now + timedelta(days=1), by=owner, at=now
    )
    for name, number in (("account_person", colleague.pk), ("account_person_remove", colleague.pk), ("account_token_revoke", token.pk)):
        read(client, name, "de", number)


def test_somebody_without_a_company_is_told_so(client: Client) -> None:
    people.log_in(client, people.person(agreement_valid_until=people.IN_FORCE))
    answer = client.get(reverse("account"))
    assert answer.status_code == 403
    assert reverse("account_switch") in answer.content.decode()


def test_a_colleague_without_the_role_is_told_whom_to_ask(client: Client, owner: User, company: Customer) -> None:
    people.log_in(client, people.colleague(company))
    answer = client.get(reverse("account_company"))
    assert answer.status_code == 403
    assert owner.full_name in answer.content.decode()


def test_no_page_loads_anything_from_elsewhere_or_carries_inline_style(client: Client, owner: User) -> None:
    people.log_in(client, owner, mfa=True)
    for name in (*PUBLIC[-2:], *SIGNED_IN):
        page = read(client, name, "de")
        assert "style=" not in page, name
        assert "<script>" not in page, name
        assert "onclick" not in page, name


def test_every_reachable_template_is_ours() -> None:
    from django.template.loader import get_template

    from customers import login_urls

    views = [getattr(pattern.callback, "view_class", None) for pattern in login_urls.urlpatterns]
    names = {view.template_name for view in views if getattr(view, "template_name", None)}
    assert len(names) >= 20
    for name in names:
        origin = get_template(name).origin.name
        assert "site-packages" not in origin, name
