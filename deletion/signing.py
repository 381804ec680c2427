"""The key with which the portal signs receipts and calls (Ed25519, RFC 8032).

It is derived from SECRET_KEY and stored nowhere. After a rotation the earlier key is published as long as it is a fallback.
"""

from __future__ import annotations

import base64
import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.utils.crypto import salted_hmac

SALT = "deletion.signing"


def key_of(secret: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(salted_hmac(SALT, "ed25519", secret=secret, algorithm="sha256").digest())


def sign(content: bytes) -> str:
    """Return the signature of the content under the key of today, in base64."""
    return base64.b64encode(key_of(settings.SECRET_KEY).sign(content)).decode()


def sign_call(*, moment: int, delivery: str, body: bytes) -> str:
    """Sign time, number of the delivery and body together: a recorded call cannot be sent again later, nor under another number."""
    return sign(b".".join([str(moment).encode(), delivery.encode(), body]))


def public_keys() -> list[dict[str, str]]:
    """Return the public keys that verify what the portal signed, today's first."""
    keys = (key_of(secret).public_key().public_bytes_raw() for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))
    return [
        {"kid": hashlib.sha256(key).hexdigest()[:16], "alg": "Ed25519", "public_key": base64.urlsafe_b64encode(key).decode().rstrip("=")}
        for key in keys
    ]
