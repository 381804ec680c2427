"""Drop or turn round the predicate that names the account, wherever it stands: each such mutant is noticed.

The statements run on empty copies of the tables, filled with a row of the account and one of another account for every dataset.
"""

from __future__ import annotations

import hashlib
import inspect
import re
import types
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
import redis
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, models

from deletion import datasets, sweeping
from deletion.connectors import files as files_module
from deletion.connectors import redis as redis_module
from deletion.connectors import sql as sql_module
from deletion.datasets import Dataset, NoAccountNamed
from tests.deletion.servers import OTHER, OURS
from tests.deletion.test_connectors import does_all_that_a_store_must
from tests.own_database import address_of, administer

EACH = datasets.datasets()
OUR, THEIR = 7, 8
"""Numbers of the account and of the other one; everything of an account carries its number."""


def values_of(number: int) -> dict[str, Any]:
    return {
        "account": number,
        "people": [number],
        "sessions": [f"session-{number}"],
        "addresses": [address_hash(number)],
        "requests": [f"LA-{number}"],
        "told_owners": ["deletion_requested"],
        "customer_type": 1,
        "person_type": 2,
        "salt": "salt",
        "letters": ["deletion_started"],
    }


def address_hash(number: int) -> str:
    return hashlib.sha256(f"salterika{number}@example.com".encode()).hexdigest()


COLUMNS: dict[str, Any] = {
    "session_key": "session-{n}",
    "recipient": "Erika{n}@example.com",
    "object_id": "{n}",
    "content_type_id": 1,
    "kind": "notice",
}


def value_for(field: Any, number: int) -> Any:
    """Return a value of the field's type that carries the account's number wherever it can."""
    if field.column in COLUMNS:
        wanted = COLUMNS[field.column]
        return wanted.format(n=number) if isinstance(wanted, str) else wanted
    if isinstance(field, models.ForeignKey):
        field = field.target_field
    if isinstance(field, models.UUIDField):
        return str(uuid.UUID(int=number))
    if isinstance(field, models.BinaryField):
        return number.to_bytes(32, "big")
    if isinstance(field, models.IntegerField):
        return number
    return None


# An address may be of both accounts: a mail that names one of them is that one's.
BRANCHES: dict[str, list[dict[str, Any]]] = {
    "admin.logentry": [{"content_type_id": 2, "user_id": None}, {"content_type_id": 1, "user_id": None}, {"content_type_id": None}],
    "notifications.delivery": [
        {"recipient": "Erika{other}@example.com"},
        {"customer_id": None},
        {"customer_id": None, "recipient": "nobody@example.com", "kind": "deletion_requested", "key": "deletion_requested:LA-{n}:1"},
    ],
    "customers.apitoken": [{"created_by_id": None}, {"customer_id": None}],
    "customers.membership": [{"user_id": None}, {"customer_id": None}],
}


@pytest.fixture
def copies(db: None) -> None:
    """Stand copies of the tables in front of the real ones, one row of each account in each."""
    with connection.cursor() as cursor:
        for dataset in datasets.datasets():
            emptied = [table for table, _column in datasets.nulled(dataset)]
            for table in {dataset.table, *emptied}:
                cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS {table} (LIKE public.{table}) ON COMMIT DROP")
                cursor.execute(
                    "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnotnull AND attnum > 0", [f"pg_temp.{table}"]
                )
                for (column,) in cursor.fetchall():
                    cursor.execute(f'ALTER TABLE pg_temp.{table} ALTER COLUMN "{column}" DROP NOT NULL')
        filling = [(each, whose, change) for each in EACH for whose in (OUR, THEIR) for change in variants(each, whose)]
        for dataset, number, changes in filling:
            filled = {field.column: value_for(field, number) for field in dataset.model._meta.concrete_fields} | changes
            names = ", ".join(f'"{name}"' for name in filled)
            marks = ", ".join("%s" for _name in filled)
            cursor.execute(f"INSERT INTO pg_temp.{dataset.table} ({names}) VALUES ({marks})", list(filled.values()))


def variants(dataset: Dataset, number: int = OUR) -> list[dict[str, Any]]:
    """Return rows that only one branch of a predicate finds, beside the one that all of them find."""
    places = {"n": number, "other": OUR + THEIR - number}
    branches = BRANCHES.get(dataset.key, [])
    return [{}, *({name: value.format(**places) if isinstance(value, str) else value for name, value in row.items()} for row in branches)]


def rows(dataset: Dataset, number: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {dataset.table} WHERE {dataset.where}", values_of(number))
        return int(cursor.fetchone()[0])


def everything() -> list[Any]:
    """Return all rows of the other account as its own predicates find them."""
    parts = [f"SELECT '{each.key}', string_agg(t::text, '|' ORDER BY t::text) FROM {each.table} t WHERE {each.where}" for each in EACH]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values_of(THEIR))
        return sorted(cursor.fetchall())


def is_noticed(dataset: Dataset, module: Any = sweeping) -> bool:
    """Say whether an erasure by this dataset is refused, touches the other account, or leaves something of ours."""
    real = datasets.find(dataset.key)
    before = everything()
    try:
        position = ""
        for _chunk in range(5):
            swept = module.sweep(dataset, values_of(OUR), cursor=position, limit=100)
            if swept.last is None:
                break
            position = swept.last
    except (NoAccountNamed, sweeping.NoAccountNamed, module.TooManyRows):
        return True
    return everything() != before or rows(real, OUR) != 0


COMPARISON = re.compile(r" = (ANY\()?(%\(\w+\)s)")


def mutants() -> Iterator[tuple[str, str, str]]:
    """Yield dataset, kind of mutant and predicate: dropped, made true for all, and each comparison turned round."""
    for dataset in datasets.datasets():
        yield dataset.key, "dropped", "TRUE"
        yield dataset.key, "true for all", f"({dataset.where}) OR TRUE"
        for place, found in enumerate(COMPARISON.finditer(dataset.where)):
            if found[2] in ("%(letters)s", "%(told_owners)s") or "type" in found[2]:
                continue
            turned = f" <> {'ALL(' if found[1] else ''}{found[2]}"
            yield dataset.key, f"turned round {place}", dataset.where[: found.start()] + turned + dataset.where[found.end() :]


@pytest.mark.usefixtures("copies")
@pytest.mark.parametrize("key", [dataset.key for dataset in datasets.datasets()])
def test_the_predicate_finds_the_account_and_no_other(key: str) -> None:
    dataset = datasets.find(key)
    number = len(variants(dataset))
    assert (rows(dataset, OUR), rows(dataset, THEIR)) == (number, number)
    assert not is_noticed(dataset)


@pytest.mark.usefixtures("copies")
@pytest.mark.parametrize(("key", "kind", "where"), [pytest.param(*mutant, id=f"{mutant[0]}: {mutant[1]}") for mutant in mutants()])
def test_a_predicate_that_is_dropped_or_turned_round_is_noticed(key: str, kind: str, where: str) -> None:
    assert is_noticed(datasets.find(key)._replace(where=where))


SWEEPING = {
    "a range of everybody": ('part = f"WHERE {guarded} {after}', 'part = f"WHERE TRUE {after}'),
    "no lower end, no account": ('part = f"WHERE {guarded} {after} AND', 'part = f"WHERE'),
    "no guard and no account": ("guarded = guard(dataset.where)", 'guarded = "TRUE"'),
    "no account in the deletion": ('db.execute(f"DELETE FROM {dataset.table} {part}"', 'db.execute(f"DELETE FROM {dataset.table}"'),
    "references of everybody": ("WHERE {column} IN ({rows})", "WHERE {column} IS NOT NULL"),
}


def mutated(module: types.ModuleType, old: str, new: str) -> Any:
    """Return the module with one change of its text."""
    text = inspect.getsource(module)
    assert text.count(old) >= 1, old
    made = types.ModuleType(module.__name__)
    exec(compile(text.replace(old, new), str(module.__file__), "exec"), made.__dict__)  # the text is our own
    return made


@pytest.mark.usefixtures("copies")
@pytest.mark.parametrize("change", SWEEPING)
def test_a_change_of_the_statements_is_noticed(change: str) -> None:
    module = mutated(sweeping, *SWEEPING[change])
    # Between two of ours lies one of theirs, as in the heap of a real table.
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pg_temp.subscriptions_subscription SET id = 5, cancelled_by_id = NULL WHERE customer_id = %s", [THEIR])
        cursor.execute("UPDATE pg_temp.customers_invitation SET invited_by_id = id")
    few = ("subscriptions.subscription", "customers.invitation", "customers.user")
    assert any(is_noticed(datasets.find(key), module) for key in few)


# --- other stores -----------------------------------------------------------------------------------------------------


SQL = {
    "part of everybody": ('FROM {t} WHERE {a}::text = ANY(%(accounts)s)"\nAFTER', 'FROM {t} WHERE TRUE"\nAFTER'),
    "count of everybody": ('FROM {t} WHERE {a}::text = ANY(%(accounts)s)"\n                    )', 'FROM {t}"\n                    )'),
    "another account": ("return [scope.reference, scope.canary_account]", "return [scope.canary_account]"),
}


@pytest.fixture
def second_database(db: None) -> Iterator[str]:
    name = f"second_{uuid.uuid4().hex[:8]}"
    administer(f'CREATE DATABASE "{name}"')
    address = address_of(name)
    made = psycopg2.connect(address)
    with made, made.cursor() as cursor:
        cursor.execute("CREATE TABLE event (id serial PRIMARY KEY, account uuid, body text)")
        for scope, number in ((OURS, 5), (OTHER, 3)):
            cursor.execute("INSERT INTO event (account) SELECT %s FROM generate_series(1, %s)", [scope.reference, number])
    made.close()
    yield f"{address}&tables=event.account.id" if "?" in address else f"{address}?tables=event.account.id"
    administer(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_the_unchanged_connector_passes(second_database: str) -> None:
    does_all_that_a_store_must(sql_module.SqlConnector("second", second_database), 5)


@pytest.mark.parametrize("change", SQL)
def test_a_change_of_the_second_databases_statements_is_noticed(second_database: str, change: str) -> None:
    module = mutated(sql_module, *SQL[change])
    with pytest.raises(AssertionError):
        does_all_that_a_store_must(module.SqlConnector("second", second_database), 5)


KEYS = {
    "keys of every account": ('match=GLOB.sub(r"\\\\\\1", prefix) + "*", count=limit', 'match="*", count=limit'),
    "a prefix without the account": (
        'return self.prefix.replace("{account}", scope.reference)',
        'return self.prefix.replace("{account}:", "")',
    ),
}


@pytest.mark.parametrize("change", KEYS)
def test_a_change_of_the_prefix_is_noticed(change: str) -> None:
    client = redis.Redis.from_url(settings.REDIS_URL)
    for scope, number in ((OURS, 4), (OTHER, 2)):
        for index in range(number):
            client.set(f"mutant:{scope.reference}:{index}", b"x")
    module = mutated(redis_module, *KEYS[change])
    with pytest.raises(AssertionError):
        does_all_that_a_store_must(module.RedisConnector("keys", f"{settings.REDIS_URL}&prefix=mutant:{{account}}:"), 4)
    for key in client.scan_iter("mutant:*"):
        client.delete(key)


def test_a_folder_of_everybody_is_noticed() -> None:
    for scope, number in ((OURS, 2), (OTHER, 1)):
        for index in range(number):
            default_storage.save(f"accounts/{scope.reference}/{index}", ContentFile(b"x"))
    module = mutated(files_module, 'return f"{FOLDER}/{reference}"', "return FOLDER")
    with pytest.raises(AssertionError):
        does_all_that_a_store_must(module.FileConnector(), 2)
