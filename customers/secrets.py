"""Secrets that open a door: 256 random bits, of which the database keeps the SHA-256 alone.

A slow hash protects what people can guess; nobody guesses 256 bits (OWASP ASVS v5.0.0-11.4, 11.5.1).
"""

from __future__ import annotations

import base64
import hashlib
import secrets

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings

API_TOKEN_PREFIX = "cpt_"  # noqa: S105 - lets scanners find a token that leaked into a repository


def new_secret() -> str:
    """Return 256 random bits as 43 characters that are safe in an address."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def encrypt(text: str) -> str:
    """Encrypt a secret that must be read again (the key of an authenticator app) with a key outside the database."""
    return _fernet().encrypt(text.encode()).decode("ascii")


def decrypt(encrypted: str) -> str:
    return _fernet().decrypt(encrypted.encode("ascii")).decode()


def _fernet() -> MultiFernet:
    """Return the cipher; the first key writes, older ones still read after SECRET_KEY was changed."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"customers.secrets:" + key.encode()).digest())) for key in keys])
