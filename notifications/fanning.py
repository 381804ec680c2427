"""One message to many: deliveries and their jobs come into being in the database, some thousand at a time.

Every step can be repeated: who has a delivery gets no second one (keys), and no delivery is without its job.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from jobs.models import Job
from notifications.models import Broadcast, Delivery, UpdateSubscription

CHUNK = 10_000
SEND = "notifications.send"

# The recipients' query yields: customer_id, subscription_id, recipient, language, context (jsonb), mark (unique within the broadcast).
DELIVER = """
WITH recipient AS MATERIALIZED (SELECT found.*, gen_random_uuid() AS id FROM ({recipients}) AS found), delivery AS (
    INSERT INTO {delivery} (id, key, recipient, customer_id, subscription_id, broadcast_id, kind, language, context, attachments,
                            state, attempts, last_error, message_id, created_at)
    SELECT id, %(broadcast_key)s || ':' || mark, recipient, customer_id, subscription_id, %(broadcast_id)s, %(broadcast_kind)s, language,
           context, '[]', 'queued', 0, '', '<' || id || '@' || %(broadcast_host)s || '>', %(broadcast_at)s
    FROM recipient ON CONFLICT (key) DO NOTHING RETURNING id, key
)
INSERT INTO {job} (kind, key, subject, state, attempts, fence, last_error)
SELECT %(broadcast_send)s, 'send:' || key, id::text, 'waiting', 0, 0, '' FROM delivery ON CONFLICT (key) DO NOTHING
"""

SUBSCRIBERS = """
SELECT NULL::bigint AS customer_id, subscriber.id AS subscription_id, subscriber.email AS recipient, subscriber.language,
       '{}'::jsonb AS context, 's:' || subscriber.id AS mark
FROM {subscription} subscriber
WHERE subscriber.confirmed_at IS NOT NULL AND %(topic)s = ANY (subscriber.topics)
AND NOT EXISTS (
    SELECT 1 FROM {delivery} told WHERE told.broadcast_id = %(told_by)s AND lower(told.recipient) = subscriber.email
)
AND NOT EXISTS (SELECT 1 FROM {delivery} told WHERE told.key = %(broadcast_key)s || ':s:' || subscriber.id)
ORDER BY subscriber.id LIMIT %(limit)s
"""
TABLES = {"{delivery}": Delivery, "{job}": Job, "{subscription}": UpdateSubscription}


def tables_named(statement: str) -> str:
    """Return the statement with the names of the tables; values never come this way."""
    for mark, model in TABLES.items():
        statement = statement.replace(mark, model._meta.db_table)  # noqa: SLF001  # Django documents _meta as an API
    return statement


def deliver(broadcast: Broadcast, recipients: str, values: Mapping[str, Any]) -> int:
    """Give everybody whom the query finds a delivery with a job, unless they have one; return how many are new.

    ``recipients`` is a constant SELECT of the calling module, never text from outside.
    """
    statement = tables_named(DELIVER.replace("{recipients}", recipients))
    with connection.cursor() as cursor:
        cursor.execute(statement, {**values, **of_broadcast(broadcast)})
        return int(cursor.rowcount)


def of_broadcast(broadcast: Broadcast) -> dict[str, Any]:
    return {
        "broadcast_id": broadcast.pk,
        "broadcast_key": broadcast.key,
        "broadcast_kind": broadcast.kind,
        "broadcast_at": broadcast.created_at,
        "broadcast_host": urlsplit(settings.PORTAL_ORIGIN).hostname,
        "broadcast_send": SEND,
    }


def tell_subscribers(broadcast: Broadcast, *, topic: str, told_by: Broadcast | None = None, limit: int = CHUNK) -> int:
    """Tell the next subscribers of the topic who were not told by the other broadcast; 0 when all know."""
    values = {"topic": topic, "told_by": told_by.pk if told_by else None, "limit": limit}
    return deliver(broadcast, SUBSCRIBERS, values)
