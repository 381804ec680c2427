"""The bytes that hashes are taken over."""

from __future__ import annotations

import hashlib
import unicodedata
from typing import Any

import rfc8785


def canonical_text(text: str) -> str:
    """Return the text in Unicode NFC with single line feeds and one at its end."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return lines.strip("\n") + "\n"


def sha256_of_text(text: str) -> str:
    """Return the SHA-256 of the canonical text as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(canonical_text(text).encode()).hexdigest()


def canonical_json(content: Any) -> bytes:
    """Return the one JSON form of the content (RFC 8785); floats and integers beyond 2^53 are refused."""
    encoded: bytes = rfc8785.dumps(content)
    return encoded


def sha256_of_json(content: Any) -> str:
    """Return the SHA-256 of the canonical JSON as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(canonical_json(content)).hexdigest()
