"""A company registers in one form, once, and nobody learns from it who has an account."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from customers.models import CLOSED, Customer, Membership, Role, User
from customers.services import CompanyDetails, EmailTaken, PersonDetails, register
from evidence.models import Event
from tests.factories import customers as people

pytestmark = pytest.mark.django_db
ENTERED = {
    "full_name": "Erika Muster",
    "function": "Geschäftsführerin",
    "email": "Erika@Muster-Verlag.example",
    "password1": people.PASSWORD,
    "legal_name": "Muster Verlag GmbH & Co. KG",
    "street": "Beispielweg 1",
    "postcode": "20095",
    "city": "Hamburg",
    "country": "DE",
    "register_number": "Amtsgericht Hamburg, HRA 1",
    "vat_number": "",
    "acts_as": "controller",
}


@pytest.fixture(autouse=True)
def provider() -> None:
    people.provider()


def send(client: Client, **changed: str) -> HttpResponse:
    return client.post(reverse("account_signup"), {**ENTERED, **changed})  # type: ignore[return-value]


def test_one_form_makes_person_company_and_roles(client: Client) -> None:
    answer = send(client)
    assert answer["Location"] == reverse("account_email_verification_sent")
    user, customer = User.objects.get(), Customer.objects.get()
    assert (user.email, user.full_name, user.function, user.customer) == (
        "erika@muster-verlag.example",
        "Erika Muster",
        "Geschäftsführerin",
        customer,
    )
    assert (customer.legal_name, customer.country, customer.acts_as) == ("Muster Verlag GmbH & Co. KG", "DE", "controller")
    assert user.roles_for(customer) == {Role.OWNER, Role.SIGNATORY, Role.PRIVACY_CONTACT}
    assert user.agreement_valid_until == customer.agreement_valid_until == CLOSED
    assert not user.is_staff
    assert not user.is_superuser


def test_the_address_is_confirmed_by_a_button_not_by_reading_the_link(client: Client) -> None:
    send(client)
    link = re.search(r"http://testserver\S+", str(mail.outbox[0].body))
    assert link
    assert Client().get(link[0]).status_code == 200
    assert not EmailAddress.objects.get().verified
    client.post(link[0])
    assert EmailAddress.objects.get().verified


def test_the_form_sent_twice_makes_one_company_and_answers_the_same(client: Client) -> None:
    first, second = send(client), send(Client())
    assert (first.status_code, first["Location"]) == (second.status_code, second["Location"])
    assert (User.objects.count(), Customer.objects.count(), Membership.objects.count()) == (1, 1, 3)


def test_a_known_address_is_answered_like_a_new_one(client: Client) -> None:
    known = people.owner(people.customer())
    taken, free = send(Client(), email=known.email), send(Client(), email="free@example.com")
    assert (taken.status_code, taken["Location"], taken.content) == (free.status_code, free["Location"], free.content)
    assert [message.to for message in mail.outbox] == [[known.email], ["free@example.com"]]
    assert reverse("account_login") in str(mail.outbox[0].body)
    assert Customer.objects.filter(legal_name=ENTERED["legal_name"]).count() == 1


def test_two_registrations_that_meet_make_one_company(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one passes the check of the address before the first one is written."""
    send(Client())
    monkeypatch.setattr("allauth.account.forms.BaseSignupForm.validate_unique_email", lambda _form, value: value)
    answer = send(client)
    assert answer["Location"] == reverse("account_email_verification_sent")
    assert (User.objects.count(), Customer.objects.count()) == (1, 1)


def test_a_taken_address_is_refused_in_the_service_before_a_company_is_made() -> None:
    known = people.owner(people.customer())
    person = PersonDetails("Erika Muster", "GF", known.email.upper(), people.PASSWORD, "de")
    company = CompanyDetails("Zweite GmbH", "Weg 1", "20095", "Hamburg", "DE")
    with pytest.raises(EmailTaken):
        register(person=person, company=company, at=timezone.now())
    assert not Customer.objects.filter(legal_name="Zweite GmbH").exists()


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("full_name", "", "Enter your first name and surname"),
        ("function", "", "Enter your function in the company"),
        ("email", "", "Enter your e-mail address"),
        ("email", "erika", "Enter the e-mail address in the format name@example.com"),
        ("password1", "", "Enter a password"),
        ("legal_name", "", "Enter the company’s registered name"),
        ("legal_name", "Win at https://evil.example", "Enter a name without a web address."),
        ("full_name", "www.evil.example", "Enter a name without a web address."),
        ("street", "", "Enter street and number"),
        ("country", "", "Choose the country"),
        ("acts_as", "", "Choose whose data the company processes"),
    ],
)
def test_a_mistake_is_named_and_what_was_entered_stays(field: str, value: str, message: str, client: Client) -> None:
    with translation.override("en"):
        answer = send(client, **{field: value})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.count(message) == 2, "in the summary and beside the field"
    assert "<title>Error:" in page
    assert 'aria-invalid="true"' in page
    for other in ("street", "city", "function"):
        if other != field:
            assert f'value="{ENTERED[other]}"' in page
    assert people.PASSWORD not in page
    assert not User.objects.exists()
    assert not Customer.objects.exists()


@pytest.mark.parametrize("country", ["XX", "de", "DEU"])
def test_an_unknown_country_is_refused(country: str, client: Client) -> None:
    assert send(client, country=country).status_code == 200
    assert not Customer.objects.exists()


def test_fields_that_the_form_does_not_have_change_nothing(client: Client) -> None:
    send(client, is_staff="on", is_superuser="1", agreement_valid_until="9999-12-31", customer="1", reference="x", closed_at="2026-01-01")
    user = User.objects.get()
    assert (user.is_staff, user.is_superuser, user.agreement_valid_until) == (False, False, CLOSED)
    assert Customer.objects.get().closed_at is None


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_language_of_the_page_is_the_persons_language(language: str, client: Client) -> None:
    with translation.override(language):
        send(client)
    assert User.objects.get().language == Customer.objects.get().language == language


def test_every_personal_field_says_what_it_is_for(client: Client) -> None:
    page = client.get(reverse("account_signup")).content.decode()
    found = dict(re.findall(r'<(?:input|select)[^>]* name="(\w+)"[^>]* autocomplete="([\w-]+)"', page))
    assert found == {
        "full_name": "name",
        "function": "organization-title",
        "email": "email",
        "password1": "new-password",
        "legal_name": "organization",
        "street": "address-line1",
        "postcode": "postal-code",
        "city": "address-level2",
        "country": "country",
        "register_number": "off",
        "vat_number": "off",
    }
    assert "placeholder" not in page


def test_registration_is_evidence_without_a_name(client: Client) -> None:
    send(client)
    [recorded] = [bytes(event.canonical).decode() for event in Event.objects.all() if b"customers.registered" in bytes(event.canonical)]
    assert str(Customer.objects.get().reference) in recorded
    for word in ("Erika", "Muster", "example", "Hamburg"):
        assert word not in recorded


def test_where_somebody_wanted_to_go_survives_registration(client: Client) -> None:
    client.post(f"{reverse('account_signup')}?next=/de/agreement/", {**ENTERED, "next": "/de/agreement/"})
    link = re.search(r"http://testserver\S+", str(mail.outbox[0].body))
    assert link
    assert client.post(link[0])["Location"] == "/de/agreement/"


def test_passwords_like_the_own_address_are_refused(client: Client) -> None:
    answer = send(client, email="quiet.lanterns@example.com", password1="quiet.lanterns")
    assert answer.status_code == 200
    assert not User.objects.exists()


def test_mails_are_text_and_html_with_the_same_words(client: Client, settings: Any) -> None:
    send(client)
    message = mail.outbox[0]
    assert isinstance(message, mail.EmailMultiAlternatives)
    html = str(message.alternatives[0][0])
    assert "<html lang=" in html
    assert "src=" not in html
    link = re.search(r"http://testserver\S+", str(message.body))
    assert link
    assert f'href="{link[0]}"' in html
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    assert "GmbH" in str(message.body), "who writes is named"
