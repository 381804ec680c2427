"""Whether this process can do its work: what it depends on, each asked for itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache

import structlog
from django.core.cache import cache as valkey
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from deletion.replaying import DOOR
from jobs.services import canary_age

CANARY_LIMIT = timedelta(minutes=3)
log = structlog.get_logger(__name__)


class CheckFailed(Exception):
    """A part answered, but not as it must."""


def failed_checks(now: datetime) -> dict[str, bool]:
    """Return for each check by name whether it failed; why stands in the log, not in the answer."""
    checks: dict[str, Callable[[], object]] = {
        "database": write_to_database,
        "migrations": require_migrations,
        "valkey": write_to_valkey,
        "jobs": lambda: require_living_jobs(now),
        "erasures": require_ledger_in_step,
    }
    return {name: has_failed(name, check) for name, check in checks.items()}


def has_failed(name: str, check: Callable[[], object]) -> bool:
    try:
        check()
    except Exception as failure:  # noqa: BLE001  # whatever is wrong with a part, the answer is that it is not ready
        log.warning("readiness check failed", kind=name, reason=type(failure).__name__)
        return True
    return False


def write_to_database() -> None:
    """Commit a message to the write-ahead log: unlike a SELECT, that fails on a standby and on a full disk."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('transaction_read_only'), pg_logical_emit_message(true, 'readyz', '')")
        if cursor.fetchone()[0] == "on":
            raise CheckFailed


@cache
def require_migrations() -> None:
    """Raise CheckFailed while the schema is behind the code; asked until it holds once, since a process keeps its code."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CheckFailed


def write_to_valkey() -> None:
    valkey.set("readyz", "1", timeout=10)
    if valkey.get("readyz") != "1":
        raise CheckFailed


def require_living_jobs(now: datetime) -> None:
    """Raise CheckFailed when no job has been planted, sent and finished within the limit: scheduler, queue or worker is down."""
    age = canary_age(now)
    if age is None or age > CANARY_LIMIT:
        raise CheckFailed


def require_ledger_in_step() -> None:
    """Raise CheckFailed while the ledger of erasures knows some that the portal does not: a backup was restored."""
    if not DOOR.look():
        raise CheckFailed
