"""Count what is left: per step under another role, then over the whole live catalogue and in every store, then again later.

Unknown is not zero. An error, a time-out or a hidden row means that nothing was counted, and then nothing is certified.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now

from deletion import coverage, sweeping
from deletion.connectors import Count, Held, stores
from deletion.datasets import STORE, Dataset, datasets, find
from deletion.freezing import scope_for_stores, values_for
from deletion.models import ErasureRequest, ErasureStep
from deletion.plan import decisions
from deletion.transitions import note

PIECE = 100_000  # rows that are counted at once: half a million took 85 ms, and no transaction may reach 100
MOST = 1000  # a verification asks for zero; how many more than this are left does not matter
ROW_SECURITY = "SELECT relrowsecurity FROM pg_class WHERE oid = %s::regclass"
# Every column of the live catalogue, in any schema, that leads to a company or a person, declared to Django or not.
KEYS = """
SELECT DISTINCT n.nspname, n.oid = current_schema()::regnamespace, c.relname, a.attname, a.atttypid::regtype::text,
    CASE WHEN k.confrelid = 'customers_user'::regclass THEN 'people' ELSE 'account' END
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_constraint k ON k.contype = 'f' AND k.conrelid = c.oid AND k.conkey[1] = a.attnum
    AND k.confrelid IN ('customers_customer'::regclass, 'customers_user'::regclass)
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p', 'm', 'f')
    AND a.atttypid IN ('int4'::regtype, 'int8'::regtype, 'uuid'::regtype, 'text'::regtype, 'varchar'::regtype)
    AND (k.oid IS NOT NULL OR a.attname ~* %s)
ORDER BY 1, 3, 4
"""
LOOKS_LIKE_A_KEY = "^(customer|account|tenant|company|organi[sz]ation|client|mandant|kunde)_?(id|number|no|nr|key|ref|reference|uuid)?$"


class Uncounted(Exception):
    """Nobody knows how many rows are left."""


class Residue(Exception):
    """Records are left that should be gone; so many of them are planted ones."""

    def __init__(self, number: int, planted: int = 0) -> None:
        super().__init__(number)
        self.number, self.planted = number, planted


class HeldBack(Exception):
    """A store keeps records under a lock of its own; nobody can delete them before it ends."""

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
    """Count before the first row goes, once, as the verifier: what it does not see now it would not miss later.

    In pieces, each in a short transaction; all of them have to fit into one slice of work. A piece that is counted twice takes about
    35 ms, so a hundred million rows of one kind are too many. Raises Uncounted.
    """
    number, position = 0, ""
    while True:
        with as_verifier():
            refuse_hidden_rows(dataset.table)
            seen = sweeping.count_after(dataset, values, cursor=position, limit=PIECE)
        with transaction.atomic():
            own = sweeping.count_after(dataset, values, cursor=position, limit=PIECE)
        if seen != own:
            raise Uncounted
        number += seen.number
        if seen.last is None or seen.number < PIECE:
            return number
        position = seen.last


def verify_step(request: ErasureRequest, step: ErasureStep) -> None:
    """Verification 1: count anew what the step was to delete. Raises Uncounted, HeldBack or Residue; marks the step verified at zero."""
    left, planted = count_of(request, step)
    with transaction.atomic():
        ours = ErasureStep.objects.filter(pk=step.pk, fence=step.fence)
        ours.update(residual=left)
        if left == 0:
            ours.update(state=ErasureStep.State.VERIFIED, verified_at=Now(), last_error="", next_attempt_at=None)
            note(request, "step.verified", dataset=step.dataset, number=step.deleted)
    if left:
        raise Residue(left, planted)
    step.state = ErasureStep.State.VERIFIED


def left_of(request: ErasureRequest, step: ErasureStep) -> int:
    """Return how much of the step's dataset is there now. Raises Uncounted or HeldBack."""
    return count_of(request, step).number


def count_of(request: ErasureRequest, step: ErasureStep) -> Count:
    """Return how much is there now, and how much of it was planted. Raises Uncounted or HeldBack."""
    if step.store == STORE:
        dataset = find(step.dataset)
        return Count(counted(dataset, values_for(request, dataset), most=MOST))
    connector = stores().get(step.store)
    if connector is None:
        raise Uncounted
    try:
        answer = connector.verify(scope_for_stores(request))
    except Exception as error:
        raise Uncounted from error  # whatever a store raises, nothing was counted
    if isinstance(answer, Held):
        raise HeldBack(answer.number)
    if not isinstance(answer, Count):
        raise Uncounted
    return answer


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
    """Yield what every column with a key of an account or a person still holds, and every table that nobody decided about.

    Tables that are kept by decision are passed over. A table that the plan does not know is never counted as empty of the account:
    where the account is not found in it, nobody can say that it is not there.
    """
    kept = {model._meta.db_table for model, texts in decisions() if texts is not None}  # noqa: SLF001
    with connection.cursor() as cursor:
        cursor.execute(KEYS, [LOOKS_LIKE_A_KEY])
        columns = [Column(*row) for row in cursor.fetchall()]
    found = [
        (column.schema, column.table, Finding(code_of(column.label), left_in(column, request)))
        for column in columns
        if not (column.is_ours and column.table in kept)
    ]
    yield from (finding for _schema, _table, finding in found)
    seen = {(schema, table) for schema, table, finding in found if finding.number != 0}
    unknown = (relation for relation in coverage.undeclared_relations() if (relation.schema, relation.name) not in seen)
    yield from (Finding(code_of(relation.label), left_in_unknown(relation, request)) for relation in unknown)


class Column(NamedTuple):
    """A column of the live catalogue that looks like the key of an account or of a person."""

    schema: str
    is_ours: bool
    table: str
    name: str
    type: str
    kind: str

    @property
    def label(self) -> str:
        return f"{'' if self.is_ours else self.schema + '.'}{self.table}.{self.name}"


def code_of(label: str) -> str:
    """Return the name of a place as an event may hold it: names of foreign tables are anybody's free text."""
    return re.sub(r"[^a-z0-9_.:-]", "_", label.lower())[:80]


def left_in(column: Column, request: ErasureRequest) -> int | None:
    """Count rows with a key of the account in the column; None when that was not possible."""
    plan, quote = request.plan or {}, connection.ops.quote_name
    keys: list[Any] = plan["people"] if column.kind == "people" else [plan["account"]]
    if column.type in ("text", "character varying"):
        keys, cast = [*map(str, keys), str(request.customer_reference)], "text"
    elif column.type == "uuid":
        keys, cast = [str(request.customer_reference)], "uuid"
    else:
        cast = "bigint"
    return counted_in(f"{quote(column.schema)}.{quote(column.table)}", f"{quote(column.name)} = ANY(%s::{cast}[])", [keys])


def left_in_unknown(relation: coverage.Relation, request: ErasureRequest) -> int | None:
    """Return 0 for an empty table, how many rows name the account by its reference, and None when others are there."""
    quote = connection.ops.quote_name
    table = f"{quote(relation.schema)}.{quote(relation.name)}"
    naming = counted_in(table, "whole::text LIKE %s", [f"%{request.customer_reference}%"])
    return naming or (0 if naming == 0 and counted_in(table, "true", []) == 0 else None)


def counted_in(table: str, condition: str, values: list[Any]) -> int | None:
    """Count as the verifier; None for whatever keeps it from counting."""
    rows = f"SELECT FROM {table} AS whole WHERE {condition} LIMIT {MOST}"  # names of the catalogue
    try:
        with as_verifier():
            refuse_hidden_rows(table)
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {sweeping.STATEMENT_MILLISECONDS}")
                cursor.execute(f"SELECT count(*) FROM ({rows}) counted", values)  # noqa: S608
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
