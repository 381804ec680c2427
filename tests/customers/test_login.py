"""Signing in, out, and setting a new password: each setting as people and attackers meet it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.core import mail
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from customers.models import CLOSED, User
from tests.factories import customers as people
from tests.factories.customers import is_signed_in, sign_in

pytestmark = pytest.mark.django_db
WRONG = "not the right words"


@pytest.fixture
def person() -> User:
    people.provider()
    return people.owner(people.customer())


def confirm(client: Client) -> None:
    client.post(reverse("account_reauthenticate"), {"password": people.PASSWORD})


def without_tokens(answer: HttpResponse, *addresses: str) -> str:
    """Return the page with what differs between any two answers blanked: tokens against forgery, the address entered."""
    page = answer.content.decode()
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)
    for address in addresses:
        page = page.replace(address, "ADDRESS")
    return page


def link_in(message: mail.EmailMessage) -> str:
    found = re.search(r"^(http://testserver\S+)$", str(message.body), re.MULTILINE)
    assert found
    return found[1]


def test_the_right_password_opens_the_account_in_any_spelling_of_the_address(client: Client, person: User) -> None:
    answer = sign_in(client, person.email.upper())
    assert answer.status_code == 302
    assert answer["Location"] == reverse("account")
    assert is_signed_in(client)


def test_login_answers_an_unknown_address_like_a_wrong_password(client: Client, person: User) -> None:
    known = sign_in(client, person.email, WRONG)
    unknown = sign_in(Client(), "nobody@example.com", WRONG)
    assert known.status_code == unknown.status_code == 200
    assert without_tokens(known, person.email) == without_tokens(unknown, "nobody@example.com")
    assert "Fehler:" in known.content.decode()


def test_reset_answers_an_unknown_address_like_a_known_one(client: Client, person: User) -> None:
    known = client.post(reverse("account_reset_password"), {"email": person.email})
    unknown = Client().post(reverse("account_reset_password"), {"email": "nobody@example.com"})
    assert (
        (known.status_code, known["Location"])
        == (unknown.status_code, unknown["Location"])
        == (302, reverse("account_reset_password_done"))
    )
    assert [message.to for message in mail.outbox] == [[person.email], ["nobody@example.com"]]
    assert "/password/reset/" in link_in(mail.outbox[0])
    assert link_in(mail.outbox[1]).endswith(reverse("account_signup"))


def test_a_reset_link_sets_the_password_once_and_does_not_sign_in(client: Client, person: User) -> None:
    client.post(reverse("account_reset_password"), {"email": person.email})
    link = link_in(mail.outbox[0])
    form = client.get(link)["Location"]
    fresh = "nine quiet lanterns burn"
    answer = client.post(form, {"password1": fresh, "password2": fresh})
    assert answer["Location"] == reverse("account_reset_password_from_key_done")
    assert not is_signed_in(client)
    assert "password1" not in Client().get(link, follow=True).content.decode()
    assert sign_in(Client(), person.email, fresh).status_code == 302
    assert mail.outbox[-1].to == [person.email], "the change is told by mail"


def test_a_reset_does_not_spare_the_second_factor(client: Client, person: User) -> None:
    people.set_up_second_factor(person)
    client.post(reverse("account_reset_password"), {"email": person.email})
    fresh = "nine quiet lanterns burn"
    client.post(client.get(link_in(mail.outbox[0]))["Location"], {"password1": fresh, "password2": fresh})
    answer = sign_in(client, person.email, fresh)
    assert answer["Location"] == reverse("mfa_authenticate")
    assert not is_signed_in(client)


def test_signing_in_makes_a_new_session_key(client: Client, person: User) -> None:
    client.get(reverse("account_login"))
    session = client.session
    session["visited"] = True
    session.save()
    before = client.cookies["session"].value
    sign_in(client, person.email)
    assert client.cookies["session"].value != before
    assert not Session.objects.filter(pk=before).exists()


def test_the_session_ends_with_the_browser_and_after_half_a_day(client: Client, person: User, settings: Any) -> None:
    sign_in(client, person.email)
    assert client.cookies["session"]["max-age"] == ""
    assert client.cookies["session"]["httponly"]
    assert client.session.get_expire_at_browser_close()
    assert timedelta(hours=12).total_seconds() == settings.SESSION_COOKIE_AGE


def test_reading_the_logout_page_does_not_sign_out(client: Client, person: User) -> None:
    people.log_in(client, person)
    assert client.get(reverse("account_logout")).status_code == 200
    assert is_signed_in(client)
    client.post(reverse("account_logout"))
    assert not is_signed_in(client)


def test_a_closed_account_is_refused_on_the_next_request(client: Client, person: User) -> None:
    people.log_in(client, person)
    assert client.get(reverse("account_people")).status_code == 200
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert client.get(reverse("account_people")).status_code == 302


def test_an_address_must_be_confirmed_before_signing_in(client: Client, person: User) -> None:
    EmailAddress.objects.filter(user=person).update(verified=False)
    answer = sign_in(client, person.email)
    assert answer["Location"] == reverse("account_email_verification_sent")
    assert not is_signed_in(client)
    assert mail.outbox[0].to == [person.email]


# --- changes that need the password again --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mfa_activate_totp", "mfa_add_webauthn", "account_token_new"])
def test_sensitive_pages_ask_for_the_password_again(name: str, client: Client, person: User) -> None:
    people.log_in(client, person)
    answer = client.get(reverse(name))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_reauthenticate"))


def test_a_new_address_asks_for_the_password_again(client: Client, person: User) -> None:
    people.log_in(client, person)
    answer = client.post(reverse("account_email"), {"email": "new@example.com", "action_add": "1"})
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert not EmailAddress.objects.filter(email="new@example.com").exists()


def test_the_confirmation_lasts_five_minutes(client: Client, person: User, settings: Any) -> None:
    people.log_in(client, person)
    confirm(client)
    assert client.get(reverse("account_token_new")).status_code == 200
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= settings.ACCOUNT_REAUTHENTICATION_TIMEOUT + 1
    session.save()
    assert settings.ACCOUNT_REAUTHENTICATION_TIMEOUT == 300
    assert client.get(reverse("account_token_new")).status_code == 302


def test_a_new_address_counts_when_it_is_confirmed_and_both_are_told(client: Client, person: User) -> None:
    old = person.email
    people.log_in(client, person)
    confirm(client)
    client.post(reverse("account_email"), {"email": "New@Example.com", "action_add": "1"})
    person.refresh_from_db()
    assert person.email == old
    client.post(link_in(mail.outbox[0]))
    person.refresh_from_db()
    assert person.email == "new@example.com"
    assert [old] in [message.to for message in mail.outbox]
    assert sign_in(Client(), "new@example.com").status_code == 302


def test_somebody_elses_address_is_answered_like_a_free_one(client: Client, person: User) -> None:
    other = people.stranger()
    people.log_in(client, person)
    confirm(client)
    taken = client.post(reverse("account_email"), {"email": other.email, "action_add": "1"})
    free = client.post(reverse("account_email"), {"email": "free@example.com", "action_add": "1"})
    assert (taken.status_code, taken["Location"]) == (free.status_code, free["Location"]) == (302, reverse("account_email"))


def test_a_changed_password_ends_every_session(person: User) -> None:
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        sign_in(client, person.email)
        assert client.get(reverse("account_people")).status_code == 200
    fresh = "nine quiet lanterns burn"
    here.post(reverse("account_change_password"), {"oldpassword": people.PASSWORD, "password1": fresh, "password2": fresh})
    assert elsewhere.get(reverse("account_people")).status_code == 302
    assert here.get(reverse("account_people")).status_code == 302
    assert mail.outbox[-1].to == [person.email]


@pytest.mark.parametrize("password", ["short", "q1w2e3r4t5y6", "123456123456"])
def test_weak_passwords_are_refused(password: str, client: Client, person: User) -> None:
    sign_in(client, person.email)
    entered = {"oldpassword": people.PASSWORD, "password1": password, "password2": password}
    assert client.post(reverse("account_change_password"), entered).status_code == 200
    person.refresh_from_db()
    assert person.check_password(people.PASSWORD)


def test_other_sessions_can_be_ended(person: User) -> None:
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        sign_in(client, person.email)
        client.get(reverse("account_security"))
    here.post(reverse("usersessions_list"))
    assert elsewhere.get(reverse("account_people")).status_code == 302
    assert here.get(reverse("account_people")).status_code == 200


# --- where one lands -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "http://testserver/de/account/people/",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "http:/evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        " //evil.example",
        "https:evil.example",
        "%2F%2Fevil.example",
    ],
)
def test_login_leads_to_no_other_host(target: str, client: Client, person: User) -> None:
    answer = client.post(reverse("account_login"), {"login": person.email, "password": people.PASSWORD, "next": target})
    assert answer.status_code == 302
    assert answer["Location"] == reverse("account")


def test_login_leads_back_to_the_page_that_asked(client: Client, person: User) -> None:
    asked = client.get(reverse("account_people"))
    assert asked["Location"] == f"{reverse('account_login')}?next={reverse('account_people')}"
    answer = client.post(asked["Location"], {"login": person.email, "password": people.PASSWORD})
    assert answer["Location"] == reverse("account_people")


def test_staff_lands_at_work(client: Client) -> None:
    user = people.person(is_staff=True)
    assert sign_in(client, user.email)["Location"] == reverse("manage")


def test_staff_who_asked_for_a_page_come_to_that_page(client: Client) -> None:
    user = people.person(is_staff=True)
    asked = reverse("admin:index")
    answer = client.post(reverse("account_login"), {"login": user.email, "password": people.PASSWORD, "next": asked})
    assert answer["Location"] == asked


def test_a_forged_host_reaches_no_mail(client: Client, person: User, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    client.post(reverse("account_reset_password"), {"email": person.email}, HTTP_HOST="evil.example")
    client.post(reverse("account_reset_password"), {"email": "nobody@example.com"}, HTTP_HOST="evil.example")
    EmailAddress.objects.filter(user=person).update(verified=False)
    sign_in(client, person.email, HTTP_HOST="evil.example")
    assert len(mail.outbox) == 3
    for message in mail.outbox:
        whole = message.message().as_string() + str(message.body)
        assert "evil.example" not in whole
        assert link_in(message).startswith("http://testserver/")


def test_people_in_front_of_the_gate_can_still_secure_their_account(client: Client) -> None:
    user = people.owner(people.customer(agreement_valid_until=CLOSED))
    assert sign_in(client, user.email)["Location"] == reverse("account")
