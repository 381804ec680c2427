"""Check a certificate of deletion: is it ours, is the file the one we made, does its signature hold. Nobody is named."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from deletion import signing
from deletion.models import ErasureCertificate
from publishing.references import read_reference


@dataclass(frozen=True)
class Finding:
    """What may be told about a certificate; ``is_file_ours`` is None when no hash was given.

    ``is_intact`` says whether what is stored is still what was hashed and signed; ``key`` is None where there is no signature.
    """

    certificate: ErasureCertificate
    supplements: list[ErasureCertificate]
    is_file_ours: bool | None
    is_intact: bool
    key: str | None


def verify(*, reference: str, checksum: str) -> Finding | None:
    """Return what the portal knows about the certificate; None when it made none under this reference."""
    known = read_reference(reference)
    certificate = ErasureCertificate.objects.filter(reference=known).first() if known else None
    if certificate is None:
        return None
    is_ours = checksum.lower() in checksums_of(certificate) if checksum else None
    supplements = list(ErasureCertificate.objects.filter(supplements=certificate).order_by("pk"))
    key = signing.kid_of(certificate.public_key) if certificate.public_key else None
    return Finding(certificate, supplements, is_ours, is_intact(certificate), key)


def is_intact(certificate: ErasureCertificate) -> bool:
    """Say whether the stored bytes have the hash that was noted, and the signature, where there is one, holds for them."""
    document = bytes(certificate.canonical)
    if hashlib.sha256(document).hexdigest() != certificate.sha256:
        return False
    return not certificate.signature or signing.holds(document, signed_of(certificate))


def checksums_of(certificate: ErasureCertificate) -> list[str]:
    """Return the hashes of the files that were handed out: data, paper, and the signature beside them."""
    files = [certificate.sha256, certificate.pdf_sha256]
    return [*files, hashlib.sha256(signature_of(certificate)).hexdigest()] if certificate.signature else files


def signed_of(certificate: ErasureCertificate) -> signing.Signed:
    return signing.Signed(certificate.signature, certificate.public_key)


def signature_of(certificate: ErasureCertificate) -> bytes:
    """Return the signature file, byte for byte as it is attached to the PDF."""
    return signing.signature_file(reference=certificate.reference, document=bytes(certificate.canonical), signed=signed_of(certificate))
