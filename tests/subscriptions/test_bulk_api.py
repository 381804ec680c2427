"""Opt-ins by the thousand through the API: every item has its answer, the statements stay few, nobody reaches another's rows."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from customers.models import ApiToken, Customer, LedgerErasure, User
from customers.services import issue_token
from evidence.models import Event
from subscriptions import recording, services
from subscriptions.models import Activity, StatisticsSwitch, Subscription, Suppression
from tests.factories import customers as people

pytestmark = pytest.mark.django_db(databases=["default", "ledger"])
WRITE, READ = "subscriptions:write", "subscriptions:read"
BULK, CANCEL = "/api/v1/subscriptions/", "/api/v1/subscriptions/cancel/"
LOOK_UP, ACTIVITY = "/api/v1/subscriptions/look-up/", "/api/v1/subscriptions/activity/"
REGISTERED = "2026-11-01T10:00:00Z"


class System:
    """A company's system with a token."""

    def __init__(self, company: Customer, *scopes: str) -> None:
        self.company = company
        self.owner: User = people.owner(company)
        now = timezone.now()
        later = now + datetime.timedelta(days=30)
        _token, self.secret = issue_token(
            customer=company, name="push", scopes=scopes or (WRITE, READ), expires_at=later, by=self.owner, at=now
        )

    def post(self, address: str, content: dict[str, Any]) -> Any:
        return Client().post(address, content, "application/json", headers={"authorization": f"Bearer {self.secret}"})

    def record(self, *identifiers: str, **fields: Any) -> Any:
        return self.post(BULK, {"items": [opt_in(text, **fields) for text in identifiers]})


def opt_in(identifier: str, **fields: Any) -> dict[str, Any]:
    return {"channel_type": "web_push", "identifier": identifier, "registered_at": REGISTERED, "topic": "News", **fields}


def statuses(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["status"] for row in answer.json()["results"]]


@pytest.fixture
def system() -> System:
    people.provider()
    return System(people.customer())


def test_a_batch_is_recorded_once_with_an_answer_for_each_item_in_order(system: System) -> None:
    first = system.record("a", "b", "a")
    assert statuses(first) == ["recorded", "recorded", "exists"]
    again = system.record("b", "c")
    assert statuses(again) == ["exists", "recorded"]
    assert Subscription.objects.count() == 3
    numbers = {row["number"] for answer in (first, again) for row in answer.json()["results"]}
    assert numbers == set(Subscription.objects.values_list("pk", flat=True))


def test_the_proof_says_when_to_which_topic_and_which_text(system: System) -> None:
    assert statuses(system.record("a", opt_in_label="Sommer 2026", opt_in_sha256="0" * 64)) == ["recorded"]
    (row,) = system.post(LOOK_UP, {"identifier": "a"}).json()
    assert (row["topic"], row["opt_in_label"], row["opt_in_sha256"]) == ("News", "Sommer 2026", "0" * 64)
    assert row["registered_at"].startswith("2026-11-01T1")
    assert "identifier" not in row


def test_an_item_that_cannot_be_taken_says_why_and_hinders_no_other(system: System) -> None:
    tomorrow = (timezone.now() + datetime.timedelta(days=1)).isoformat()
    items = [opt_in("a", channel_type="fax"), opt_in("b", opt_in_version="99.0"), opt_in("c", registered_at=tomorrow), opt_in("d")]
    assert statuses(system.post(BULK, {"items": items})) == ["unknown_channel", "unknown_version", "future", "recorded"]
    assert Subscription.objects.count() == 1


def test_a_channel_is_named_by_its_public_identifier_and_another_companys_is_unknown(system: System) -> None:
    now, other = timezone.now(), people.customer()
    own = system.company.channels.create(name="Web", channel_type="web_push", created_at=now)
    foreign = other.channels.create(name="Web", channel_type="web_push", created_at=now)
    items = [{"channel": str(channel.public_id), "identifier": "a", "registered_at": REGISTERED} for channel in (own, foreign)]
    assert statuses(system.post(BULK, {"items": items})) == ["recorded", "unknown_channel"]
    assert Subscription.objects.get().channel == own
    assert statuses(system.record("a")) == ["recorded"], "the same identifier without a channel is another subscription"


def test_a_thousand_items_take_as_many_statements_as_two(system: System) -> None:
    def statements(names: list[str]) -> int:
        with CaptureQueriesContext(connection) as captured:
            answer = system.record(*names)
        assert set(statuses(answer)) == {"recorded"}
        return len(captured)

    statements(["warm"])
    few = statements(["one", "two"])
    assert statements([f"device-{number}" for number in range(1000)]) == few <= 20
    cancelled = {"items": [{"channel_type": "web_push", "identifier": f"device-{number}"} for number in range(1000)], "why": "withdrawn"}
    with CaptureQueriesContext(connection) as captured:
        assert set(statuses(system.post(CANCEL, cancelled))) == {"cancelled"}
    assert len(captured) <= 20


def test_more_than_a_thousand_items_are_refused(system: System) -> None:
    assert system.record(*(str(number) for number in range(1001))).status_code == 400
    assert not Subscription.objects.exists()
    with pytest.raises(services.TooManyItems):
        services.demand_few(range(1001))


@pytest.mark.parametrize(
    "item",
    [
        {"identifier": ""},
        {"registered_at": "yesterday"},
        {"channel_type": None},
        {"channel": "00000000-0000-0000-0000-000000000000"},
        {"opt_in_sha256": "abc"},
        {"topic": "x" * 101},
        {"identifier": "x" * 4001},
    ],
)
def test_an_item_in_another_shape_is_refused_with_problem_details(system: System, item: dict[str, Any]) -> None:
    answer = system.post(BULK, {"items": [opt_in("a") | item]})
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert not Subscription.objects.exists()


def test_the_ledger_gets_one_entry_per_batch_and_no_identifier(system: System) -> None:
    before = Event.objects.count()
    system.record("canary-1", "canary-2")
    system.post(CANCEL, {"items": [{"channel_type": "web_push", "identifier": "canary-1"}], "why": "withdrawn"})
    events = list(Event.objects.order_by("pk"))[before:]
    assert len(events) == 2
    written = b"".join(bytes(event.canonical) for event in events)
    assert b"canary" not in written
    assert b"subscription.batch_recorded" in written


# --- scopes, tenants, limits ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("scope", "address"), [(READ, BULK), (READ, CANCEL), (READ, ACTIVITY), (WRITE, LOOK_UP), ("documents:read", BULK)])
def test_a_token_without_the_scope_is_refused(scope: str, address: str) -> None:
    people.provider()
    assert System(people.customer(), scope).post(address, {"items": [opt_in("a")]}).status_code == 403


def test_one_companys_system_neither_sees_nor_ends_anothers_subscriptions(system: System) -> None:
    stranger = System(people.customer())
    system.record("a")
    assert stranger.post(LOOK_UP, {"identifier": "a"}).json() == []
    answer = stranger.post(CANCEL, {"items": [{"channel_type": "web_push", "identifier": "a"}], "why": "withdrawn"})
    assert statuses(answer) == ["not_found"]
    assert Subscription.objects.active().count() == 1
    services.switch_statistics(customer=stranger.company, is_on=True, by=stranger.owner, at=timezone.now())
    shown = {"subscription": Subscription.objects.get().pk, "kind": "shown", "at": REGISTERED}
    assert statuses(stranger.post(ACTIVITY, {"items": [shown]})) == ["not_found"]
    assert not Activity.objects.exists()


def test_too_many_batches_in_a_minute_are_put_off(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subscriptions.api.BulkThrottle.rate", "2/min")
    assert [system.record(str(number)).status_code for number in range(3)] == [200, 200, 429]
    assert System(people.customer()).record("a").status_code == 200, "each token has its own limit"


def test_a_closed_gate_takes_no_subscription(system: System) -> None:
    Customer.objects.update(agreement_valid_until="1970-01-01T00:00:00Z")
    system.company.api_tokens.update(agreement_valid_until="1970-01-01T00:00:00Z")
    answer = system.record("a")
    assert (answer.status_code, answer.json()["code"]) == (403, "dpa_required")


# --- suppression ------------------------------------------------------------------------------------------------------


def test_a_stale_client_cannot_bring_a_cancelled_identifier_back(system: System) -> None:
    system.record("a")
    ended = {"items": [{"channel_type": "web_push", "identifier": "a"}], "why": "withdrawn"}
    assert statuses(system.post(CANCEL, ended)) == ["cancelled"]
    assert statuses(system.post(CANCEL, ended)) == ["not_found"]
    assert statuses(system.record("a")) == ["suppressed"]
    now = timezone.now().isoformat()
    assert statuses(system.record("a", registered_at=now)) == ["suppressed"], "a new date alone is what a stale client sends too"
    assert statuses(system.record("a", is_renewed=True)) == ["suppressed"], "a consent from before the end is no new one"
    assert statuses(system.record("a", is_renewed=True, registered_at=now)) == ["recorded"]


def test_the_suppression_holds_a_keyed_hash_alone_and_ends(system: System) -> None:
    system.record("canary")
    system.post(CANCEL, {"items": [{"channel_type": "web_push", "identifier": "canary"}], "why": "objected"})
    row = Suppression.objects.get()
    assert "canary" not in str(Suppression.objects.values().get())
    assert row.until - row.since == recording.SUPPRESSED_FOR
    assert recording.forget_suppressed(at=row.until - datetime.timedelta(seconds=1)) == 0
    assert recording.forget_suppressed(at=row.until) == 1
    assert not Suppression.objects.exists()


def test_a_suppression_of_one_company_binds_no_other(system: System) -> None:
    stranger = System(people.customer())
    system.record("a")
    system.post(CANCEL, {"items": [{"channel_type": "web_push", "identifier": "a"}], "why": "withdrawn"})
    assert statuses(stranger.record("a")) == ["recorded"]


def test_an_erased_identifier_is_gone_with_proof_and_activity_and_suppressed(system: System) -> None:
    stranger = System(people.customer())
    for each in (system, stranger):
        each.record("a")
    services.switch_statistics(customer=system.company, is_on=True, by=system.owner, at=timezone.now())
    own = Subscription.objects.get(customer=system.company)
    system.post(ACTIVITY, {"items": [{"subscription": own.pk, "kind": "clicked", "at": REGISTERED}]})
    entry = services.enter_erasure(identifier="a", case_reference="BA-1", at=timezone.now())
    assert entry is not None
    erased = services.erase(identifier="a", entry=entry, by=people.staff(), at=timezone.now())
    assert erased == {system.company.pk: 1, stranger.company.pk: 1}
    assert not Subscription.objects.exists()
    assert not Activity.objects.exists()
    assert statuses(system.record("a")) == statuses(stranger.record("a")) == ["suppressed"]


def test_the_event_of_a_batch_names_the_subscriptions_and_the_token_and_no_identifier(system: System) -> None:
    system.record("canary-a", "canary-b")
    ended = {"items": [{"channel_type": "web_push", "identifier": text} for text in ("canary-a", "unknown")], "why": "withdrawn"}
    assert statuses(system.post(CANCEL, ended)) == ["cancelled", "not_found"]
    facts = Event.objects.latest("pk").content["facts"]
    assert facts["subscriptions"] == [Subscription.objects.get(cancelled_why="withdrawn").pk]
    assert facts["token"] == ApiToken.objects.get().pk
    assert b"canary" not in b"".join(bytes(event.canonical) for event in Event.objects.all())


def test_nothing_is_cancelled_while_the_ledger_of_erasures_does_not_answer(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    system.record("a")
    monkeypatch.setattr(LedgerErasure.objects, "using", lambda _alias: (_ for _ in ()).throw(OperationalError))
    answer = system.post(CANCEL, {"items": [{"channel_type": "web_push", "identifier": "a"}], "why": "withdrawn"})
    assert (answer.status_code, answer.json()["code"]) == (503, "ledger_away")
    assert Subscription.objects.active().count() == 1


# --- activity ---------------------------------------------------------------------------------------------------------


def test_activity_is_recorded_only_while_the_customers_switch_allows_it(system: System) -> None:
    system.record("a")
    number = Subscription.objects.get().pk
    items = {"items": [{"subscription": number, "kind": kind, "message": "m-1", "at": REGISTERED} for kind in ("shown", "clicked")]}
    assert system.post(ACTIVITY, items).status_code == 409, "without an answer the switch is off"
    services.switch_statistics(customer=system.company, is_on=True, by=system.owner, at=timezone.now())
    assert statuses(system.post(ACTIVITY, items)) == ["recorded", "recorded"]
    assert Activity.objects.filter(customer=system.company).count() == 2
    services.switch_statistics(customer=system.company, is_on=False, by=system.owner, at=timezone.now())
    assert system.post(ACTIVITY, items).json()["code"] == "statistics_off"
    assert StatisticsSwitch.objects.count() == 1


# --- size -------------------------------------------------------------------------------------------------------------


def test_the_tables_are_laid_out_for_millions_of_rows_per_account() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, i.indkey::text FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
            " WHERE c.relname IN ('subscriptions_activity', 'subscriptions_suppression', 'subscriptions_subscription')"
        )
        indexed = {table for table, _columns in cursor.fetchall()}
        cursor.execute("SELECT tablename, indexdef FROM pg_indexes WHERE indexdef LIKE '%%(customer_id, id)%%'")
        by_account = {table for table, _definition in cursor.fetchall()}
        cursor.execute("SELECT confdeltype FROM pg_constraint WHERE conname = 'subscriptions_activity_of_subscription'")
        (on_delete,) = cursor.fetchone()
        cursor.execute("SELECT reloptions FROM pg_class WHERE relname = 'subscriptions_subscription'")
        (options,) = cursor.fetchone()
    assert indexed <= by_account
    assert on_delete == "c", "one look-up per deleted parent, not two"
    assert "fillfactor=90" in options


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"identifier_sha256": "x"}, "subscriptions_suppressed_by_hash"),
        ({"until": datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)}, "subscriptions_suppression_ends"),
        ({"reason": "other"}, "subscriptions_suppression_reason_known"),
    ],
)
def test_the_database_refuses_a_suppression_that_says_too_much_or_never_ends(
    system: System, changes: dict[str, Any], constraint: str
) -> None:
    system.record("a")
    system.post(CANCEL, {"items": [{"channel_type": "web_push", "identifier": "a"}], "why": "withdrawn"})
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Suppression.objects.update(**changes)


def test_the_database_knows_two_kinds_of_activity_and_one_suppression_per_place(system: System) -> None:
    system.record("a")
    row = Subscription.objects.get()
    with pytest.raises(IntegrityError, match="subscriptions_activity_kind_known"), transaction.atomic():
        Activity.objects.create(customer=system.company, subscription=row, kind="read", at=timezone.now())
    system.post(CANCEL, {"items": [{"channel_type": "web_push", "identifier": "a"}], "why": "withdrawn"})
    twin = Suppression.objects.get()
    twin.pk = None
    with pytest.raises(IntegrityError, match="subscriptions_suppressed_once"), transaction.atomic():
        twin.save(force_insert=True)
