"""Servers of other stores that the tests start for themselves: a bucket, keys, a second database and a service over HTTP."""

from __future__ import annotations

import base64
import http.client
import json
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import boto3
import psycopg2
import pytest
import redis
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings as configured
from django.db import connection
from moto.server import ThreadedMotoServer

from deletion.connectors import Scope
from deletion.connectors.objects import ObjectsConnector

OURS, OTHER = Scope(str(uuid.uuid4()), 7, "LA-2026-TEST-0001"), Scope(str(uuid.uuid4()), 8, "LA-2026-TEST-0002")


@pytest.fixture
def keys() -> Iterator[redis.Redis]:
    client = redis.Redis.from_url(configured.REDIS_URL)
    yield client
    for key in client.scan_iter("shop:*"):
        client.delete(key)


@pytest.fixture
def second_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    name = f"second_{uuid.uuid4().hex[:8]}"
    with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    settings = connection.settings_dict
    address = f"postgresql://{settings['USER']}@/{name}?host={settings['HOST'] or settings['OPTIONS'].get('host', '')}"
    with psycopg2.connect(address) as second, second.cursor() as cursor:
        cursor.execute("CREATE TABLE device (id serial PRIMARY KEY, account text NOT NULL, token text DEFAULT 'x')")
        cursor.execute("CREATE TABLE event (id serial PRIMARY KEY, account uuid NOT NULL, device integer REFERENCES device)")
        for scope, number in ((OURS, 7), (OTHER, 2)):
            for _row in range(number):
                cursor.execute("INSERT INTO device (account) VALUES (%s) RETURNING id", [scope.reference])
                cursor.execute("INSERT INTO event (account, device) VALUES (%s, %s)", [scope.reference, cursor.fetchone()[0]])
    second.close()
    yield address
    with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def s3_server() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"{host}:{port}"
    server.stop()


@pytest.fixture
def s3(s3_server: str) -> str:
    """The server with no bucket of an earlier test: a store looks into all that it may list."""
    connection = http.client.HTTPConnection(s3_server)
    connection.request("POST", "/moto-api/reset")
    assert connection.getresponse().status == 200
    return s3_server


def bucket(address: str, **options: Any) -> tuple[Any, ObjectsConnector]:
    name = f"bucket-{uuid.uuid4().hex[:8]}"
    client = boto3.client(
        "s3", endpoint_url=f"http://{address}", aws_access_key_id="key", aws_secret_access_key="se/cret", region_name="eu-central-1"
    )
    client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}, **options)
    return client, ObjectsConnector("objects", f"s3+http://key:se%2Fcret@{address}/{name}?prefix=accounts/{{account}}/")


class Service(BaseHTTPRequestHandler):
    """A service in the shape of OpenDSR that needs one look before an erasure is completed."""

    key: ClassVar[Ed25519PrivateKey]
    records: ClassVar[dict[str, int]]
    requests: ClassVar[dict[str, dict[str, Any]]]
    refuses: ClassVar[int] = 0
    forges: ClassVar[bool] = False

    def do_PUT(self) -> None:
        self.records[self.path.rpartition("/")[2]] = 1
        self.answer(201, {})

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        number, account = asked["subject_request_id"], asked["subject_identities"][0]["identity_value"]
        if asked["subject_request_type"] == "access":
            self.answer(201, {"request_status": "completed", "results_count": self.records.get(account, 0)})
            return
        self.requests.setdefault(number, {"account": account, "request_status": "pending"})
        self.answer(201, {"subject_request_id": number, "request_status": self.requests[number]["request_status"]})

    def do_GET(self) -> None:
        state = self.requests[self.path.rpartition("/")[2]]
        if state["request_status"] == "pending":
            state["request_status"] = "in_progress"
        elif state["request_status"] == "in_progress":
            state |= {"request_status": "completed", "results_count": self.records.pop(state["account"], 0)}
        self.answer(200, state)

    def answer(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        key = Ed25519PrivateKey.generate() if self.forges else self.key
        self.send_response(self.refuses or status)
        self.send_header("X-OpenDSR-Signature", base64.b64encode(key.sign(body)).decode())
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Retry-After", "7")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        pass


@pytest.fixture
def service() -> Iterator[str]:
    Service.key, Service.records, Service.requests = Ed25519PrivateKey.generate(), {OURS.reference: 12, OTHER.reference: 3}, {}
    Service.refuses, Service.forges = 0, False
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    public = base64.urlsafe_b64encode(Service.key.public_key().public_bytes_raw()).decode().rstrip("=")
    yield f"opendsr+http://127.0.0.1:{server.server_address[1]}/v2?key={public}"
    server.shutdown()
    thread.join()
    server.server_close()
