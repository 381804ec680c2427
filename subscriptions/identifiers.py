"""Identifiers of subscribers: push endpoints, device tokens, chat numbers. Found by a keyed hash, so that no index holds them."""

from __future__ import annotations

from django.conf import settings
from django.utils.crypto import salted_hmac

SALT = "subscriptions.identifiers"


def digest(identifier: str, *, key: str | None = None) -> str:
    """Return the HMAC-SHA-256 of the identifier; without the portal's key nobody can try identifiers against it."""
    return salted_hmac(SALT, identifier.strip(), secret=key or settings.SECRET_KEY, algorithm="sha256").hexdigest()


def digests(identifier: str) -> list[str]:
    """Return the hash under the present key and under every earlier one that is still accepted."""
    return [digest(identifier, key=key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def digests_of_typed(text: str) -> list[str]:
    """Return the hashes of an identifier that a person typed or copied: white space is never part of one, and some are one case only."""
    whole = "".join(text.split())
    return [each for written in dict.fromkeys((text.strip(), whole, whole.lower(), whole.upper())) for each in digests(written)]
