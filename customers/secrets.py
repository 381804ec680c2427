"""Secrets that open a door: 256 random bits, of which the database keeps the SHA-256 alone.

A slow hash protects what people can guess; nobody guesses 256 bits (OWASP ASVS v5.0.0-11.4, 11.5.1).
"""

from __future__ import annotations

import hashlib
import secrets

API_TOKEN_PREFIX = "cpt_"  # noqa: S105 - lets scanners find a token that leaked into a repository


def new_secret() -> str:
    """Return 256 random bits as 43 characters that are safe in an address."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
