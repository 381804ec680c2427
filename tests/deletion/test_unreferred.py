"""Subscriptions go without a look-up for each of them: only of a closed account whose activity is gone, and never anybody else's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from customers.models import Customer
from deletion import datasets, sweeping
from deletion.models import ErasureRequest, ErasureStep
from subscriptions.models import Activity, Subscription
from tests.factories import customers as people
from tests.factories import erasure

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.usefixtures("verifier", "not_drawn")]
CALL = "SELECT deletion_erase_subscriptions(%s, %s, %s)"
SIGNATURE = "deletion_erase_subscriptions(bigint, bigint, bigint)"
LAST = 2**62
SWITCHES = (
    "PERFORM set_config('session_replication_role', 'replica', true)",
    "PERFORM set_config('session_replication_role', 'origin', true)",
)


class Company:
    """A company that is closed for writing, beside another one whose subscriptions lie between its own."""

    def __init__(self) -> None:
        people.provider()
        other, _owner = erasure.account(0)
        company, owner = erasure.account(0)
        for part in range(3):
            erasure.subscribers(company, 4, name=f"part-{part}")
            erasure.subscribers(other, 4, name=f"part-{part}")
        erasure.activity(other)
        self.request = erasure.planned(company, owner)
        self.number, self.other = company.pk, other.pk
        self.keys = list(Subscription.objects.filter(customer=company).order_by("pk").values_list("pk", flat=True))

    def erase(self, above: int | None = None, upto: int = LAST) -> int:
        """Call the function as the eraser and return how many rows went."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL ROLE {settings.DATABASE_ERASER_ROLE}")
            cursor.execute(CALL, [self.number, above, upto])
            (number,) = cursor.fetchone()
            cursor.execute("RESET ROLE")
        return int(number)

    def left(self) -> list[int]:
        return list(Subscription.objects.filter(customer_id=self.number).order_by("pk").values_list("pk", flat=True))

    def of_the_other(self) -> tuple[int, int]:
        return Subscription.objects.filter(customer_id=self.other).count(), Activity.objects.filter(customer_id=self.other).count()


@pytest.fixture
def closed() -> Company:
    return Company()


def add_activity(number: int) -> None:
    """Let activity stand in a closed account, as nothing but a fault could."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE subscriptions_activity DISABLE TRIGGER refuse_fenced")
    erasure.activity(Customer.objects.get(pk=number))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE subscriptions_activity ENABLE ALWAYS TRIGGER refuse_fenced")


def is_refused(company: Company, why: str) -> bool:
    try:
        company.erase()
    except DatabaseError as error:
        return why in str(error)
    return False


def deletes_its_range_alone(company: Company) -> bool:
    before = company.of_the_other()
    gone = company.erase(upto=company.keys[4])
    ends = company.left() == company.keys[5:]
    gone += company.erase(above=company.keys[6], upto=company.keys[9])
    return ends and gone == 8 and company.left() == [*company.keys[5:7], *company.keys[10:]] and company.of_the_other() == before


def asks_for_the_fence(company: Company) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; UPDATE deletion_erasurefence SET customer_number = -customer_number")
    return is_refused(company, "not closed for writing") and len(company.left()) == len(company.keys)


def asks_for_activity(company: Company) -> bool:
    add_activity(company.number)
    return is_refused(company, "activity of account") and len(company.left()) == len(company.keys)


def looks_for_references_again_afterwards(company: Company) -> bool:
    """What follows in the same transaction is checked as ever: no activity without its subscription."""
    company.erase()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO subscriptions_activity (customer_id, subscription_id, kind, message, at) VALUES (%s, %s, 'shown', '', now())",
                [company.other, company.keys[0]],
            )
    except DatabaseError as error:
        return "subscriptions_activity_of_subscription" in str(error)
    return False


PROMISES: dict[str, Callable[[Company], bool]] = {
    "it deletes its range alone": deletes_its_range_alone,
    "it asks for the fence": asks_for_the_fence,
    "it asks for activity": asks_for_activity,
    "it looks for references again afterwards": looks_for_references_again_afterwards,
}
MUTANTS = {
    "no account": ("customer_id = account AND id >", "id >"),
    "another account": ("customer_id = account AND id >", "customer_id <> account AND id >"),
    "no lower end": ("id > COALESCE(above, -9223372036854775808) AND", ""),
    "no upper end": (" AND id <= upto", ""),
    "open above": ("id <= upto", "id < upto"),
    "closed below": ("id > COALESCE", "id >= COALESCE"),
    "no fence": ("IF NOT EXISTS (SELECT FROM deletion_erasurefence WHERE customer_number = account)", "IF false"),
    "anybody's fence": ("deletion_erasurefence WHERE customer_number = account", "deletion_erasurefence"),
    "no look at activity": ("IF above IS NULL AND EXISTS", "IF false AND EXISTS"),
    "never looks again": (SWITCHES[1], "PERFORM 1"),
    "wrong number": ("RETURN gone", "RETURN 0"),
}


def holds(promise: Callable[[Company], bool], company: Company) -> bool:
    """Ask for the promise and take everything back."""
    with transaction.atomic():
        found = promise(company)
        transaction.set_rollback(True)
    return found


@pytest.mark.parametrize("promise", PROMISES)
def test_the_function_keeps_its_promise(closed: Company, promise: str) -> None:
    assert PROMISES[promise](closed)


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_change_of_the_function_is_noticed(closed: Company, mutant: str) -> None:
    old, new = MUTANTS[mutant]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef(%s::regprocedure)", [SIGNATURE])
        (text,) = cursor.fetchone()
        assert old in text
        cursor.execute(text.replace(old, new))
    assert [name for name, promise in PROMISES.items() if not holds(promise, closed)]


def test_without_the_privilege_the_same_rows_go(closed: Company) -> None:
    """An owner without it stands here for a server whose superuser did not grant it."""
    role = settings.DATABASE_ERASER_ROLE
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_parameter_privilege(current_user, 'session_replication_role', 'SET')")
        assert cursor.fetchone()[0]
        cursor.execute("SELECT has_parameter_privilege(%s, 'session_replication_role', 'SET')", [role])
        assert not cursor.fetchone()[0]
        cursor.execute(f"GRANT CREATE ON SCHEMA public TO {role}")
        cursor.execute(f"ALTER FUNCTION {SIGNATURE} OWNER TO {role}")
    assert deletes_its_range_alone(closed)
    assert closed.erase() == 4


def test_nobody_but_the_eraser_may_call_it(closed: Company) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {settings.DATABASE_VERIFIER_ROLE}")
        with pytest.raises(DatabaseError, match="permission denied for function"), transaction.atomic():
            cursor.execute(CALL, [closed.number, None, LAST])
        cursor.execute("RESET ROLE")
    assert closed.left() == closed.keys


def test_the_portals_own_role_cannot_leave_the_look_up_out() -> None:
    for role in (settings.DATABASE_APP_ROLE, settings.DATABASE_ERASER_ROLE, settings.DATABASE_VERIFIER_ROLE):
        with connection.cursor() as cursor:
            cursor.execute("SELECT has_parameter_privilege(%s, 'session_replication_role', 'SET')", [role])
            assert not cursor.fetchone()[0], role


def test_what_refers_to_the_table_is_what_has_to_be_gone_before() -> None:
    """A later table with a key to such a table has to be named, or its rows would be left without what they refer to."""
    functions = [dataset for dataset in datasets.datasets() if dataset.function]
    assert functions
    for dataset in functions:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT conrelid::regclass::text FROM pg_constraint WHERE contype = 'f' AND confrelid = %s::regclass", [dataset.table]
            )
            assert {table for (table,) in cursor.fetchall()} == {datasets.find(key).table for key in dataset.referring}


def test_every_guard_of_the_table_stands_while_look_ups_are_left_out() -> None:
    for dataset in (dataset for dataset in datasets.datasets() if dataset.function):
        with connection.cursor() as cursor:
            cursor.execute("SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", [dataset.table])
            guards = dict(cursor.fetchall())
        assert guards
        assert set(guards.values()) == {"A"}, guards


def test_activity_is_of_the_company_of_its_subscription(closed: Company) -> None:
    mine = Activity.objects.filter(customer_id=closed.other).first()
    assert mine is not None
    with pytest.raises(DatabaseError, match="subscriptions_activity_of_subscription"), transaction.atomic():
        Activity.objects.filter(pk=mine.pk).update(subscription_id=closed.keys[0])


class TestEngine:
    """The engine calls the function when activity was deleted by the plan and counted at zero, and only then."""

    def statements(self, request: ErasureRequest) -> list[str]:
        seen: list[str] = []

        def note(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
            if sql.startswith(("DELETE FROM subscriptions_subscription", "SELECT deletion_erase_subscriptions")):
                seen.append(sql.split("(")[0].split(" WHERE")[0])
            return execute(sql, params, many, context)

        with connection.execute_wrapper(note):
            erasure.run(request)
        return seen

    def test_by_the_function_after_activity_was_counted_at_zero(self, closed: Company) -> None:
        assert set(self.statements(closed.request)) == {"SELECT deletion_erase_subscriptions"}
        step = closed.request.steps.get(dataset="subscriptions.subscription")
        assert (step.state, step.deleted, step.residual) == (ErasureStep.State.VERIFIED, 12, 0)
        assert closed.of_the_other() == (12, 12)

    def test_by_a_plain_deletion_where_the_plan_is_of_a_time_before(self, closed: Company) -> None:
        """A plan of another version may not name what refers to the rows."""
        closed.request.steps.filter(dataset="subscriptions.activity").delete()
        assert set(self.statements(closed.request)) == {"DELETE FROM subscriptions_subscription"}
        assert closed.left() == []


def test_no_row_costs_a_look_up(closed: Company) -> None:
    scans = "SELECT coalesce(sum(idx_scan), 0) FROM pg_stat_xact_user_tables WHERE relname LIKE 'subscriptions_%%'"
    dataset, values = datasets.find("subscriptions.subscription"), {"account": closed.number}
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(scans)
        (before,) = cursor.fetchone()
        assert sweeping.sweep(dataset, values, cursor="", limit=100, by_function=True).deleted == len(closed.keys)
        cursor.execute(scans)
        assert cursor.fetchone()[0] - before <= 3  # the range, activity once, the deletion
