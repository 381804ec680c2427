"""The second factor: asked wherever one signs in, exact in time, each recovery code once, and demanded of staff."""

from __future__ import annotations

import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from customers.access import StaffRequest, staff_page
from customers.models import User
from tests.factories import customers as people

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    people.provider()
    return people.owner(people.customer())


def code_at(moment: float) -> str:
    return format_hotp_value(hotp_value(people.TOTP_SECRET, int(moment) // 30))


def sign_in(client: Client, user: User) -> HttpResponse:
    return client.post(reverse("account_login"), {"login": user.email, "password": people.PASSWORD})  # type: ignore[return-value]


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


@pytest.fixture
def still_time(monkeypatch: pytest.MonkeyPatch) -> float:
    moment = float(int(time.time()) // 30 * 30 + 5)
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.time.time", lambda: moment)
    return moment


def test_the_password_alone_does_not_sign_in(client: Client, person: User, still_time: float) -> None:
    people.set_up_second_factor(person)
    assert sign_in(client, person)["Location"] == reverse("mfa_authenticate")
    assert client.get(reverse("account_people")).status_code == 302
    assert client.post(reverse("mfa_authenticate"), {"code": code_at(still_time)})["Location"] == reverse("account")
    assert is_signed_in(client)


@pytest.mark.parametrize("steps", [-2, -1, 1, 2])
def test_a_code_of_another_half_minute_is_refused(steps: int, client: Client, person: User, still_time: float) -> None:
    people.set_up_second_factor(person)
    sign_in(client, person)
    answer = client.post(reverse("mfa_authenticate"), {"code": code_at(still_time + 30 * steps)})
    assert answer.status_code == 200
    assert not is_signed_in(client)


def test_a_code_works_once(person: User, still_time: float) -> None:
    people.set_up_second_factor(person)
    first, second = Client(), Client()
    for client in (first, second):
        sign_in(client, person)
        client.post(reverse("mfa_authenticate"), {"code": code_at(still_time)})
    assert is_signed_in(first)
    assert not is_signed_in(second)


def test_a_recovery_code_works_once(person: User) -> None:
    code = people.set_up_second_factor(person)[0]
    first, second = Client(), Client()
    for client in (first, second):
        sign_in(client, person)
        client.post(reverse("mfa_authenticate"), {"code": code})
    assert is_signed_in(first)
    assert not is_signed_in(second)


def test_guessing_codes_is_limited(client: Client, person: User, still_time: float) -> None:
    people.set_up_second_factor(person)
    sign_in(client, person)
    for _attempt in range(10):
        client.post(reverse("mfa_authenticate"), {"code": "000000"})
    client.post(reverse("mfa_authenticate"), {"code": code_at(still_time)})
    assert not is_signed_in(client)


def test_setting_up_an_app_shows_recovery_codes_once(client: Client, person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    people.log_in(client, person)
    client.post(reverse("account_reauthenticate"), {"password": people.PASSWORD})
    client.get(reverse("mfa_activate_totp"))
    secret = client.session["mfa.totp.secret"]
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    answer = client.post(reverse("mfa_activate_totp"), {"code": code})
    assert answer["Location"] == reverse("mfa_view_recovery_codes")
    codes = Authenticator.objects.get(user=person, type=Authenticator.Type.RECOVERY_CODES).wrap().get_unused_codes()
    assert len(codes) == 10
    first, second = (client.get(reverse("mfa_view_recovery_codes")).content.decode() for _ in range(2))
    assert all(code in first for code in codes)
    assert not any(code in second for code in codes)


def test_the_key_of_an_app_is_encrypted_in_the_database(person: User) -> None:
    people.set_up_second_factor(person)
    stored = Authenticator.objects.get(user=person, type=Authenticator.Type.TOTP)
    assert people.TOTP_SECRET not in str(stored.data)
    assert stored.wrap().validate_code(code_at(time.time()))


def test_a_key_from_before_a_change_of_the_secret_key_is_still_read(person: User, settings: Any) -> None:
    people.set_up_second_factor(person)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key of fifty characters, kept elsewhere, yes"
    stored = Authenticator.objects.get(user=person, type=Authenticator.Type.TOTP)
    assert stored.wrap().validate_code(code_at(time.time()))


# --- staff ---------------------------------------------------------------------------------------------------------


@staff_page("customers.view_customer")
def desk(request: StaffRequest) -> HttpResponse:
    return HttpResponse("the desk")


def ask_desk(client: Client, user: User) -> HttpResponse:
    request: HttpRequest = RequestFactory().get("/de/desk/?kind=open")
    request.user, request.session = user, client.session  # type: ignore[assignment]
    return desk(request)


@pytest.mark.parametrize("kind", ["customer", "staff without the permission"])
def test_others_are_refused_at_a_staff_page(kind: str, client: Client, person: User) -> None:
    user = person if kind == "customer" else people.staff("editor")
    if kind == "customer":
        user.user_permissions.add(Permission.objects.get(codename="view_customer"))
    people.log_in(client, user, mfa=True)
    with pytest.raises(PermissionDenied):
        ask_desk(client, user)


def test_staff_with_permission_and_second_factor_enters(client: Client) -> None:
    user = people.staff("support")
    people.log_in(client, user, mfa=True)
    assert ask_desk(client, user).content == b"the desk"


def test_staff_is_asked_for_the_second_factor_and_led_back(client: Client) -> None:
    user = people.staff("support")
    people.log_in(client, user)
    answer = ask_desk(client, user)
    assert answer.status_code == 302
    assert answer["Location"] == f"{reverse('mfa_reauthenticate')}?next=%2Fde%2Fdesk%2F%3Fkind%3Dopen"


def test_staff_with_a_security_key_alone_is_asked_for_the_key(client: Client) -> None:
    user = people.staff("support")
    Authenticator.objects.filter(user=user).delete()
    Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data={})
    people.log_in(client, user)
    assert ask_desk(client, user)["Location"].startswith(reverse("mfa_reauthenticate_webauthn"))


def test_staff_without_a_second_factor_is_told_how_to_set_one_up(client: Client) -> None:
    user = people.staff("support")
    Authenticator.objects.filter(user=user).delete()
    people.log_in(client, user)
    answer = ask_desk(client, user)
    assert answer.status_code == 403
    assert answer.template_name == "customers/second_factor_needed.html"  # type: ignore[attr-defined]


def test_another_persons_second_factor_in_the_same_session_counts_for_nothing(client: Client, person: User) -> None:
    user = people.staff("support")
    people.log_in(client, user, mfa=True)
    session = client.session
    session["account_authentication_methods_user"] = str(person.pk)
    session.save()
    assert ask_desk(client, user).status_code == 302


# --- the admin -----------------------------------------------------------------------------------------------------


def test_the_admin_sends_visitors_to_our_login(client: Client) -> None:
    answer = client.get(reverse("admin:index"), follow=True)
    assert answer.redirect_chain[-1][0].startswith(reverse("account_login"))
    forged = client.post(reverse("admin:login"), {"username": "a@example.com", "password": people.PASSWORD})
    assert forged.status_code == 302
    assert forged["Location"].startswith(reverse("account_login"))


def test_the_admin_refuses_a_superuser_without_a_second_factor(client: Client) -> None:
    people.provider()
    user = people.person(is_staff=True, is_superuser=True)
    people.log_in(client, user)
    answer = client.get(reverse("admin:customers_customer_changelist"), follow=True)
    assert answer.status_code == 403
    assert reverse("mfa_index") in answer.content.decode()


def test_the_admin_asks_a_superuser_for_the_second_factor_of_this_session(client: Client) -> None:
    people.provider()
    user = people.person(is_staff=True, is_superuser=True)
    people.set_up_second_factor(user)
    people.log_in(client, user)
    login = client.get(reverse("admin:customers_customer_changelist"))["Location"]
    assert client.get(login)["Location"].startswith(reverse("mfa_reauthenticate"))
    people.log_in(client, user, mfa=True)
    assert client.get(reverse("admin:customers_customer_changelist")).status_code == 200


def test_the_admin_refuses_customers(client: Client, person: User) -> None:
    people.log_in(client, person, mfa=True)
    assert client.get(reverse("admin:login")).status_code == 403
