"""The role as which rows are deleted can delete them and nothing else: the database refuses it with 42501."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from deletion import attempts, datasets, granting, sweeping
from deletion.models import ErasureRequest, ErasureStep
from subscriptions.models import Subscription
from tests.factories import agreement, erasure
from tests.factories import customers as people

REFUSED = "42501"
pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.usefixtures("verifier", "not_drawn")]


@pytest.fixture
def request_of_account() -> ErasureRequest:
    people.provider()
    company, owner = erasure.account(4)
    agreement.accept(company, owner, agreement.published())
    return erasure.due(company, owner)


def code_of(statement: str, values: list[Any]) -> str:
    """Run the statement as the eraser and return the SQLSTATE of the refusal, "" when it was carried out."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL ROLE {settings.DATABASE_ERASER_ROLE}")
            cursor.execute(statement, values)
            cursor.execute("RESET ROLE")
    except DatabaseError as error:
        return str(error.__cause__.pgcode)  # type: ignore[union-attr]
    return ""


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE subscriptions_subscription SET topic = 'x' WHERE customer_id = %s",
        "INSERT INTO subscriptions_subscription SELECT * FROM subscriptions_subscription WHERE customer_id = %s",
        "UPDATE customers_customer SET legal_name = 'x' WHERE id = %s",
        "UPDATE subscriptions_subscription SET customer_id = customer_id + 1 WHERE customer_id = %s",
        "INSERT INTO customers_membership (customer_id, user_id, role) SELECT %s, id, 'owner' FROM customers_user",
        "DELETE FROM dpa_acceptance WHERE customer_id = %s",
        "DELETE FROM deletion_erasurerequest WHERE customer_number = %s",
        "UPDATE deletion_erasurerequest SET state = 'completed' WHERE customer_number = %s",
        "DELETE FROM deletion_legalhold WHERE %s > 0",
        "INSERT INTO deletion_tombstone SELECT %s, gen_random_uuid(), '', now()",
        "DELETE FROM evidence_event WHERE %s > 0",
        "UPDATE deletion_erasurecertificate SET sha256 = sha256 WHERE %s > 0",
    ],
)
def test_the_eraser_is_refused_whatever_is_no_deletion_of_an_erased_kind(request_of_account: ErasureRequest, statement: str) -> None:
    assert code_of(statement, [request_of_account.customer_id]) == REFUSED


def test_the_eraser_may_delete_every_kind_of_the_plan_and_no_other(request_of_account: ErasureRequest) -> None:
    number = request_of_account.customer_id
    assert code_of("DELETE FROM subscriptions_subscription WHERE customer_id = %s", [number]) == ""
    with connection.cursor() as cursor:
        assert list(granting.deviations(cursor)) == []
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND has_table_privilege(%s, oid, 'DELETE')",
            [settings.DATABASE_ERASER_ROLE],
        )
        assert {table for (table,) in cursor.fetchall()} == {dataset.table for dataset in datasets.datasets()}


@pytest.mark.parametrize(
    ("right", "table"), [("UPDATE", "subscriptions_subscription"), ("DELETE", "dpa_acceptance"), ("INSERT", "customers_user")]
)
def test_a_right_too_many_is_named(right: str, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT {right} ON {table} TO {settings.DATABASE_ERASER_ROLE}")
        assert [sentence for sentence in granting.deviations(cursor) if table in sentence and right in sentence]


def test_a_missing_right_and_a_missing_role_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"REVOKE DELETE ON subscriptions_subscription FROM {settings.DATABASE_ERASER_ROLE}")
        assert [sentence for sentence in granting.deviations(cursor) if "may not DELETE" in sentence]
        monkeypatch.setattr(settings, "DATABASE_ERASER_ROLE", "nobody_made_this")
        assert "CREATE ROLE" in next(granting.deviations(cursor))
    with pytest.raises(CommandError, match="CREATE ROLE"):
        call_command("secure_database")


def test_a_chunk_deletes_as_the_eraser_and_leaves_the_role_again(request_of_account: ErasureRequest) -> None:
    seen: list[str] = []

    def note_role(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if sql.startswith("DELETE FROM customers_membership"):
            with connection.cursor() as cursor:
                cursor.cursor.execute("SELECT current_user")
                seen.append(cursor.cursor.fetchone()[0])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note_role):
        erasure.run(request_of_account)
    assert seen
    assert set(seen) == {settings.DATABASE_ERASER_ROLE}
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone()[0] != settings.DATABASE_ERASER_ROLE


def test_a_statement_that_would_write_to_a_customers_row_stops_the_step(
    request_of_account: ErasureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault in the engine: instead of being deleted, rows are moved to somebody else."""
    monkeypatch.setattr(
        sweeping, "nulled", lambda dataset: [("subscriptions_subscription", "topic")] if dataset.key == "subscriptions.subscription" else []
    )
    monkeypatch.setattr(attempts, "FIRST_DELAY", attempts.FIRST_DELAY * 0)
    request = erasure.run(request_of_account)
    step = request.steps.get(dataset="subscriptions.subscription")
    assert (step.state, step.last_error, step.deleted) == (ErasureStep.State.FAILED, "database", 0)
    assert Subscription.objects.filter(customer_id=request.number).count() == 4
