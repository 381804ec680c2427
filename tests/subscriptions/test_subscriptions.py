"""Subscriptions: noted once, found by the whole identifier, ended with a reason, and never named in the ledger."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.models import Customer
from evidence.models import Event
from subscriptions import identifiers, services
from subscriptions.models import Subscription
from tests.factories import customers as people
from tests.factories import subscribers

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
NOW = datetime.datetime(2026, 11, 24, 10, tzinfo=datetime.UTC)
ENDPOINT = "https://push.example/send/canary-endpoint-1"


def subscribe(company: Customer, identifier: str = ENDPOINT, key: str = "web_push") -> Subscription:
    return subscribers.subscribe(company, identifier, key, at=NOW)


def written() -> bytes:
    return b"".join(bytes(event.canonical) for event in Event.objects.all())


def test_an_active_subscription_is_noted_once() -> None:
    company = people.customer()
    assert subscribe(company) == subscribe(company, f" {ENDPOINT}\n")
    assert Event.objects.count() == 1


def test_two_companies_and_two_channel_types_have_their_own_subscriptions() -> None:
    company, other = people.customer(), people.customer()
    rows = {subscribe(company).pk, subscribe(other).pk, subscribe(company, key="app_push").pk}
    assert len(rows) == 3


def test_a_subscription_is_found_by_its_whole_identifier_with_every_customer() -> None:
    company, other = people.customer(), people.customer()
    staff = people.staff()
    expected = {subscribe(company), subscribe(other)}
    subscribe(company, "another")
    assert set(services.look_up(identifier=f"{ENDPOINT} ", by=staff, at=NOW)) == expected
    assert not services.look_up(identifier=ENDPOINT[:-1], by=staff, at=NOW)


def test_a_subscription_made_under_an_earlier_key_is_still_found_and_not_doubled(settings: Any) -> None:
    company = people.customer()
    old = subscribe(company)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another" * 10
    assert identifiers.digest(ENDPOINT) != old.identifier_sha256
    assert list(services.look_up(identifier=ENDPOINT, by=people.person(is_staff=True), at=NOW)) == [old]
    assert subscribe(company) == old


def test_a_cancelled_subscription_keeps_its_proof_and_loses_its_identifier() -> None:
    company = people.customer()
    staff = people.staff()
    ended = services.cancel(subscription=subscribe(company), by=staff, why="withdrawn", at=NOW)
    assert (ended.identifier, ended.cancelled_by, ended.cancelled_why) == ("", staff, "withdrawn")
    assert list(services.look_up(identifier=ENDPOINT, by=staff, at=NOW)) == [ended]
    with pytest.raises(services.AlreadyCancelled):
        services.cancel(subscription=ended, by=staff, why="objected", at=NOW)
    later = NOW + datetime.timedelta(days=1)
    assert subscribers.subscribe(company, ENDPOINT, at=later, is_renewed=True) != ended


def test_the_ledger_never_learns_the_identifier_nor_its_hash() -> None:
    staff = people.staff()
    row = subscribe(people.customer())
    services.look_up(identifier=ENDPOINT, by=staff, at=NOW)
    services.cancel(subscription=row, by=staff, why="withdrawn", at=NOW)
    for kind in (b"subscription.batch_recorded", b"subscription.looked_up", b"subscription.cancelled"):
        assert kind in written()
    assert b"canary" not in written()
    assert row.identifier_sha256.encode() not in written()


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"cancelled_at": NOW, "identifier": ""}, "subscriptions_cancelled_with_time_and_reason"),
        ({"cancelled_at": NOW, "identifier": "", "cancelled_why": "withdrawn"}, "subscriptions_cancelled_with_time_and_reason"),
        ({"cancelled_why": "withdrawn"}, "subscriptions_cancelled_with_time_and_reason"),
        ({"identifier": ""}, "subscriptions_identifier_until_cancelled"),
        ({"cancelled_at": NOW, "cancelled_why": "withdrawn", "cancelled_through": "desk"}, "subscriptions_identifier_until_cancelled"),
        ({"opt_in_sha256": "x"}, "subscriptions_text_is_hashed"),
        ({"identifier_sha256": ENDPOINT[:64]}, "subscriptions_identifier_is_hashed"),
    ],
)
def test_the_database_refuses_half_a_cancellation(changes: dict[str, Any], constraint: str) -> None:
    row = subscribe(people.customer())
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Subscription.objects.filter(pk=row.pk).update(**changes)


def test_the_database_refuses_a_second_active_subscription() -> None:
    row = subscribe(people.customer())
    row.pk = None
    with pytest.raises(IntegrityError, match="subscriptions_one_active"), transaction.atomic():
        row.save(force_insert=True)


def test_the_indexes_that_look_up_and_deletion_need_exist() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'subscriptions_subscription'")
        definitions = " ".join(row[0] for row in cursor.fetchall())
    assert "(customer_id, id)" in definitions
    assert "(identifier_sha256)" in definitions


# --- the desk


@pytest.fixture
def support(client: Client) -> Client:
    people.provider()
    people.log_in(client, people.staff("support"), mfa=True)
    return client


def test_support_finds_a_subscription_and_ends_it_with_a_reason(support: Client) -> None:
    row = subscribe(people.customer(legal_name="Muster Verlag"))
    page = support.post("/en/desk/subscriptions/", {"identifier": ENDPOINT}).content.decode()
    address = f"/en/desk/subscriptions/{row.pk}/cancel/"
    assert "Muster Verlag" in page
    assert address in page
    assert "Why does the subscription end?" in support.get(address).content.decode()
    assert support.post(address, {"why": ""}).status_code == 422
    assert support.post(address, {"why": "objected"}).status_code == 302
    row.refresh_from_db()
    assert row.cancelled_why == "objected"
    assert address not in support.post("/en/desk/subscriptions/", {"identifier": ENDPOINT}).content.decode()
    assert support.post(address, {"why": "withdrawn"}).status_code == 302
    row.refresh_from_db()
    assert row.cancelled_why == "objected"


def test_the_identifier_stands_in_no_address(support: Client) -> None:
    subscribe(people.customer())
    answer = support.get("/en/desk/subscriptions/", {"identifier": ENDPOINT})
    assert answer.context["found"] is None
    assert 'method="post"' in answer.content.decode()


def test_an_identifier_that_nobody_has_is_said_to_be_unknown(support: Client) -> None:
    assert "No subscription has this identifier." in support.post("/en/desk/subscriptions/", {"identifier": "unknown"}).content.decode()
    assert support.post("/en/desk/subscriptions/", {"identifier": " "}).status_code == 422


@pytest.mark.parametrize(
    "typed",
    [f"  {ENDPOINT}\n", f"{ENDPOINT[:12]}\n {ENDPOINT[12:]}", f"{ENDPOINT[:5]}\u00a0{ENDPOINT[5:]}"],
    ids=["around", "wrapped", "no-break"],
)
def test_support_may_type_an_identifier_with_the_spaces_of_a_mail(support: Client, typed: str) -> None:
    subscribe(people.customer(legal_name="Muster Verlag"))
    assert "Muster Verlag" in support.post("/en/desk/subscriptions/", {"identifier": typed}).content.decode()


def test_a_token_of_one_case_is_found_in_either(support: Client) -> None:
    subscribe(people.customer(legal_name="Muster Verlag"), "0a1b2c3d4e5f")
    assert "Muster Verlag" in support.post("/en/desk/subscriptions/", {"identifier": "0A1B 2C3D 4E5F"}).content.decode()
    subscribe(people.customer(legal_name="Beispiel Studio"), "DEVICE-7")
    assert "Beispiel Studio" in support.post("/en/desk/subscriptions/", {"identifier": "device-7"}).content.decode()
    subscribe(people.customer(legal_name="Gemischt KG"), "MixedCase")
    assert "Gemischt KG" not in support.post("/en/desk/subscriptions/", {"identifier": "mixedcase"}).content.decode()


def test_an_erased_identifier_is_said_to_be_suppressed_and_until_when(support: Client) -> None:
    company = people.customer(legal_name="Muster Verlag")
    subscribe(company)
    typed, now = f" {ENDPOINT[:9]} {ENDPOINT[9:]}", timezone.now()
    entry = services.enter_erasure(identifier=typed, case_reference="BA-1", at=now)
    assert entry is not None
    services.erase(identifier=typed, entry=entry, by=people.staff(), at=now)
    assert not company.subscriptions.exists()
    page = support.post("/en/desk/subscriptions/", {"identifier": ENDPOINT}).content.decode()
    assert "The identifier is suppressed" in page
    assert "Muster Verlag" in page
    assert "the subscription was erased" in page
    assert "is suppressed" not in support.post("/en/desk/subscriptions/", {"identifier": "unknown"}).content.decode()


def test_the_page_of_a_cancelled_subscription_says_so_and_asks_nothing(support: Client) -> None:
    row = subscribe(people.customer())
    address = f"/en/desk/subscriptions/{row.pk}/cancel/"
    page = support.post(address, {"why": "objected"}, follow=True)
    assert page.redirect_chain[-1][0] == address
    for text in (page.content.decode(), support.get(address).content.decode()):
        assert "The subscription is cancelled" in text
        assert "Why does the subscription end?" not in text


def test_an_active_subscription_after_a_new_consent_is_not_called_suppressed(support: Client) -> None:
    company = people.customer()
    services.cancel(subscription=subscribe(company), by=people.staff(), why="withdrawn", at=timezone.now())
    subscribers.subscribe(company, ENDPOINT, at=timezone.now(), is_renewed=True)
    page = support.post("/en/desk/subscriptions/", {"identifier": ENDPOINT}).content.decode()
    assert page.count("Suppressed until") == 1


def test_thirty_subscriptions_cost_as_many_queries_as_one(support: Client, django_assert_num_queries: Any) -> None:
    from django.test.utils import CaptureQueriesContext

    subscribe(people.customer())
    support.post("/en/desk/subscriptions/", {"identifier": ENDPOINT})
    with CaptureQueriesContext(connection) as one:
        support.post("/en/desk/subscriptions/", {"identifier": ENDPOINT})
    for _number in range(29):
        subscribe(people.customer())
    with django_assert_num_queries(len(one)):
        support.post("/en/desk/subscriptions/", {"identifier": ENDPOINT})


@pytest.mark.parametrize("group", ["editor", "approver"])
def test_staff_without_the_permission_are_refused(client: Client, group: str) -> None:
    people.provider()
    row = subscribe(people.customer())
    people.log_in(client, people.staff(group), mfa=True)
    assert client.get(reverse("desk_subscriptions")).status_code == 403
    assert client.post(reverse("desk_subscription_cancel", args=[row.pk]), {"why": "withdrawn"}).status_code == 403


def test_who_may_only_read_is_offered_no_cancellation(client: Client) -> None:
    people.provider()
    row = subscribe(people.customer())
    people.log_in(client, people.staff("legal"), mfa=True)
    page = client.post("/en/desk/subscriptions/", {"identifier": ENDPOINT}).content.decode()
    assert "1 subscription" in page
    assert f"/desk/subscriptions/{row.pk}/cancel/" not in page


def test_a_second_factor_is_needed(client: Client) -> None:
    people.provider()
    people.log_in(client, people.staff("support"))
    assert client.get(reverse("desk_subscriptions")).status_code == 302


def test_customers_have_no_desk(client: Client) -> None:
    people.provider()
    people.log_in(client, people.owner(people.customer()))
    assert client.get(reverse("desk_subscriptions")).status_code == 403


# --- the customer's own page


def test_a_customer_sees_numbers_and_switches_statistics_on_and_off(client: Client) -> None:
    people.provider()
    company = people.customer()
    client.force_login(people.owner(company))
    assert "No subscription was recorded yet." in client.get("/en/account/subscriptions/").content.decode()
    subscribe(company)
    subscribe(people.customer(), "foreign")
    page = client.get("/en/account/subscriptions/").content.decode()
    assert '<td class="r" data-l="Active">1</td>' in page
    for wanted in ("on", "off"):
        client.post("/en/account/subscriptions/", {"statistics": wanted})
        assert company.statistics_switch.__class__.objects.get(customer=company).is_on == (wanted == "on")
    client.force_login(people.colleague(company))
    assert client.post("/en/account/subscriptions/", {"statistics": "on"}).status_code == 403
