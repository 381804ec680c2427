"""What the portal's database role may not do to evidence, and what not even the owner's session does by accident."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from evidence import grants, services
from tests.evidence.ledgers import NOON, write_event
from tests.factories import agreement, customers
from tests.own_database import address_of

GUARDED = [rule for rule in grants.rules() if rule.guarded]
APPEND_ONLY = [rule.table for rule in GUARDED if "UPDATE" not in rule.allowed and "DELETE" not in rule.allowed]
REFUSED_BY_RIGHT = {
    "update": "UPDATE {table} SET {column} = {column}",
    "delete": "DELETE FROM {table}",
    "truncate": "TRUNCATE {table}",
    "truncate with all that refers to it": "TRUNCATE {table} CASCADE",
    "upsert": "INSERT INTO {table} SELECT * FROM {table} ON CONFLICT ({column}) DO UPDATE SET {column} = EXCLUDED.{column}",
    "switch the guards off": "ALTER TABLE {table} DISABLE TRIGGER USER",
    "drop the guard": "DROP TRIGGER {trigger} ON {table}",
    "drop the table": "DROP TABLE {table} CASCADE",
    "swallow inserts": "CREATE RULE swallow AS ON INSERT TO {table} DO INSTEAD NOTHING",
    "act as a replica": "SET session_replication_role = replica",
    "take the table over": "ALTER TABLE {table} OWNER TO CURRENT_USER",
}


@pytest.fixture
def secured(own_database: str, capsys: pytest.CaptureFixture[str]) -> str:
    """A database with rows of evidence, an agreement and an acceptance, and the rights of production."""
    provider = customers.provider()
    assert provider
    version = agreement.published()
    company = customers.customer()
    agreement.accept(company, customers.owner(company), version)
    services.redact(commitment=write_event(1, personal={"name": "A"}).commitment or b"", legal_basis="Art. 17", at=NOON)
    write_event(2, personal={"name": "B"})
    services.seal(at=NOON)
    call_command("secure_database")
    assert "as they should be" in capsys.readouterr().out
    return own_database


@pytest.fixture
def portal(secured: str) -> Iterator[Any]:
    """A connection that acts as the portal's role."""
    session = psycopg2.connect(address_of(secured, role=settings.DATABASE_APP_ROLE))
    yield session
    session.close()


def facts_of(table: str) -> tuple[str, str]:
    """Return the first column of the primary key and one guarding trigger."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0] "
            "WHERE indrelid = %s::regclass AND indisprimary",
            [table],
        )
        (column,) = cursor.fetchone()
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal ORDER BY tgname LIMIT 1", [table])
        (trigger,) = cursor.fetchone()
    return column, trigger


def test_the_list_of_append_only_tables_holds_what_it_must() -> None:
    assert {"evidence_event", "evidence_place", "evidence_seal", "dpa_acceptance"} <= set(APPEND_ONLY)
    assert {"dpa_agreementversion", "dpa_agreementtext", "toms_measureset", "subprocessors_subprocessorlist"} <= {
        rule.table for rule in GUARDED
    }


def test_the_portals_role_is_refused_everything_but_reading_and_appending(portal: Any) -> None:
    done = []
    for table in APPEND_ONLY:
        column, trigger = facts_of(table)
        for what, statement in REFUSED_BY_RIGHT.items():
            with portal.cursor() as cursor:
                try:
                    cursor.execute(statement.format(table=table, column=column, trigger=trigger))
                except psycopg2.errors.InsufficientPrivilege:
                    pass
                else:
                    done.append(f"{table}: {what}")
            portal.rollback()
    assert done == []


def test_the_portals_role_can_append_and_read(portal: Any) -> None:
    with portal.cursor() as cursor:
        cursor.execute("INSERT INTO evidence_event (canonical, leaf_hash) VALUES ('', sha256('\\x00')) RETURNING id")
        assert cursor.fetchone()
        cursor.execute("SELECT count(*) FROM evidence_event")
        assert cursor.fetchone()[0] >= 4
    portal.rollback()


def test_even_the_owner_meets_the_guards_on_rows_and_on_the_whole_table(secured: str) -> None:
    owner = psycopg2.connect(address_of(secured))
    passed, tried = [], 0
    for table in APPEND_ONLY:
        column, _trigger = facts_of(table)
        with owner.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table}")
            has_rows = cursor.fetchone()[0] > 0
        for what in ("update", "delete", "truncate", "truncate with all that refers to it"):
            if not has_rows and "truncate" not in what:
                continue
            tried += 1
            with owner.cursor() as cursor:
                try:
                    cursor.execute(REFUSED_BY_RIGHT[what].format(table=table, column=column))
                except psycopg2.errors.RestrictViolation:
                    pass
                except psycopg2.errors.FeatureNotSupported:
                    assert what == "truncate", "only a foreign key refuses this earlier than the guard"
                else:
                    passed.append(f"{table}: {what}")
            owner.rollback()
    owner.close()
    assert passed == []
    assert tried >= 3 * 4, "too few tables had rows"


def test_a_cascade_from_a_table_that_the_role_may_empty_does_not_reach_evidence(secured: str) -> None:
    """REVOKE DELETE alone would not help: a cascade deletes with the rights of the table's owner."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE parent (id bigint PRIMARY KEY)")
        cursor.execute("INSERT INTO parent SELECT id FROM evidence_event")
        cursor.execute("ALTER TABLE evidence_place ADD FOREIGN KEY (event_id) REFERENCES parent ON DELETE CASCADE")
        cursor.execute(f"GRANT DELETE, SELECT ON parent TO {settings.DATABASE_APP_ROLE}")
    session = psycopg2.connect(address_of(secured, role=settings.DATABASE_APP_ROLE))
    with session.cursor() as cursor, pytest.raises(psycopg2.DatabaseError, match="evidence_place"):
        cursor.execute("DELETE FROM parent")
    session.rollback()
    session.close()
    with connection.cursor() as cursor:
        assert list(grants.foreign_key_deviations(cursor)), "the check of the rights names such a key"


CHANGES = {
    "dpa_agreementversion": "effective_date = '2020-01-01'",
    "dpa_agreementtext": "body = 'other'",
    "toms_measure": "text_de = 'other'",
    "subprocessors_subprocessor": "slug = slug || '-x'",
}


@pytest.mark.parametrize("table", list(CHANGES))
def test_published_rows_can_be_changed_by_neither_role(secured: str, table: str) -> None:
    for role in (settings.DATABASE_APP_ROLE, None):
        session = psycopg2.connect(address_of(secured, role=role))
        for statement in (f"UPDATE {table} SET {CHANGES[table]}", f"DELETE FROM {table}"):
            with session.cursor() as cursor, pytest.raises(psycopg2.errors.RestrictViolation):
                cursor.execute(statement)
            session.rollback()
        session.close()


def test_a_right_or_a_guard_that_is_missing_is_named(secured: str, capsys: pytest.CaptureFixture[str]) -> None:
    role = settings.DATABASE_APP_ROLE
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT UPDATE (canonical) ON evidence_event TO {role}")
        cursor.execute("ALTER TABLE evidence_seal DISABLE TRIGGER USER")
        cursor.execute("CREATE RULE swallow AS ON INSERT TO evidence_place DO INSTEAD NOTHING")
    with pytest.raises(SystemExit) as end:
        call_command("secure_database", "--check")
    assert end.value.code == 1
    said = capsys.readouterr().err
    assert f"evidence_event: {role} may UPDATE" in said
    assert "evidence_seal: no enabled trigger guards DELETE" in said
    assert "evidence_place: rule swallow rewrites statements" in said
