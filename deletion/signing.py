"""The key with which the portal signs receipts, calls and certificates (Ed25519, RFC 8032).

It is derived from SECRET_KEY and stored nowhere. After a rotation the earlier key is published as long as it is a fallback; a
certificate keeps the public key under which it was signed, since it has to be checked for years.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.utils.crypto import salted_hmac

from evidence import canonical

SALT = "deletion.signing"
ALGORITHM = "Ed25519"


def key_of(secret: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(salted_hmac(SALT, "ed25519", secret=secret, algorithm="sha256").digest())


def sign(content: bytes) -> str:
    """Return the signature of the content under the key of today, in base64."""
    return base64.b64encode(key_of(settings.SECRET_KEY).sign(content)).decode()


def sign_call(*, moment: int, delivery: str, body: bytes) -> str:
    """Sign time, number of the delivery and body together: a recorded call cannot be sent again later, nor under another number."""
    return sign(b".".join([str(moment).encode(), delivery.encode(), body]))


def public_key_of(secret: str) -> str:
    """Return the public key that belongs to the secret, in base64url without padding."""
    return base64.urlsafe_b64encode(key_of(secret).public_key().public_bytes_raw()).decode().rstrip("=")


def public_key() -> str:
    """Return the public key of today."""
    return public_key_of(settings.SECRET_KEY)


def kid_of(public: str) -> str:
    """Return the name of a key: sixteen digits of its SHA-256. Raises ValueError for what is no key."""
    return hashlib.sha256(decoded(public)).hexdigest()[:16]


def public_keys() -> list[dict[str, str]]:
    """Return the public keys that verify what the portal signed, today's first."""
    keys = (public_key_of(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))
    return [{"kid": kid_of(key), "alg": ALGORITHM, "public_key": key} for key in keys]


class Signed(NamedTuple):
    """A signature in base64 with the public key that it holds under, in base64url."""

    signature: str
    public_key: str


def sign_certificate(document: bytes) -> Signed:
    return Signed(sign(document), public_key())


def holds(content: bytes, signed: Signed) -> bool:
    """Say whether exactly these bytes were signed under the key; a text that merely decodes to the signature does not count."""
    try:
        signature = base64.b64decode(signed.signature, validate=True)
        if base64.b64encode(signature).decode() != signed.signature:
            return False
        Ed25519PublicKey.from_public_bytes(decoded(signed.public_key)).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True


def decoded(public: str) -> bytes:
    """Return the 32 bytes of a public key. Raises ValueError unless the text is their one form in base64url."""
    try:
        key = base64.b64decode(public + "=" * (-len(public) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(public) from error
    if len(key) != 32 or base64.urlsafe_b64encode(key).decode().rstrip("=") != public:
        raise ValueError(public)
    return key


def signature_file(*, reference: str, document: bytes, signed: Signed) -> bytes:
    """Return what travels beside the document: signature, key and the hash of what was signed, as canonical JSON (RFC 8785)."""
    return canonical.encode(
        {
            "reference": reference,
            "sha256": hashlib.sha256(document).hexdigest(),
            "alg": ALGORITHM,
            "kid": kid_of(signed.public_key),
            "public_key": signed.public_key,
            "signature": signed.signature,
        }
    )
