"""Finished documents under the name of their hash: written once, never altered, checked at every reading."""

from __future__ import annotations

import hashlib
import re

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

SHA256 = re.compile(r"[0-9a-f]{64}")


class DocumentMissing(Exception):
    """No document is kept under this hash."""


class DocumentAltered(Exception):
    """What is kept under this hash is no longer what was stored there."""


def keep(content: bytes) -> str:
    """Store the content and return its SHA-256; storing it again changes nothing."""
    sha256 = hashlib.sha256(content).hexdigest()
    name = _name(sha256)
    if not _is_intact(name, sha256):
        # A crash may have left half a file; the bytes in hand are the ones that the name promises.
        default_storage.delete(name)
        stored_as = default_storage.save(name, ContentFile(content))
        if stored_as != name:
            # Someone stored the same bytes at the same moment; their copy serves.
            default_storage.delete(stored_as)
    return sha256


def read(sha256: str) -> bytes:
    """Return the document of this hash; raises DocumentMissing or DocumentAltered, never returns other bytes."""
    try:
        with default_storage.open(_name(sha256)) as file:
            content: bytes = file.read()
    except FileNotFoundError:
        raise DocumentMissing(sha256) from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise DocumentAltered(sha256)
    return content


def forget(sha256: str) -> None:
    """Delete the document of this hash, when the period for which it had to be kept is over; what is gone already stays gone."""
    default_storage.delete(_name(sha256))


def _is_intact(name: str, sha256: str) -> bool:
    if not default_storage.exists(name):
        return False
    with default_storage.open(name) as file:
        return hashlib.sha256(file.read()).hexdigest() == sha256


def _name(sha256: str) -> str:
    if not SHA256.fullmatch(sha256):
        raise ValueError("A document is named by 64 hexadecimal digits.")
    return f"documents/{sha256[:2]}/{sha256}.pdf"
