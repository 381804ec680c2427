"""Second databases with keys of any type, and objects whose lock has ended: what operators really connect."""

from __future__ import annotations

import datetime
import time
import uuid
from contextlib import closing
from typing import Any

import psycopg2
import pytest

from deletion.connectors import Held, Permanent
from deletion.connectors.sql import SqlConnector
from tests.deletion.servers import OTHER, OURS, bucket
from tests.deletion.test_connectors import does_all_that_a_store_must

KEYS = {
    "uuid": "uuid DEFAULT gen_random_uuid()",
    "timestamptz": "timestamptz DEFAULT clock_timestamp()",
    "date": "date DEFAULT (DATE '2026-01-01' + (random() * 1000000)::int)",
    "text": "text DEFAULT md5(random()::text)",
    "bigint": "bigint GENERATED ALWAYS AS IDENTITY",
    "numeric": "numeric DEFAULT random()::numeric",
    "bytea": "bytea DEFAULT decode(md5(random()::text), 'hex')",
}


@pytest.mark.django_db
@pytest.mark.parametrize("key", KEYS)
def test_rows_of_a_second_database_go_by_ranges_of_keys_of_any_type(second_database: str, key: str) -> None:
    with closing(psycopg2.connect(second_database)) as second, second, second.cursor() as cursor:
        cursor.execute(f"CREATE TABLE visit (key {KEYS[key]} PRIMARY KEY, account uuid)")
        for scope, number in ((OURS, 8), (OTHER, 2)):
            for _row in range(number):
                cursor.execute("INSERT INTO visit (account) VALUES (%s)", [scope.reference])
    does_all_that_a_store_must(SqlConnector("second", f"{second_database}&tables=visit.account.key"), 8)


@pytest.mark.django_db
def test_a_key_that_has_no_order_is_refused_for_good(second_database: str) -> None:
    with closing(psycopg2.connect(second_database)) as second, second, second.cursor() as cursor:
        cursor.execute("CREATE TABLE visit (key json, account uuid)")
    with pytest.raises(Permanent):
        SqlConnector("second", f"{second_database}&tables=visit.account.key").erase(OURS, "", 3)


def test_an_object_whose_retention_has_ended_is_deleted(s3: str) -> None:
    client, store = bucket(s3, ObjectLockEnabledForBucket=True)
    client.put_object(Bucket=store.bucket, Key=f"accounts/{OTHER.reference}/file", Body=b"x")
    until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=1.5)
    key, lock = f"accounts/{OURS.reference}/{uuid.uuid4()}", {"Mode": "COMPLIANCE", "RetainUntilDate": until}
    version: Any = client.put_object(Bucket=store.bucket, Key=key, Body=b"x")["VersionId"]
    client.put_object_retention(Bucket=store.bucket, Key=key, VersionId=version, Retention=lock)
    assert store.verify(OURS) == Held(1)
    time.sleep(2.5)  # the server writes whole seconds
    does_all_that_a_store_must(store, 1)
