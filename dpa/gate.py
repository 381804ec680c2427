"""The gate: whose agreement is in force until when.

The answer is a column, ``agreement_valid_until``, on the row that authentication loads anyway (a user, a token). It is written
here alone, in the transaction of an acceptance or a publication, and read without a query. Its default lies in the past, so
that whatever is forgotten stays closed.
"""

from __future__ import annotations

import datetime
from typing import Protocol

from django.db import connection

OPEN_END = datetime.datetime(9999, 12, 31, tzinfo=datetime.UTC)

STANDING = """
WITH accepted AS (
    SELECT acceptance.customer_id, max(version.published_at) AS published_at
    FROM dpa_acceptance acceptance JOIN dpa_agreementversion version ON version.id = acceptance.version_id
    GROUP BY acceptance.customer_id
), paper AS (
    SELECT customer_id, max(COALESCE((ends_date + 1)::timestamp AT TIME ZONE 'Europe/Berlin', %(open_end)s)) AS until
    FROM dpa_paperagreement GROUP BY customer_id
), standing AS (
    SELECT customer.id, CASE WHEN customer.closed_at IS NOT NULL THEN 'epoch'::timestamptz ELSE GREATEST(
        COALESCE(paper.until, 'epoch'::timestamptz),
        CASE WHEN accepted.published_at IS NULL THEN 'epoch'::timestamptz ELSE COALESCE((
            SELECT min(COALESCE(later.must_accept_by, later.published_at)) FROM dpa_agreementversion later
            WHERE later.state IN ('published', 'superseded') AND later.change_kind = 'material'
            AND later.published_at > accepted.published_at
        ), %(open_end)s) END
    ) END AS until
    FROM customers_customer customer
    LEFT JOIN accepted ON accepted.customer_id = customer.id
    LEFT JOIN paper ON paper.customer_id = customer.id
    WHERE %(customer)s IS NULL OR customer.id = %(customer)s
)
UPDATE customers_customer SET agreement_valid_until = standing.until
FROM standing WHERE standing.id = customers_customer.id AND customers_customer.agreement_valid_until IS DISTINCT FROM standing.until
"""
COPIES = """
UPDATE {table} SET agreement_valid_until = customer.agreement_valid_until
FROM customers_customer customer WHERE customer.id = {table}.customer_id
AND {table}.agreement_valid_until IS DISTINCT FROM customer.agreement_valid_until
AND (%(customer)s IS NULL OR customer.id = %(customer)s)
"""


class Gated(Protocol):
    """A row that authentication loads and that carries the decision."""

    agreement_valid_until: datetime.datetime


def is_open(row: Gated, now: datetime.datetime) -> bool:
    """Say whether an agreement is in force for the row's company at this moment."""
    return row.agreement_valid_until > now


def write_standing(customer_id: int | None = None) -> None:
    """Write the decision for one customer, or for all, from the acceptances and versions as this transaction sees them."""
    values = {"customer": customer_id, "open_end": OPEN_END}
    with connection.cursor() as cursor:
        cursor.execute(STANDING, values)
        for table in ("customers_user", "customers_apitoken"):
            cursor.execute(COPIES.format(table=table), values)
