"""What an erasure costs the database, counted and not timed: records of its log, look-ups in indexes, rows per transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from customers.models import Customer
from deletion import datasets, stepping, sweeping
from deletion.datasets import Dataset
from tests.factories import customers as people
from tests.factories import erasure

pytestmark = pytest.mark.django_db
ROWS, CHUNK = 4000, 1000
SCANS = "SELECT relname, coalesce(seq_scan, 0), coalesce(idx_scan, 0) FROM pg_stat_xact_user_tables WHERE relname = ANY(%s)"
TABLES = ["subscriptions_subscription", "subscriptions_activity"]


@pytest.fixture
def company() -> Customer:
    """A company beside another one, with one row of activity for each subscription, in tables whose statistics are known."""
    people.provider()
    stranger = people.stranger().customer
    assert stranger is not None
    company = people.customer()
    for customer in (stranger, company):
        erasure.subscribers(customer, ROWS)
        erasure.activity(customer)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ANALYZE subscriptions_subscription; ANALYZE subscriptions_activity")
    return company


class Explained:
    """Explains each DELETE with what it would write to the log, takes that back, and lets it run."""

    def __init__(self) -> None:
        self.plans: list[dict[str, Any]] = []

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if sql.startswith("DELETE FROM subscriptions"):
            self.explain(sql, params)  # whole pages go into the log at their first change after a checkpoint: this was it
            self.plans.append(self.explain(sql, params))
        return execute(sql, params, many, context)

    def explain(self, sql: str, params: Any) -> dict[str, Any]:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.cursor.execute(f"EXPLAIN (ANALYZE, WAL, BUFFERS, FORMAT JSON) {sql}", params)
            found = cursor.cursor.fetchone()[0]
            transaction.set_rollback(True)
        plan: dict[str, Any] = (found if isinstance(found, list) else json.loads(found))[0]
        return plan

    def nodes(self) -> Iterator[dict[str, Any]]:
        waiting = [plan["Plan"] for plan in self.plans]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += node.get("Plans", [])


def sweep_all(dataset: Dataset, company: Customer) -> int:
    position, deleted = "", 0
    while True:
        swept = sweeping.sweep(dataset, {"account": company.pk}, cursor=position, limit=CHUNK)
        if swept.last is None:
            return deleted
        assert swept.deleted <= CHUNK <= stepping.LARGEST
        position, deleted = swept.last, deleted + swept.deleted


@pytest.mark.parametrize("key", ["subscriptions.activity", "subscriptions.subscription"])
def test_a_deleted_row_costs_at_most_sixty_bytes_of_the_log_and_every_chunk_uses_the_index(company: Customer, key: str) -> None:
    explained = Explained()
    if key == "subscriptions.subscription":
        sweep_all(datasets.find("subscriptions.activity"), company)
    with connection.execute_wrapper(explained):
        assert sweep_all(datasets.find(key), company) == ROWS
    assert len(explained.plans) == ROWS // CHUNK
    written = [plan["Plan"] for plan in explained.plans if not plan["Plan"].get("WAL FPI")]
    assert written, "a checkpoint came between all chunks"
    rows = CHUNK * len(written)
    assert sum(node["WAL Bytes"] for node in written) / rows <= 60
    assert not [node for node in explained.nodes() if node["Node Type"] == "Seq Scan"]
    assert {node["Index Name"] for node in explained.nodes() if node.get("Index Name")} <= {
        "subscriptions_by_customer",
        "subscriptions_activity_account",
        "subscriptions_subscription_pkey",
        "subscriptions_activity_pkey",
    }


def test_both_tables_together_need_at_most_a_third_of_a_look_up_per_row(company: Customer) -> None:
    with connection.cursor() as cursor:
        erasure.activity(company)  # two rows of activity for each subscription, as in the measured data
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(SCANS, [TABLES])
        before = {name: (tables, indexes) for name, tables, indexes in cursor.fetchall()}
        deleted = sum(sweep_all(datasets.find(key), company) for key in ("subscriptions.activity", "subscriptions.subscription"))
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(SCANS, [TABLES])
        after = {name: (tables, indexes) for name, tables, indexes in cursor.fetchall()}
    assert deleted == 3 * ROWS
    assert sum(after[name][1] - before[name][1] for name in TABLES) / deleted <= 0.34
    assert sum(after[name][0] - before[name][0] for name in TABLES) == 0  # no table was read whole


def test_the_engine_never_empties_a_table_whole() -> None:
    """``TRUNCATE … CASCADE`` would empty the referring tables of every customer."""
    import inspect

    from deletion import expiring, stepping, sweeping
    from deletion.connectors import sql

    assert not [module.__name__ for module in (expiring, stepping, sweeping, sql) if "TRUNCATE" in inspect.getsource(module)]
