"""The role as which rows of an account are deleted: it can delete what the plan erases and empty references to it, and nothing else.

A fault in the engine's statements can then neither write to a customer's row nor take away what has to be kept: the database
refuses it with 42501. The role reads everything, since predicates look into other tables, and keeps the engine's own books.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import Model

from deletion.datasets import datasets, nulled
from deletion.models import ErasureEvent, ErasureStep

BOOKS: dict[type[Model], tuple[str, ...]] = {ErasureStep: ("UPDATE",), ErasureEvent: ("INSERT",)}
FORBIDDEN = ("INSERT", "UPDATE", "TRUNCATE", "REFERENCES", "TRIGGER")


class NoEraser(Exception):
    """The role does not exist; the message says how it is made."""


def grant(cursor: Any) -> None:
    """Take all rights from the role and give it those of the plan; to be run in one transaction, as the owner. Raises NoEraser."""
    role, quote = settings.DATABASE_ERASER_ROLE, cursor.db.ops.quote_name
    refuse_missing(cursor, role)
    cursor.execute("SELECT current_schema()")
    schema, name = quote(cursor.fetchone()[0]), quote(role)
    cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {name}")
    cursor.execute(f"GRANT USAGE ON SCHEMA {schema} TO {name}")
    cursor.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {name}")
    for dataset in datasets():
        cursor.execute(f"GRANT DELETE ON {quote(dataset.table)} TO {name}")
    for function in functions():
        cursor.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {name}")
    for table, column in emptied():
        cursor.execute(f"GRANT UPDATE ({quote(column)}) ON {quote(table)} TO {name}")
    for model, rights in BOOKS.items():
        cursor.execute(f"GRANT {', '.join(rights)} ON {quote(model._meta.db_table)} TO {name}")  # noqa: SLF001


def functions() -> list[str]:
    return [f"{dataset.function}(bigint, bigint, bigint)" for dataset in datasets() if dataset.function]


def emptied() -> list[tuple[str, str]]:
    """Return table and column of every reference that outlives an erased row."""
    return sorted({pair for dataset in datasets() for pair in nulled(dataset)})


def refuse_missing(cursor: Any, role: str) -> None:
    cursor.execute("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", [role])
    if not cursor.fetchone()[0]:
        raise NoEraser(
            f"there is no role {role}. As a superuser: CREATE ROLE {role} NOLOGIN; GRANT {role} TO the owner and to {settings.DATABASE_APP_ROLE}"
        )


def deviations(cursor: Any) -> Iterator[str]:
    """Yield a sentence for everything that the role may do and must not, or must and may not."""
    role = settings.DATABASE_ERASER_ROLE
    try:
        refuse_missing(cursor, role)
    except NoEraser as error:
        yield str(error)
        return
    erased, books = {dataset.table for dataset in datasets()}, {model._meta.db_table: rights for model, rights in BOOKS.items()}  # noqa: SLF001
    cursor.execute("SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') ORDER BY 1")
    for (table,) in cursor.fetchall():
        wanted = {*(("DELETE",) if table in erased else ()), *books.get(table, ())}
        for right in ("DELETE", *FORBIDDEN):
            cursor.execute("SELECT has_table_privilege(%s, quote_ident(%s), %s)", [role, table, right])
            (granted,) = cursor.fetchone()
            if granted != (right in wanted):
                yield f"{table}: {role} {'may' if granted else 'may not'} {right}"
    for function in functions():
        cursor.execute("SELECT has_function_privilege(%s, %s, 'EXECUTE')", [role, function])
        if not cursor.fetchone()[0]:
            yield f"{function}: {role} may not EXECUTE"
