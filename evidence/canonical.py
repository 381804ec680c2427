"""The bytes that the ledger stores and hashes: JSON in its one canonical form (RFC 8785)."""

from __future__ import annotations

import json
import secrets
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import rfc8785

FORM = 1
SALT_LENGTH = 32
NONCE_LENGTH = 16
LARGEST_INTEGER = 2**53 - 1
COMMITMENT_PREFIX = b"evidence/payload/v1\0"
NAMES = frozenset({"v", "log", "kind", "subject", "happened_at", "facts", "nonce"})


class NotCanonical(ValueError):
    """The content has no single canonical form, or the stored bytes are not in it."""


def event_bytes(*, log: str, kind: str, subject: str, happened_at: datetime, facts: Mapping[str, Any], commitment: bytes | None) -> bytes:
    """Return the canonical bytes of one event; a nonce keeps equal facts from having equal hashes."""
    content = {
        "v": FORM,
        "log": log,
        "kind": kind,
        "subject": subject,
        "happened_at": utc_text(happened_at),
        "facts": dict(facts),
        "nonce": secrets.token_hex(NONCE_LENGTH),
    }
    if commitment is not None:
        content["commitment"] = commitment.hex()
    return encode(content)


def encode(content: Mapping[str, Any]) -> bytes:
    """Return RFC 8785 bytes with texts in Unicode NFC; refuse what two programs could write differently."""
    canonical: bytes = rfc8785.dumps(normalised(content))
    return canonical


def normalised(value: Any) -> Any:
    """Return the value with every text in NFC; floats, large integers, lone surrogates and foreign types are refused."""
    if isinstance(value, str):
        return normalised_text(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise NotCanonical(f"{value} is beyond 2^53 - 1; write it as text")
        return int(value)
    if isinstance(value, Mapping):
        return normalised_object(value)
    if isinstance(value, (list, tuple)):
        return [normalised(item) for item in value]
    raise NotCanonical(f"{type(value).__name__} has no canonical form; write it as text")


def normalised_text(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise NotCanonical("a text contains half of a surrogate pair") from error
    return unicodedata.normalize("NFC", text)


def normalised_object(mapping: Mapping[Any, Any]) -> dict[str, Any]:
    if not all(isinstance(name, str) for name in mapping):
        raise NotCanonical("the names in an object are texts")
    content = {normalised_text(name): normalised(value) for name, value in mapping.items()}
    if len(content) != len(mapping):
        raise NotCanonical("two names in an object are equal in NFC")
    return content


def utc_text(moment: datetime) -> str:
    """Return the moment in UTC with microseconds, the precision that the database keeps."""
    if moment.tzinfo is None:
        raise NotCanonical("a time without time zone proves nothing")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def commitment_of(*, salt: bytes, content: bytes) -> bytes:
    """Return the commitment to personal data; without the salt it can be linked to nobody."""
    return sha256(COMMITMENT_PREFIX + salt + content).digest()


def refuse_float(text: str) -> float:
    raise NotCanonical(f"the number {text} is not an integer")


def parse_object(stored: bytes) -> dict[str, Any]:
    """Return the object that the bytes hold; raise NotCanonical unless they are its canonical form."""
    try:
        content = json.loads(stored, parse_float=refuse_float, parse_constant=refuse_float)
        if isinstance(content, dict) and encode(content) == stored:
            return content
    except NotCanonical:
        raise
    except (ValueError, RecursionError) as error:
        raise NotCanonical("the bytes are no JSON") from error
    raise NotCanonical("the bytes are not the canonical form of an object")


def parse_event(stored: bytes) -> dict[str, Any]:
    """Return the event that the bytes hold; raise NotCanonical when it is not one of this form."""
    content = parse_object(stored)
    if content.keys() - {"commitment"} != NAMES or content["v"] != FORM or not isinstance(content["facts"], dict):
        raise NotCanonical("the fields are not those of an event")
    return content
