"""How far the replicas are behind: an erasure writes much, and waits while they cannot keep up."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.db import connection

MEGABYTE = 1024 * 1024
LAG = """
SELECT max(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)), count(*) FILTER (WHERE replay_lsn IS NULL)
FROM pg_stat_replication WHERE state IS NULL OR state IN ('streaming', 'catchup')
"""
log = structlog.get_logger(__name__)


def lag_bytes() -> int:
    """Return by how many bytes of write-ahead log the slowest replica is behind; 0 without replicas.

    A replica whose position may not be seen (the role needs pg_read_all_stats) is named in the log and not waited for:
    a deletion with a deadline must not stand still because nobody granted a right.
    """
    with connection.cursor() as cursor:
        cursor.execute(LAG)
        behind, unseen = cursor.fetchone()
    if unseen:
        log.warning("position of a replica is hidden", number=unseen)
    return int(behind or 0)


def are_behind() -> bool:
    """Say whether the work should wait: a replica is further behind than ERASURE_MOST_REPLICA_LAG megabytes allow."""
    most: int = settings.ERASURE_MOST_REPLICA_LAG * MEGABYTE
    return lag_bytes() > most
