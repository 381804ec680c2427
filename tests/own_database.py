"""A private copy of the migrated test database, for tests that commit: evidence refuses the TRUNCATE that would clean up after them."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit
from uuid import uuid4

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.db.utils import OperationalError


@contextlib.contextmanager
def own_database(blocker: Any, alias: str = DEFAULT_DB_ALIAS) -> Iterator[str]:
    """Point this process at a copy of the test database, yield the copy's name, and drop it afterwards."""
    connection = connections[alias]
    original = connection.settings_dict["NAME"]
    name = f"{original}_{uuid4().hex[:8]}"
    with blocker.unblock():
        connection.close()
        copy(original, name)
        connection.settings_dict["NAME"] = name
        try:
            yield name
        finally:
            connection.close()
            connection.settings_dict["NAME"] = original
            drop(name)


STRAYS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid() AND usename = current_user"
)


def copy(original: str, name: str) -> None:
    """Copy the database; whoever is still leaving the original gets three seconds to do so, and is sent away then."""
    for patience in range(60, -1, -1):
        try:
            administer(f'CREATE DATABASE "{name}" TEMPLATE "{original}"')
        except OperationalError:
            if not patience:
                raise
            if patience == 30:
                administer(STRAYS.format(name=original))
            time.sleep(0.1)
        else:
            return


def drop(name: str) -> None:
    """Drop the copy; the server's own cleaner may be at it for a moment, and no role of ours may end that."""
    for patience in range(50, -1, -1):
        try:
            administer(f'DROP DATABASE "{name}" WITH (FORCE)')
        except DatabaseError:
            if not patience:
                raise
            time.sleep(0.1)
        else:
            return


def administer(statement: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement)


def address_of(name: str, *, role: str | None = None) -> str:
    """Return the DATABASE_URL of a child process; with a role, each of its sessions acts as that role."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    query = "&".join(filter(None, [parts.query, f"options={quote(f'-c role={role}')}" if role else ""]))
    return urlunsplit((parts.scheme, parts.netloc, f"/{name}", query, ""))
