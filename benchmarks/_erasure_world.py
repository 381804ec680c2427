"""Databases full of subscriptions, a fresh copy for each trial, and the ways in which one company's rows can be deleted."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import psycopg2
from django.conf import settings
from django.db import connection
from django.utils import timezone

from customers.models import Customer
from deletion import datasets, execution, freezing, granting, stepping, sweeping
from deletion.models import ErasureRequest, ErasureStep
from subscriptions.models import Subscription
from tests.factories import customers as people
from tests.factories import erasure
from tests.own_database import administer

TABLE, DATASET = "subscriptions_subscription", "subscriptions.subscription"
CHILDREN, OF_CHILDREN = "subscriptions_activity", "subscriptions.activity"
FILL = """
INSERT INTO subscriptions_subscription ({columns})
SELECT {values} FROM generate_series(1, %(rows)s) AS number
"""
OTHERS = 3  # companies of the same size whose rows lie between those of the one that leaves


def build(rows: int, *, with_children: bool = False) -> str:
    """Make a database in which one company has so many subscriptions, and three others as many each; return its name.

    With children, each subscription has two rows of activity.
    """
    original, name = str(connection.settings_dict["NAME"]), f"bench_{uuid4().hex[:8]}"
    connection.close()
    administer(f'CREATE DATABASE "{name}" TEMPLATE "{original}"')
    with pointed_at(name):
        people.provider()
        companies = [erasure.account(0)[0] for _company in range(OTHERS + 1)]
        fill([company.pk for company in companies], rows)
        if with_children:
            add_children()
        with connection.cursor() as cursor:
            cursor.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {settings.DATABASE_VERIFIER_ROLE}")
            granting.grant(cursor)
    maintain(name, f"VACUUM (FREEZE, ANALYZE) {TABLE}", f"VACUUM (FREEZE, ANALYZE) {CHILDREN}")
    return name


def fill(companies: list[int], rows: int) -> None:
    """Write the rows of all companies in turn, so that each page of the table holds rows of everybody."""
    values = {
        "customer_id": "(%(companies)s::bigint[])[1 + number %% cardinality(%(companies)s)]",
        "channel_type_id": "(SELECT min(id) FROM privacy_text_channeltype)",
        "identifier": "'https://push.example.com/' || md5(number::text) || md5((-number)::text)",
        "identifier_sha256": "encode(sha256(convert_to(number::text, 'UTF8')), 'hex')",
        "registered_at": "now() - number * interval '1 second'",
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_nullable = 'NO' AND column_default IS NULL "
            "AND is_identity = 'NO' AND data_type IN ('character varying', 'text')",
            [TABLE],
        )
        empty = {name: "''" for (name,) in cursor.fetchall() if name not in values}
        wanted = values | empty
        statement = FILL.format(columns=", ".join(wanted), values=", ".join(wanted.values()))
        cursor.execute(statement, {"companies": companies, "rows": rows * len(companies)})


def add_children() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {CHILDREN} (customer_id, subscription_id, kind, message, at) "
            f"SELECT customer_id, id, kind, '', now() FROM {TABLE}, (VALUES ('shown'), ('clicked')) AS kinds (kind) ORDER BY md5(id::text)"
        )


def maintain(name: str, *statements: str) -> None:
    """Run what the owner of a database or the server's administrator does between trials."""
    parameters = connection.get_connection_params()
    with contextlib.closing(
        psycopg2.connect(dbname=name, user="postgres", host=parameters["host"], password=parameters.get("password"))
    ) as other:
        other.autocommit = True
        with other.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


@contextlib.contextmanager
def pointed_at(name: str) -> Iterator[None]:
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


@contextlib.contextmanager
def trial(template: str) -> Iterator[Customer]:
    """Copy the database, warm it up, and yield the company that leaves."""
    name = f"{template}_{uuid4().hex[:4]}"
    administer(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        with pointed_at(name):
            maintain(name, "CHECKPOINT", *(f"SELECT count(customer_id) FROM {table} WHERE customer_id > 0" for table in (TABLE, CHILDREN)))
            company = Customer.objects.order_by("pk").first()
            assert company is not None
            yield company
    finally:
        drop(name)


@contextlib.contextmanager
def old_snapshot() -> Iterator[None]:
    """Hold a snapshot of before, as a long report does: nothing that is deleted now can be pruned."""
    with contextlib.closing(psycopg2.connect(**plain_parameters())) as other:
        other.set_session(isolation_level="REPEATABLE READ")
        with other.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM customers_customer")
            yield


def plain_parameters() -> dict[str, Any]:
    return {key: value for key, value in connection.get_connection_params().items() if key != "cursor_factory"}


def drop(name: str) -> None:
    """Drop as the administrator: an owner may not end the server's own work on the database."""
    maintain("postgres", f'DROP DATABASE "{name}" WITH (FORCE)')


# --- ways to delete; each returns its seconds ---------------------------------------------------------------------------


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def raw(company: Customer, tables: tuple[str, ...] = (TABLE,)) -> float:
    """One DELETE per table, children first, in one transaction: the limit."""

    def work() -> None:
        with contextlib.closing(psycopg2.connect(**plain_parameters())) as other, other, other.cursor() as cursor:
            for table in tables:
                cursor.execute(f"DELETE FROM {table} WHERE customer_id = %s", [company.pk])

    return timed(work)


def begun(company: Customer) -> ErasureRequest:
    """Return the request with its plan, before the first row goes."""
    owner = company.people_with("owner").first()
    assert owner is not None
    request = erasure.due(company, owner)
    now = timezone.now()
    execution.begin(request, now, 0)
    request.refresh_from_db()
    request_plan = freezing.freeze(request, {})
    ErasureRequest.objects.filter(pk=request.pk).update(state=ErasureRequest.State.ERASING, **request_plan)
    request.refresh_from_db()
    return request


def engine(company: Customer, keys: tuple[str, ...] = (DATASET,)) -> float:
    """The engine's own steps with estimate, cursor, counter, token and verification."""
    request = begun(company)
    others = request.steps.exclude(dataset__in=keys)
    others.update(state=ErasureStep.State.VERIFIED, residual=0, verified_at=timezone.now())

    def work() -> None:
        while (step := stepping.claim(request)) is not None:
            stepping.work(request, step, until=time.monotonic() + 600)

    seconds = timed(work)
    assert set(request.steps.values_list("state", flat=True)) == {"verified"}, list(request.steps.values("dataset", "state", "last_error"))
    return seconds


def limited_chunks(company: Customer, size: int = 10_000) -> float:
    """Imitates a published statement: ``id = ANY(ARRAY(SELECT id … LIMIT n))``, each in its own transaction."""
    statement = f"DELETE FROM {TABLE} WHERE id = ANY(ARRAY(SELECT id FROM {TABLE} WHERE customer_id = %s LIMIT {size}))"

    def work() -> None:
        with contextlib.closing(psycopg2.connect(**plain_parameters())) as other:
            other.autocommit = True
            with other.cursor() as cursor:
                while True:
                    cursor.execute(statement, [company.pk])
                    if not cursor.rowcount:
                        return

    return timed(work)


def account_delete(company: Customer) -> float:
    """Django's own ``instance.delete()``: it collects every row of every relation in memory first."""
    return timed(company.delete)


def queryset_delete(company: Customer) -> float:
    return timed(Subscription.objects.filter(customer=company).delete)


def one_log_row_per_object(company: Customer, sample: int = 500) -> float:
    """Imitates django-gdpr-assist 1.4.2: an INSERT into its log and a DELETE per object; extrapolated from a sample."""
    objects = list(Subscription.objects.filter(customer=company)[:sample])
    number = Subscription.objects.filter(customer=company).count()
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE event_log (id serial PRIMARY KEY, event text, app_label text, model text, target_pk text, at timestamptz)"
        )

        def work() -> None:
            for each in objects:
                cursor.execute(
                    "INSERT INTO event_log (event, app_label, model, target_pk, at) VALUES ('delete', 'subscriptions', 'subscription', %s, now())",
                    [str(each.pk)],
                )
                each.delete()

        seconds = timed(work)
        cursor.execute("DROP TABLE event_log")
    return seconds * number / sample


# --- what is left, and what it took ---------------------------------------------------------------------------------


def proof(company: Customer) -> float:
    """Return the seconds of one count of the account's rows by index, after the table was vacuumed."""
    maintain(str(connection.settings_dict["NAME"]), f"VACUUM (ANALYZE) {TABLE}")
    dataset = datasets.find(DATASET)
    values = {"account": company.pk}
    assert sweeping.count(dataset, values, most=1000) == 0
    return min(timed(lambda: sweeping.count(dataset, values, most=1000)) for _try in range(5))


def growth_in_child(work: Callable[[], object]) -> int:
    """Run the work in a process of its own and return by how many bytes its greatest size grew while it ran."""
    import resource

    connection.close()
    reading, writing = os.pipe()
    number = os.fork()
    if number == 0:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        work()
        os.write(writing, str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before).encode())
        os._exit(0)
    os.waitpid(number, 0)
    grown = int(os.read(reading, 20) or b"-1") * 1024
    os.close(reading)
    os.close(writing)
    assert grown >= 0
    return grown
