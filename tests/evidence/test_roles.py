"""What the portal's own database role, the owner of the tables and a superuser can do to what must never change.

Every table is taken from evidence.grants, so that a new append-only model is attacked from its first day.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
from django.conf import settings
from django.db import connection

from customers.models import Customer
from evidence import grants
from tests.evidence.ledgers import write_ledger
from tests.factories import agreement, customers
from tests.own_database import address_of

DENIED = "42501"  # insufficient_privilege
RESTRICTED = "23001"  # restrict_violation: what our triggers raise
FOREIGN_KEY = "23503"
TRUNCATE_OF_REFERENCED = "0A000"
CHANGES = {
    "UPDATE": "UPDATE {table} SET {key} = {key}",
    "DELETE": "DELETE FROM {table}",
    "TRUNCATE": "TRUNCATE {table}",
    "TRUNCATE CASCADE": "TRUNCATE {table} CASCADE",
    "ON CONFLICT": "INSERT INTO {table} SELECT * FROM {table} ON CONFLICT ({key}) DO UPDATE SET {key} = EXCLUDED.{key}",
    "MERGE UPDATE": "MERGE INTO {table} t USING (SELECT 1) s ON true WHEN MATCHED THEN UPDATE SET {key} = t.{key}",
    "MERGE DELETE": "MERGE INTO {table} t USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE",
}
DEFINITIONS = {
    "DISABLE TRIGGER USER": "ALTER TABLE {table} DISABLE TRIGGER USER",
    "DISABLE TRIGGER ALL": "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "DROP TABLE": "DROP TABLE {table} CASCADE",
    "CREATE RULE": "CREATE RULE swallow AS ON INSERT TO {table} DO INSTEAD NOTHING",
    "ADD COLUMN": "ALTER TABLE {table} ADD COLUMN extra int",
    "DROP COLUMN": "ALTER TABLE {table} DROP COLUMN {key} CASCADE",
    "ROW SECURITY": "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
    "CREATE TRIGGER": "CREATE TRIGGER t BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "OWNER": "ALTER TABLE {table} OWNER TO CURRENT_USER",
    "RENAME": "ALTER TABLE {table} RENAME TO elsewhere",
    "INDEX": "CREATE INDEX ON {table} ({key})",
}
REPLICA = "SET LOCAL session_replication_role = replica"
MAY_DELETE = {"DELETE", "MERGE DELETE"}


class Stored(NamedTuple):
    """A filled copy of the database with the rights of production."""

    name: str
    tables: dict[str, str]  # to the primary key's column

    def fingerprint(self) -> dict[str, Any]:
        with connection.cursor() as cursor:
            found = {}
            for table in self.tables:
                cursor.execute(f"SELECT count(*), md5(string_agg({table}::text, '|' ORDER BY {table}::text)) FROM {table}")
                found[table] = cursor.fetchone()
        return found


@pytest.fixture
def stored(own_database: str) -> Iterator[Stored]:
    """Fill every kind of table as the portal does, and check afterwards that no attack changed a row."""
    customers.provider()
    company = customers.customer()
    signatory = customers.owner(company)
    agreement.accept(company, signatory, agreement.published())
    write_ledger(20)
    with connection.cursor() as cursor:
        grants.grant(cursor, settings.DATABASE_APP_ROLE)
    guarded = Stored(own_database, {rule.table: key_of(rule.table) for rule in grants.rules() if rule.guarded})
    before = guarded.fingerprint()
    yield guarded
    assert guarded.fingerprint() == before


def key_of(table: str) -> str:
    with connection.cursor() as cursor:
        return str(connection.introspection.get_primary_key_column(cursor, table))


def rules() -> list[grants.Rule]:
    return [rule for rule in grants.rules() if rule.guarded]


def outcomes(address: str, statements: dict[str, str], *, first: str = "") -> dict[str, str]:
    """Return the SQLSTATE of each statement, tried in a transaction of its own that is rolled back; "done" when nothing refused it."""
    found = {}
    session = psycopg2.connect(address)
    try:
        for name, statement in statements.items():
            with session.cursor() as cursor:
                try:
                    if first:
                        cursor.execute(first)
                    cursor.execute(statement)
                    found[name] = "done"
                except psycopg2.Error as refusal:
                    found[name] = str(refusal.pgcode)
            session.rollback()
    finally:
        session.close()
    return found


def attacks(table: str, key: str, kinds: dict[str, str]) -> dict[str, str]:
    return {name: statement.format(table=table, key=f'"{key}"') for name, statement in kinds.items()}


def test_the_portals_role_can_neither_change_nor_redefine_what_is_only_appended(stored: Stored) -> None:
    address = address_of(stored.name, role=settings.DATABASE_APP_ROLE)
    tried = 0
    for rule in rules():
        found = outcomes(address, attacks(rule.table, stored.tables[rule.table], CHANGES | DEFINITIONS))
        for name, outcome in found.items():
            tried += 1
            if (
                ("UPDATE" not in rule.allowed and not ("DELETE" in rule.allowed and name in MAY_DELETE))
                or name in DEFINITIONS
                or "TRUNCATE" in name
            ):
                assert (rule.table, name, outcome) == (rule.table, name, DENIED)
    assert tried >= 18 * 15


def test_the_portals_role_cannot_change_or_delete_what_was_published(stored: Stored) -> None:
    """On these tables it needs UPDATE and DELETE for drafts; the triggers tell the published rows apart."""
    address = address_of(stored.name, role=settings.DATABASE_APP_ROLE)
    published = [rule.table for rule in rules() if "UPDATE" in rule.allowed and stored.fingerprint()[rule.table][0]]
    assert {"dpa_agreementversion", "toms_measureset", "subprocessors_subprocessorlist"} <= set(published)
    for table in published:
        statements = attacks(table, stored.tables[table], {name: CHANGES[name] for name in ("UPDATE", "DELETE")})
        found = outcomes(address, statements)
        assert (table, set(found.values())) == (table, {RESTRICTED})


def test_the_owners_ordinary_statements_are_refused_by_the_triggers(stored: Stored) -> None:
    counts = stored.fingerprint()
    filled = [rule for rule in rules() if counts[rule.table][0] and "UPDATE" not in rule.allowed]
    assert {"evidence_event", "evidence_place", "evidence_seal", "evidence_personal", "dpa_acceptance"} <= {rule.table for rule in filled}
    for rule in filled:
        found = outcomes(address_of(stored.name), attacks(rule.table, stored.tables[rule.table], CHANGES))
        for name, outcome in found.items():
            if not ("DELETE" in rule.allowed and name in MAY_DELETE):
                allowed = {RESTRICTED, TRUNCATE_OF_REFERENCED} if name == "TRUNCATE" else {RESTRICTED}
                assert outcome in allowed, f"{rule.table}: {name} gave {outcome}"


def test_replication_mode_is_refused_to_the_role_and_passes_no_guard_even_for_a_superuser(stored: Stored) -> None:
    assert outcomes(address_of(stored.name, role=settings.DATABASE_APP_ROLE), {"replica": REPLICA}) == {"replica": DENIED}
    counts = stored.fingerprint()
    for rule in rules():
        if counts[rule.table][0] and "UPDATE" not in rule.allowed:
            names = ("UPDATE", "TRUNCATE CASCADE") if "DELETE" in rule.allowed else ("UPDATE", "DELETE", "TRUNCATE CASCADE")
            statements = attacks(rule.table, stored.tables[rule.table], {name: CHANGES[name] for name in names})
            found = outcomes(superuser_address(stored.name), statements, first=REPLICA)
            assert (rule.table, set(found.values()) <= {RESTRICTED, DENIED}) == (rule.table, True)


def superuser_address(name: str) -> str:
    """Return the private server's superuser; on a configured server the tests' role, whom the mode itself is refused."""
    parts = urlsplit(os.environ.get("DATABASE_SUPERUSER_URL") or address_of(name))
    return urlunsplit((parts.scheme, parts.netloc, f"/{name}", parts.query, ""))


def test_no_cascade_leads_to_what_is_only_appended(stored: Stored) -> None:
    """Deleting or emptying what an acceptance names is refused, and no constraint would carry the deletion on."""
    address = address_of(stored.name, role=settings.DATABASE_APP_ROLE)
    assert Customer.objects.exists()
    attempts = {
        "delete": "DELETE FROM customers_customer",
        "truncate": "TRUNCATE customers_customer CASCADE",
        "versions": "DELETE FROM dpa_agreementversion",
    }
    found = outcomes(address, attempts, first="SET CONSTRAINTS ALL IMMEDIATE")
    assert found["delete"] in (FOREIGN_KEY, RESTRICTED)
    assert (found["truncate"], found["versions"]) == (DENIED, RESTRICTED)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY(%s::regclass[])"
            " AND (confdeltype IN ('c', 'n', 'd') OR confupdtype IN ('c', 'n', 'd'))",
            [list(stored.tables)],
        )
        assert cursor.fetchall() == []


def test_a_cascade_that_somebody_adds_to_the_ledger_is_refused_by_the_trigger_and_named_by_the_check(stored: Stored) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE parent AS SELECT event_id AS id FROM evidence_place")
        cursor.execute("ALTER TABLE parent ADD PRIMARY KEY (id)")
        cursor.execute("ALTER TABLE evidence_place ADD CONSTRAINT tempting FOREIGN KEY (event_id) REFERENCES parent ON DELETE CASCADE")
    assert outcomes(address_of(stored.name), {"cascade": "DELETE FROM parent"}) == {"cascade": RESTRICTED}
    with connection.cursor() as cursor:
        assert "evidence_place: foreign key tempting to parent" in list(grants.deviations(cursor, settings.DATABASE_APP_ROLE))


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        (
            "ALTER TABLE evidence_event DISABLE TRIGGER evidence_event_rows",
            "evidence_event: trigger evidence_event_rows is not ENABLE ALWAYS",
        ),
        (
            "ALTER TABLE evidence_event ENABLE TRIGGER evidence_event_rows",
            "evidence_event: trigger evidence_event_rows is not ENABLE ALWAYS",
        ),
        ("DROP TRIGGER evidence_event_truncate ON evidence_event", "evidence_event: no enabled trigger guards TRUNCATE"),
        ("GRANT UPDATE (leaf_hash) ON evidence_event TO {role}", "evidence_event: {role} may UPDATE"),
        ("GRANT DELETE ON evidence_event TO PUBLIC", "evidence_event: {role} may DELETE"),
        ("GRANT REFERENCES ON dpa_acceptance TO {role}", "dpa_acceptance: {role} may REFERENCES"),
        ("CREATE RULE swallow AS ON INSERT TO evidence_event DO INSTEAD NOTHING", "evidence_event: rule swallow rewrites statements"),
        ("ALTER TABLE evidence_event ENABLE ROW LEVEL SECURITY", "evidence_event: row security is on"),
        ("REVOKE INSERT ON evidence_event FROM {role}", "evidence_event: {role} may not INSERT"),
    ],
)
def test_the_check_of_the_rights_names_each_deviation(own_database: str, statement: str, complaint: str) -> None:
    role = settings.DATABASE_APP_ROLE
    with connection.cursor() as cursor:
        grants.grant(cursor, role)
        assert list(grants.deviations(cursor, role)) == []
        cursor.execute(statement.format(role=role))
        assert complaint.format(role=role) in list(grants.deviations(cursor, role))
