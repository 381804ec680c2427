"""What the database itself refuses, whoever writes."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone, translation

from customers import colours
from customers.countries import COUNTRIES, country_choices, country_name
from customers.models import CLOSED, ApiToken, Customer, Invitation, Membership, Provider, Role, User
from customers.services import load_sample_provider
from tests.factories import customers as people

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def refused(constraint: str, write: Any) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        write()


def test_addresses_are_unique_however_they_are_typed() -> None:
    people.person(email="erika@example.com")
    refused("email", lambda: User.objects.create_user("Erika@Example.COM", "x"))
    refused("user_email_is_lower_case", lambda: User.objects.create(email="Max@example.com"))


def test_everybody_starts_in_front_of_the_gate() -> None:
    user = User.objects.create_user("new@example.com")
    customer = Customer.objects.create(legal_name="X", street="", postcode="", city="", country="DE", created_at=NOW)
    assert user.agreement_valid_until == customer.agreement_valid_until == CLOSED
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM information_schema.columns"
            " WHERE column_name = 'agreement_valid_until' AND is_nullable = 'NO' AND column_default IS NOT NULL"
            " AND table_schema = 'public' AND table_name LIKE 'customers_%%'"
        )
        assert cursor.fetchone() == (3,)


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("customer_country_is_iso", {"country": "de"}),
        ("customer_language_known", {"language": "fr"}),
        ("customer_acts_as_known", {"acts_as": "owner"}),
        ("customer_closed_after_created", {"closed_at": NOW - timedelta(days=1), "created_at": NOW}),
    ],
)
def test_a_customer_is_refused(constraint: str, fields: dict[str, Any]) -> None:
    refused(constraint, lambda: people.customer(**fields))


def test_a_person_with_an_unknown_language_is_refused() -> None:
    refused("user_language_known", lambda: people.person(language="fr"))


def test_a_role_is_held_once_and_known() -> None:
    company = people.customer()
    owner = people.owner(company)
    refused("membership_once_per_role", lambda: Membership.objects.create(customer=company, user=owner, role=Role.OWNER, created_at=NOW))
    refused("membership_role_known", lambda: Membership.objects.create(customer=company, user=owner, role="god", created_at=NOW))


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("invitation_token_is_a_hash", {"token_hash": "the token itself"}),
        ("invitation_email_is_lower_case", {"email": "New@example.com"}),
        ("invitation_language_known", {"language": "fr"}),
        ("invitation_roles_known", {"roles": ["god"]}),
        ("invitation_roles_known", {"roles": []}),
        ("invitation_expires_later", {"expires_at": NOW}),
        ("invitation_ends_once", {"accepted_at": NOW, "withdrawn_at": NOW}),
        ("invitation_accepted_by_has_a_time", {"accepted_by": True}),
    ],
)
def test_an_invitation_is_refused(constraint: str, fields: dict[str, Any]) -> None:
    company = people.customer()
    if fields.get("accepted_by"):
        fields = {"accepted_by": people.owner(company)}
    refused(constraint, lambda: invitation(company, **fields))


def test_one_invitation_per_address_is_open() -> None:
    company = people.customer()
    first = invitation(company)
    refused("invitation_one_pending_per_address", lambda: invitation(company))
    invitation(people.customer())
    Invitation.objects.filter(pk=first.pk).update(withdrawn_at=NOW)
    invitation(company)


def invitation(company: Customer, **fields: Any) -> Invitation:
    defaults = {"email": "new@example.com", "roles": ["owner"], "language": "de", "created_at": NOW, "mail_wanted_at": NOW}
    return Invitation.objects.create(**{"customer": company, "expires_at": NOW + timedelta(days=1), **defaults, **fields})


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("api_token_is_a_hash", {"token_hash": "cpt_secret"}),
        ("api_token_scopes_known", {"scopes": ["everything"]}),
        ("api_token_scopes_known", {"scopes": []}),
        ("api_token_expires_later", {"expires_at": NOW}),
    ],
)
def test_a_token_is_refused(constraint: str, fields: dict[str, Any]) -> None:
    company = people.customer()
    defaults = {"token_hash": "0" * 64, "scopes": ["agreement:read"], "created_at": NOW, "expires_at": NOW + timedelta(days=1)}
    owner = people.owner(company)
    refused(constraint, lambda: ApiToken.objects.create(**{"customer": company, "created_by": owner, "name": "x", **defaults, **fields}))


# --- the provider --------------------------------------------------------------------------------------------------


def test_there_is_one_provider_and_the_sample_does_not_replace_it() -> None:
    provider = load_sample_provider()
    assert provider.is_sample
    assert provider.last_verified_at is None
    assert provider.signatory_function("de") != provider.signatory_function("en")
    assert provider.help_url("de").startswith("https://")
    Provider.objects.update(legal_name="Andere GmbH")
    assert load_sample_provider().legal_name == Provider.current().legal_name == "Andere GmbH"
    provider.pk = 2
    refused("provider_is_one_row", lambda: provider.save(force_insert=True))


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("provider_country_is_iso", {"country": "d"}),
        ("provider_country_is_iso", {"storage_country": "xx"}),
        ("provider_accent_is_hex", {"accent_colour": "red"}),
        ("provider_languages_known", {"languages": ["fr"]}),
        ("provider_languages_known", {"languages": []}),
    ],
)
def test_a_provider_is_refused(constraint: str, fields: dict[str, Any]) -> None:
    load_sample_provider()
    refused(constraint, lambda: Provider.objects.update(**fields))


@pytest.mark.parametrize("colour", ["#ffcf33", "#74cbe0", "#7f7f7f", "#ff0000", "#ffffff"])
def test_an_accent_that_cannot_be_read_is_refused_with_one_that_can(colour: str) -> None:
    provider = load_sample_provider()
    provider.accent_colour = colour
    with pytest.raises(ValidationError) as refusal:
        provider.full_clean()
    message = refusal.value.message_dict["accent_colour"][0]
    [passing] = re.findall(r"#[0-9a-f]{6}", message)
    assert colours.contrast(passing, "#ffffff") >= 4.5 > colours.contrast(colour, "#ffffff")
    provider.accent_colour = passing
    provider.full_clean()


@pytest.mark.parametrize("colour", ["red", "#fff", "#GGGGGG", "#0A5C72", ""])
def test_an_accent_that_is_no_colour_is_refused(colour: str) -> None:
    provider = load_sample_provider()
    provider.accent_colour = colour
    with pytest.raises(ValidationError):
        provider.full_clean()


def test_contrast_follows_the_definition() -> None:
    assert colours.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert colours.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert colours.contrast("#0a5c72", "#ffffff") == pytest.approx(7.54, abs=0.01)


@pytest.mark.parametrize("red", range(0, 256, 51))
@pytest.mark.parametrize("green", range(0, 256, 51))
def test_both_themes_of_every_accent_can_be_read(red: int, green: int) -> None:
    for blue in range(0, 256, 51):
        accent = colours.nearest_readable_on_white(f"#{red:02x}{green:02x}{blue:02x}")
        light, dark = colours.light_theme(accent), colours.dark_theme(accent)
        assert all(colours.contrast(shade, "#ffffff") >= 4.5 for shade in (light.accent, light.accent_hover))
        assert all(colours.contrast(light.on_accent, shade) >= 4.5 for shade in (light.accent, light.accent_hover))
        assert all(colours.contrast(shade, ground) >= 4.5 for shade in (dark.accent, dark.accent_hover) for ground in colours.DARK_GROUNDS)
        assert all(colours.contrast(dark.on_accent, shade) >= 4.5 for shade in (dark.accent, dark.accent_hover))


def test_countries_hold_the_union_and_are_sorted_as_people_read() -> None:
    codes = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
    union = set(re.findall("[A-Z]+", codes))
    assert len(union) == 27
    assert union <= set(COUNTRIES)
    assert country_name("QQ") == "QQ"
    with translation.override("en"):
        names = [name for _code, name in country_choices()]
    assert names == sorted(names)
