"""One chunk of one table: a range of keys of one account, in one short transaction with its position, counter and token.

A range by key never walks over what earlier chunks deleted, unlike ``LIMIT n``, and never more than one chunk is lost to a
crash: none, since the rows go with the position that says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db import connection

from deletion.datasets import NAMES_ACCOUNT, Dataset, NoAccountNamed, nulled

STATEMENT_MILLISECONDS = 15_000
LOCK_MILLISECONDS = 2_000
GREATEST = {"bigint": "max(k)", "text": "max(k)"} | dict.fromkeys(("uuid", "bytea"), "(array_agg(k ORDER BY k DESC))[1]")
LARGE = ("customer_id = %(account)s",)


class TooManyRows(Exception):
    """A range held more rows than were counted for it; the transaction is undone."""


class Swept(NamedTuple):
    """What a chunk did: the last key of its range (None when nothing was left) and the rows that went."""

    last: str | None
    deleted: int


class Piece(NamedTuple):
    """A range of keys: the last one (None when there is none) and how many there are."""

    last: str | None
    number: int


def count_after(dataset: Dataset, values: Mapping[str, Any], *, cursor: str, limit: int) -> Piece:
    """Count the next ``limit`` rows of the account after the cursor, by the predicate of the deletion ("" begins below every key)."""
    key, key_type = dataset.primary_key, dataset.key_type
    after = f"AND {key} > %(cursor)s::{key_type}" if cursor else ""
    keys = f"SELECT {key} AS k FROM {dataset.table} WHERE {guard(dataset.where)} {after} ORDER BY {key} LIMIT %(limit)s"  # noqa: S608  # our own names
    with connection.cursor() as db:
        limits(db, dataset)
        db.execute(f"SELECT ({GREATEST[key_type]})::text, count(*) FROM ({keys}) piece", {**values, "cursor": cursor, "limit": limit})  # noqa: S608
        return Piece(*db.fetchone())


def sweep(
    dataset: Dataset,
    values: Mapping[str, Any],
    *,
    cursor: str,
    limit: int,
    behind: str | None = None,
    role: str = "",
    by_function: bool = False,
) -> Swept:
    """Delete the next ``limit`` rows after the cursor in the caller's transaction ("" begins below every key).

    With a role, the transaction goes on as it: it can delete registered rows, and the database refuses it everything else.
    ``by_function`` when all is gone that refers to the rows: the dataset's function looks for it once, not for each row.
    """
    key, key_type = dataset.primary_key, dataset.key_type
    after = f"AND {key} > %(cursor)s::{key_type}" if cursor else ""
    seen = f"AND {key} > %(behind)s::{key_type}" if behind else after
    guarded = guard(dataset.where)
    values = {**values, "cursor": cursor, "behind": behind, "limit": limit}
    keys = f"SELECT {key} AS k FROM {dataset.table} WHERE {guarded} {seen} ORDER BY {key} LIMIT %(limit)s"  # noqa: S608  # our own names
    with connection.cursor() as db:
        limits(db, dataset, role)
        db.execute(f"SELECT ({GREATEST[key_type]})::text, count(*) FROM ({keys}) chunk", values)  # noqa: S608
        last, counted = db.fetchone()
        if last is None:
            return Swept(None, 0)
        values["last"] = last
        part = f"WHERE {guarded} {after} AND {key} <= %(last)s::{key_type}"
        for table, column in nulled(dataset):
            rows = f"SELECT {key} FROM {dataset.table} {part}"  # noqa: S608
            db.execute(f"UPDATE {table} SET {column} = NULL WHERE {column} IN ({rows})", values)  # noqa: S608
        if by_function:
            db.execute(f"SELECT {dataset.function}(%(account)s, nullif(%(cursor)s, '')::bigint, %(last)s::bigint)", values)
            (deleted,) = db.fetchone()
        else:
            db.execute(f"DELETE FROM {dataset.table} {part}", values)  # noqa: S608
            deleted = db.rowcount
        if deleted > counted:
            raise TooManyRows(dataset.key)
        return Swept(last, deleted)


def step_back() -> None:
    """Lay the role down where a surrounding transaction would go on as it; a chunk's own transaction ends with it, and costs nothing."""
    if connection.savepoint_ids:
        with connection.cursor() as db:
            db.execute("RESET ROLE")


def guard(where: str) -> str:
    """Return the predicate, or refuse to make a statement that would reach every account's rows."""
    if not NAMES_ACCOUNT.search(where):
        raise NoAccountNamed(where)
    return where


def limits(db: Any, dataset: Dataset, role: str = "") -> None:
    """Act as the role, bound each statement, and keep the planner on the index (account, id): its statistics are stale while rows vanish."""
    statement = f"SET LOCAL ROLE {connection.ops.quote_name(role)}; " if role else ""
    statement += f"SET LOCAL statement_timeout = {STATEMENT_MILLISECONDS}; SET LOCAL lock_timeout = {LOCK_MILLISECONDS}"
    if dataset.where in LARGE:
        statement += "; SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off"
    db.execute(statement)


def count(dataset: Dataset, values: Mapping[str, Any], *, most: int | None = None) -> int:
    """Count the rows of the account by the predicate of the deletion; ``most`` stops early, where only zero matters."""
    rows = f"SELECT FROM {dataset.table} WHERE {guard(dataset.where)}"
    limit = f"LIMIT {int(most)}" if most else ""
    with connection.cursor() as db:
        limits(db, dataset)
        db.execute(f"SELECT count(*) FROM ({rows} {limit}) counted", values)  # noqa: S608
        (number,) = db.fetchone()
    return int(number)
