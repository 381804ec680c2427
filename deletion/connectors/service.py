"""A service that holds data of the account and takes erasure requests over HTTP in the shape of OpenDSR 2.0.

Beyond OpenDSR: answers and callbacks are signed with Ed25519 (RFC 8032); ``PUT /canaries/{id}`` plants a record under an account
of nobody, and a request of the type ``access`` is answered at once with the number of records (``results_count``).
"""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import uuid
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from deletion.connectors.protocol import Answer, Count, NotCounted, Permanent, Progress, Scope, Throttled, Transient

SECONDS = 10
LARGEST_ANSWER = 1024 * 1024
POLL_SECONDS = 30.0
IDENTITY = "controller_customer_id"


class ServiceConnector:
    """``opendsr+https://HOST/PATH?key=BASE64URL`` with the service's public Ed25519 key; never follows a redirect."""

    method = "deletion confirmed by the service"

    def __init__(self, name: str, address: str) -> None:
        self.name = name
        parts = urlsplit(address)
        key = parse_qs(parts.query).get("key", [""])[0]
        if not key:
            raise ValueError("a service is named with its public key")
        self.key = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key + "=" * (-len(key) % 4)))
        self.is_secure = parts.scheme.endswith("https")
        self.host, self.port, self.path = parts.hostname or "", parts.port, parts.path.rstrip("/")

    def plant(self, scope: Scope) -> None:
        self.call("PUT", f"/canaries/{scope.canary_account}")

    def erase(self, scope: Scope, cursor: str, limit: int) -> Progress:
        """Choose a number first, so that it is known before it is used; then commission the erasure under it and ask how far it is.

        The same number and body get the same answer however often they are sent (OpenDSR 2.0), so a crash repeats nothing.
        """
        if not cursor:
            return Progress(str(uuid.uuid4()), 0, is_done=False)
        numbers = {scope.reference: cursor, scope.canary_account: str(uuid.uuid5(uuid.UUID(cursor), "canary"))}
        for account, number in numbers.items():
            self.call("POST", "/requests", self.request_for(account, number, "erasure"))
        states = [self.call("GET", f"/requests/{number}") for number in numbers.values()]
        if any(state.get("request_status") == "cancelled" for state in states):
            raise Permanent
        if all(state.get("request_status") == "completed" for state in states):
            return Progress("", int(states[0].get("results_count") or 0), is_done=True)
        return Progress(cursor, 0, is_done=False, wait_seconds=POLL_SECONDS)

    def verify(self, scope: Scope) -> Answer:
        try:
            own = self.count_of(scope.reference)
            planted = self.count_of(scope.canary_account)
        except (Transient, Permanent) as error:
            return NotCounted(type(error).__name__)
        return NotCounted("pending") if own is None or planted is None else Count(own + planted, planted)

    def count_of(self, account: str) -> int | None:
        """Return how many records the service says it has; None unless it answered with a number."""
        answer = self.call("POST", "/requests", self.request_for(account, str(uuid.uuid4()), "access"))
        number = answer.get("results_count")
        return number if answer.get("request_status") == "completed" and isinstance(number, int) else None

    def request_for(self, account: str, number: str, kind: str) -> dict[str, Any]:
        identity = {"identity_type": IDENTITY, "identity_value": account, "identity_format": "raw"}
        return {
            "regulation": "gdpr",
            "api_version": "2.0",
            "subject_request_id": number,
            "subject_request_type": kind,
            "subject_identities": [identity],
        }

    def call(self, method: str, path: str, content: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the signed answer. Raises Throttled, Transient or Permanent."""
        body = json.dumps(content).encode() if content is not None else None
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        connection = self.connection()
        try:
            connection.request(method, self.path + path, body=body, headers=headers)
            answer = connection.getresponse()
            received = answer.read(LARGEST_ANSWER)
        except (OSError, http.client.HTTPException) as error:
            raise Transient from error
        finally:
            connection.close()
        self.refuse_failure(answer)
        if not self.is_signed(received, answer.headers.get("X-OpenDSR-Signature", "")):
            raise Transient
        return parsed(received)

    def connection(self) -> http.client.HTTPConnection:
        if self.is_secure:
            return http.client.HTTPSConnection(self.host, self.port, timeout=SECONDS, context=ssl.create_default_context())
        return http.client.HTTPConnection(self.host, self.port, timeout=SECONDS)

    def refuse_failure(self, answer: http.client.HTTPResponse) -> None:
        if answer.status in (429, 503):
            wait = answer.headers.get("Retry-After", "")
            raise Throttled(min(float(wait), 3600) if wait.isdecimal() else POLL_SECONDS)
        if 400 <= answer.status < 500:
            raise Permanent
        if answer.status >= 300:
            raise Transient

    def is_signed(self, content: bytes, signature: str) -> bool:
        """Say whether the service signed exactly these bytes."""
        try:
            self.key.verify(base64.b64decode(signature, validate=True), content)
        except (InvalidSignature, ValueError):
            return False
        return True

    def describe(self) -> str:
        return "connected service, by its own deletion"


def parsed(content: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(content)
    except ValueError as error:
        raise Transient from error
    if not isinstance(answer, dict):
        raise Transient
    return answer
