"""Whatever can hold data of an account and is not declared is found in the live catalogue, in twenty shapes and more."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection, models
from django.test.utils import isolate_apps

from deletion import coverage, freezing, proving
from deletion.models import ErasureRequest
from tests.factories import customers as people
from tests.factories import erasure

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.usefixtures("verifier")]

TABLES: dict[str, str] = {
    "an unmanaged table with the key of the company": "CREATE TABLE shape (customer_id bigint); INSERT INTO shape VALUES ({account})",
    "a foreign key to the company": "CREATE TABLE shape (owner bigint REFERENCES customers_customer); INSERT INTO shape VALUES ({account})",
    "a foreign key to a person": "CREATE TABLE shape (who bigint REFERENCES customers_user); "
    "INSERT INTO shape SELECT min(id) FROM customers_user",
    "a through table of two many": "CREATE TABLE shape (user_id bigint, label_id bigint); INSERT INTO shape VALUES ({person}, 1)",
    "a child of a subscription": "CREATE TABLE shape (subscription_id bigint); INSERT INTO shape VALUES (1)",
    "a generic foreign key": "CREATE TABLE shape (content_type_id int, object_id text); INSERT INTO shape VALUES (1, '{account}')",
    "JSON with an address": """CREATE TABLE shape (body jsonb); INSERT INTO shape VALUES ('{{"mail": "erika@example.com"}}')""",
    "a key named otherwise": "CREATE TABLE shape (mandant int); INSERT INTO shape VALUES ({account})",
    "a key with a name that says nothing": "CREATE TABLE shape (x bigint); INSERT INTO shape VALUES ({account})",
    "the reference as text": "CREATE TABLE shape (note text); INSERT INTO shape VALUES ('about {reference}')",
    "the reference as a uuid": "CREATE TABLE shape (ref uuid); INSERT INTO shape VALUES ('{reference}')",
    "another schema": "CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.shape (customer_id int); INSERT INTO elsewhere.shape VALUES ({account})",
    "a table of ours by name, in another schema": "CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.customers_user (id int); "
    "INSERT INTO elsewhere.customers_user VALUES ({person})",
    "a partitioned table": "CREATE TABLE shape (customer_id int) PARTITION BY LIST (customer_id); "
    "CREATE TABLE shape_1 PARTITION OF shape DEFAULT; INSERT INTO shape VALUES ({account})",
    "a materialised view": "CREATE MATERIALIZED VIEW shape AS SELECT * FROM subscriptions_subscription",
    "a copy that somebody made": "CREATE TABLE shape AS SELECT * FROM subscriptions_subscription",
    "a table that inherits": "CREATE TABLE shape () INHERITS (subscriptions_subscription); "
    "INSERT INTO shape SELECT * FROM subscriptions_subscription",
    "an unlogged table": "CREATE UNLOGGED TABLE shape (token text); INSERT INTO shape VALUES ('{reference}')",
    "a name with capitals and blanks": 'CREATE TABLE "My Shape" (id int); INSERT INTO "My Shape" VALUES ({account})',
    "bytes": "CREATE TABLE shape (blob bytea); INSERT INTO shape VALUES ('x')",
    "an array of addresses": "CREATE TABLE shape (mails text[]); INSERT INTO shape VALUES (ARRAY['erika@example.com'])",
    "a history of a table of ours": "CREATE TABLE customers_historicaluser (history_id serial, id bigint, email text); "
    "INSERT INTO customers_historicaluser SELECT 1, id, email FROM customers_user",
}


@pytest.fixture
def request_with_plan() -> ErasureRequest:
    people.provider()
    request = erasure.due(*erasure.account(3))
    request.customer_number = request.customer_id
    request.plan = freezing.scope_of_plan(request)
    return request


def execute(statements: str, request: ErasureRequest) -> None:
    assert request.plan is not None
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statements.format(account=request.number, person=request.plan["people"][0], reference=request.customer_reference))
        cursor.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO portal_verifier")


def test_the_live_catalogue_holds_nothing_that_is_not_declared() -> None:
    assert coverage.gaps() == []
    call_command("check", databases=["default"])


def test_there_are_at_least_twenty_shapes() -> None:
    assert len(TABLES) + len(COLUMNS) >= 20


@pytest.mark.parametrize("shape", TABLES)
def test_an_undeclared_table_is_found(request_with_plan: ErasureRequest, shape: str) -> None:
    execute(TABLES[shape], request_with_plan)
    found = coverage.gaps()
    assert found, "nothing was found"
    assert all("without a decision" in sentence for sentence in found)
    with pytest.raises(SystemCheckError, match="without a decision"):
        call_command("check", databases=["default"])


@pytest.mark.parametrize("shape", TABLES)
def test_an_undeclared_table_with_rows_is_never_counted_as_empty(request_with_plan: ErasureRequest, shape: str) -> None:
    before = {finding.place for finding in proving.catalogue(request_with_plan) if finding.number != 0}
    execute(TABLES[shape], request_with_plan)
    found = [finding for finding in proving.catalogue(request_with_plan) if finding.number != 0 and finding.place not in before]
    assert found, "a certificate would have been possible"
    assert all(finding.number is None or finding.number > 0 for finding in found)


def test_an_undeclared_table_without_rows_holds_nothing(request_with_plan: ErasureRequest) -> None:
    execute("CREATE TABLE shape (x bigint)", request_with_plan)
    assert {finding.number for finding in proving.catalogue(request_with_plan) if finding.place == "shape"} == {0}


COLUMNS = {
    "a column in a row that stays": "ALTER TABLE dpa_acceptance ADD COLUMN remarks text",
    "JSON in a row that stays": "ALTER TABLE deletion_tombstone ADD COLUMN extra jsonb",
    "a column in a table of the framework": "ALTER TABLE auth_group ADD COLUMN customer_id bigint",
    "a column in a row that goes": "ALTER TABLE subscriptions_subscription ADD COLUMN referrer text",
}


@pytest.mark.parametrize("shape", COLUMNS)
def test_a_column_that_no_model_knows_is_found(request_with_plan: ErasureRequest, shape: str) -> None:
    execute(COLUMNS[shape], request_with_plan)
    (found,) = coverage.gaps()
    assert "a column that no model knows" in found


def test_large_objects_are_found() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT lo_from_bytea(0, 'x')")
    assert "large objects" in coverage.gaps()[0]


@pytest.mark.parametrize("field", [models.FileField(), models.JSONField(), models.EmailField(), models.GenericIPAddressField()])
def test_a_field_that_can_hold_anything_about_a_person_needs_a_reason(monkeypatch: pytest.MonkeyPatch, field: Any) -> None:
    with isolate_apps("deletion"):

        class Kept(models.Model):
            content = field

            class Meta:
                app_label = "deletion"

    monkeypatch.setattr(apps, "get_models", lambda **_options: [Kept])
    monkeypatch.setattr(coverage, "decisions", lambda: [(Kept, ("reason", "norm", "period"))])
    assert coverage.undeclared_fields() == [f"deletion.Kept.content: a {type(field).__name__} whose content has no decision"]


def test_a_model_of_a_foreign_app_needs_a_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    with isolate_apps("deletion"):

        class Foreign(models.Model):
            class Meta:
                app_label = "deletion"

    monkeypatch.setattr(apps, "get_models", lambda **_options: [Foreign])
    assert coverage.undecided_models() == ["deletion.Foreign: 0 decisions"]
    monkeypatch.setattr(coverage, "decisions", lambda: [(Foreign, None), (Foreign, None)])
    assert coverage.undecided_models() == ["deletion.Foreign: 2 decisions"]


def test_a_second_database_cache_or_storage_needs_a_connector_or_a_reason(settings: Any) -> None:
    settings.CACHES = {**settings.CACHES, "sessions": settings.CACHES["default"]}
    settings.STORAGES = {**settings.STORAGES, "exports": settings.STORAGES["default"]}
    assert coverage.undeclared_stores() == [
        "cache sessions: a store without a connector or an exemption",
        "storage exports: a store without a connector or an exemption",
    ]


def test_every_exemption_says_why_who_and_when() -> None:
    for exemptions in (coverage.EXEMPT_TABLES, coverage.EXEMPT_FIELDS, coverage.EXEMPT_STORES):
        assert all(entry.reason and entry.owner and entry.date for entry in exemptions.values())
    labels = {f"{model._meta.label}.{field.name}" for model in apps.get_models() for field in model._meta.concrete_fields}
    assert coverage.EXEMPT_FIELDS.keys() <= labels


def test_every_foreign_key_column_is_the_first_of_an_index() -> None:
    """Without one, each deleted row reads the whole referring table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT k.conrelid::regclass::text, a.attname FROM pg_constraint k "
            "JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1] "
            "WHERE k.contype = 'f' AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = k.conrelid AND i.indkey[0] = k.conkey[1])"
        )
        assert cursor.fetchall() == []
