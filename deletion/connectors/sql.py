"""Rows of an account in a second PostgreSQL database, by ranges of keys like in the portal's own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import psycopg2
from psycopg2 import errors, sql

from deletion.connectors.protocol import Answer, Count, NotCounted, Permanent, Progress, Scope, Transient, address_of

TABLE = re.compile(r"([a-z_][a-z0-9_]*)\.([a-z_][a-z0-9_]*)\.([a-z_][a-z0-9_]*)")
SECONDS = 15
LASTING = (
    errors.InsufficientPrivilege,
    errors.UndefinedTable,
    errors.UndefinedColumn,
    errors.UndefinedFunction,
    errors.NotNullViolation,
)


PART = "SELECT {k} AS k FROM {t} WHERE {a}::text = ANY(%(accounts)s)"
AFTER = "AND {k} > %(after)s"
GONE = """
WITH part AS (@part ORDER BY {k} LIMIT %(limit)s),
gone AS (DELETE FROM {t} WHERE {k} IN (SELECT k FROM part) AND {a}::text = ANY(%(accounts)s) RETURNING {k} AS k, {a}::text AS a)
SELECT count(*), count(*) FILTER (WHERE a <> %(canary)s), (array_agg(k ORDER BY k DESC))[1]::text FROM gone
"""
FIRST, NEXT = sql.SQL(GONE.replace("@part", PART)), sql.SQL(GONE.replace("@part", f"{PART} {AFTER}"))


class Table(NamedTuple):
    """A table, the column with the account's reference and the key by which ranges are made."""

    name: str
    account: str
    key: str


class SqlConnector:
    """``postgresql://…?tables=event.account.id,device.account.id``: table, column of the account, key; children before parents."""

    method = "rows deleted in PostgreSQL"

    def __init__(self, name: str, address: str) -> None:
        self.name = name
        parts = urlsplit(address)
        query = parse_qs(parts.query)
        named = query.pop("tables", [""])[0]
        self.tables = [Table(*found.groups()) for found in map(TABLE.fullmatch, named.split(",")) if found]
        if not self.tables or len(self.tables) != len(named.split(",")):
            raise ValueError("a SQL store names its tables as table.account.key")
        self.address = address_of(parts, query)

    @contextmanager
    def cursor(self) -> Iterator[Any]:
        """Yield a cursor in one transaction, with what the driver raises told apart: will trying again help?"""
        try:
            with closing(psycopg2.connect(self.address, connect_timeout=SECONDS)) as connection, connection, connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(SECONDS * 1000)])
                yield cursor
        except LASTING as error:
            raise Permanent from error
        except psycopg2.Error as error:
            raise Transient from error

    def accounts(self, scope: Scope) -> list[str]:
        return [scope.reference, scope.canary_account]

    def plant(self, scope: Scope) -> None:
        """Insert a row of nobody's account into each table that has none; the table's other columns need defaults."""
        with self.cursor() as cursor:
            for table in self.tables:
                statement = sql.SQL("INSERT INTO {t} ({a}) SELECT %(c)s WHERE NOT EXISTS (SELECT FROM {t} WHERE {a}::text = %(c)s)")
                cursor.execute(self.named(statement, table), {"c": scope.canary_account})

    def erase(self, scope: Scope, cursor: str, limit: int) -> Progress:
        number, last_before = json.loads(cursor) if cursor else (0, None)
        table = self.tables[number]
        statement = FIRST if last_before is None else NEXT
        values = {"accounts": self.accounts(scope), "canary": scope.canary_account, "after": last_before, "limit": limit}
        with self.cursor() as db:
            db.execute(self.named(statement, table), values)
            seen, deleted, last = db.fetchone()
        if seen == limit:
            return Progress(json.dumps([number, last]), deleted, is_done=False)
        if number + 1 < len(self.tables):
            return Progress(json.dumps([number + 1, None]), deleted, is_done=False)
        return Progress("", deleted, is_done=True)

    def verify(self, scope: Scope) -> Answer:
        number = planted = 0
        try:
            with self.cursor() as cursor:
                for table in self.tables:
                    count = sql.SQL(
                        "SELECT count(*), count(*) FILTER (WHERE {a}::text = %(canary)s) FROM {t} WHERE {a}::text = ANY(%(accounts)s)"
                    )
                    cursor.execute(self.named(count, table), {"accounts": self.accounts(scope), "canary": scope.canary_account})
                    here, canaries = cursor.fetchone()
                    number, planted = number + here, planted + canaries
                    if self.is_elsewhere(cursor, table, scope):
                        return NotCounted("elsewhere")
        except (Transient, Permanent) as error:
            return NotCounted(type(error).__name__)
        return Count(number, planted)

    def is_elsewhere(self, cursor: Any, table: Table, scope: Scope) -> bool:
        """Say whether rows name the account in another column than the one by which they are found: then the wrong one was declared."""
        stray = sql.SQL("SELECT EXISTS (SELECT FROM {t} AS whole WHERE whole::text LIKE %(like)s AND {a}::text IS DISTINCT FROM %(own)s)")
        cursor.execute(self.named(stray, table), {"like": f"%{scope.reference}%", "own": scope.reference})
        return bool(cursor.fetchone()[0])

    def named(self, statement: sql.SQL, table: Table) -> sql.Composed:
        return statement.format(t=sql.Identifier(table.name), a=sql.Identifier(table.account), k=sql.Identifier(table.key))

    def describe(self) -> str:
        return "second database, rows with the account's reference"
