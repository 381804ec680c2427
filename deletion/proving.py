"""Count what is left: per step under another role, then over the whole live catalogue and in every store, then again later.

Unknown is not zero. An error, a time-out or a hidden row means that nothing was counted, and then nothing is certified.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now

from deletion import sweeping
from deletion.connectors import Count, stores
from deletion.datasets import STORE, Dataset, datasets, find
from deletion.freezing import scope_for_stores, values_for
from deletion.models import ErasureRequest, ErasureStep
from deletion.plan import decisions
from deletion.transitions import note

MOST = 1000  # a verification asks for zero; how many more than this are left does not matter
ROW_SECURITY = "SELECT relrowsecurity FROM pg_class WHERE oid = %s::regclass"
# Every column of the live catalogue that leads to a company or a person, declared to Django or not.
KEYS = """
SELECT DISTINCT c.relname, a.attname, CASE WHEN k.confrelid = 'customers_user'::regclass THEN 'people' ELSE 'account' END
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_constraint k ON k.contype = 'f' AND k.conrelid = c.oid AND k.conkey[1] = a.attnum
    AND k.confrelid IN ('customers_customer'::regclass, 'customers_user'::regclass)
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'm')
    AND a.atttypid IN ('int4'::regtype, 'int8'::regtype)
    AND (k.oid IS NOT NULL OR a.attname ~ '^(customer|account|tenant|company|organi[sz]ation)_?(id|number)?$')
ORDER BY 1, 2
"""


class Uncounted(Exception):
    """Nobody knows how many rows are left."""


class Residue(Exception):
    """Rows are left that should be gone."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Finding(NamedTuple):
    """A place with data of the account that should be gone; ``number`` is None when it could not be counted."""

    place: str
    number: int | None


@contextmanager
def as_verifier() -> Iterator[None]:
    """Count in a transaction of its own under the role that can read and nothing else. Raises Uncounted for whatever fails."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL ROLE {connection.ops.quote_name(settings.DATABASE_VERIFIER_ROLE)}")
            yield
            with connection.cursor() as cursor:
                cursor.execute("RESET ROLE")  # a nested transaction would go on as the verifier
    except DatabaseError as error:
        raise Uncounted from error


def refuse_hidden_rows(table: str) -> None:
    """Raise Uncounted where row security could hide rows: a count would be right for what is seen only."""
    with connection.cursor() as cursor:
        cursor.execute(ROW_SECURITY, [table])
        if cursor.fetchone()[0]:
            raise Uncounted


def counted(dataset: Dataset, values: Mapping[str, Any], *, most: int | None) -> int:
    with as_verifier():
        refuse_hidden_rows(dataset.table)
        return sweeping.count(dataset, values, most=most)


def estimate(dataset: Dataset, values: Mapping[str, Any]) -> int:
    """Count before the first row goes, once, as the verifier: what it does not see now it would not miss later."""
    seen = counted(dataset, values, most=None)
    with transaction.atomic():
        own = sweeping.count(dataset, values)
    if seen != own:
        raise Uncounted
    return seen


def verify_step(request: ErasureRequest, step: ErasureStep) -> None:
    """Verification 1: count anew what the step was to delete. Raises Uncounted or Residue; marks the step verified at zero."""
    left = left_of(request, step)
    with transaction.atomic():
        ours = ErasureStep.objects.filter(pk=step.pk, fence=step.fence)
        ours.update(residual=left)
        if left == 0:
            ours.update(state=ErasureStep.State.VERIFIED, verified_at=Now(), last_error="", next_attempt_at=None)
            note(request, "step.verified", dataset=step.dataset, number=step.deleted)
    if left:
        raise Residue(left)
    step.state = ErasureStep.State.VERIFIED


def left_of(request: ErasureRequest, step: ErasureStep) -> int:
    """Return how much of the step's dataset is there now. Raises Uncounted."""
    if step.store == STORE:
        dataset = find(step.dataset)
        return counted(dataset, values_for(request, dataset), most=MOST)
    connector = stores().get(step.store)
    answer = connector.verify(scope_for_stores(request)) if connector else None
    if not isinstance(answer, Count):
        raise Uncounted
    return answer.number


def verify_account(request: ErasureRequest) -> list[Finding]:
    """Verifications 2 and 3: every step again, and every column of the live catalogue that looks like a key of an account.

    An empty list alone means that nothing is left.
    """
    found = []
    for step in request.steps.all():
        try:
            left: int | None = left_of(request, step)
        except Exception:  # noqa: BLE001  # whatever a store raises, nothing was counted
            left = None
        if left != 0:
            found.append(Finding(step.dataset, left))
    return found + [finding for finding in catalogue(request) if finding.number != 0]


def catalogue(request: ErasureRequest) -> Iterator[Finding]:
    """Yield what every column with a key of an account or a person still holds, but for the tables that are kept by decision."""
    kept = {model._meta.db_table for model, texts in decisions() if texts is not None}  # noqa: SLF001
    with connection.cursor() as cursor:
        cursor.execute(KEYS)
        columns = cursor.fetchall()
    plan = request.plan or {}
    for table, column, kind in columns:
        if table not in kept:
            yield Finding(f"{table}.{column}", left_in(table, column, plan["people"] if kind == "people" else [plan["account"]]))


def left_in(table: str, column: str, keys: list[int]) -> int | None:
    quote = connection.ops.quote_name
    rows = f"SELECT FROM {quote(table)} WHERE {quote(column)} = ANY(%s::bigint[]) LIMIT {MOST}"  # names of the catalogue
    try:
        with as_verifier():
            refuse_hidden_rows(quote(table))
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {sweeping.STATEMENT_MILLISECONDS}")
                cursor.execute(f"SELECT count(*) FROM ({rows}) counted", [keys])  # noqa: S608
                return int(cursor.fetchone()[0])
    except Uncounted:
        return None


def unverifiable() -> list[str]:
    """Return the datasets whose tables the verifier cannot read; for the start-up check of an installation."""
    return [dataset.key for dataset in datasets() if not readable(dataset)]


def readable(dataset: Dataset) -> bool:
    try:
        with as_verifier(), connection.cursor() as cursor:
            cursor.execute(f"SELECT FROM {dataset.table} LIMIT 1")
    except Uncounted:
        return False
    return True
