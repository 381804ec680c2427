"""Check a certificate of deletion: is it ours, is the file the one we made, does its signature hold. Nobody is named."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import NamedTuple

from deletion import inspecting, signing
from deletion.models import ErasureCertificate
from publishing.references import read_reference


class Supplement(NamedTuple):
    """A supplement on the page of its certificate: where it is checked, since when it is there, and why it was issued."""

    certificate: ErasureCertificate
    why: str


@dataclass(frozen=True)
class Finding:
    """What may be told about a certificate; ``is_file_ours`` is None when no hash was given.

    ``is_intact`` says whether what is stored is still what was hashed and signed; ``key`` is None where there is no signature.
    ``why`` is the reason of a supplement (ErasureCertificate.Reason), "" for a certificate.
    """

    certificate: ErasureCertificate
    why: str
    supplements: list[Supplement]
    is_file_ours: bool | None
    is_intact: bool
    key: str | None


def verify(*, reference: str, checksum: str) -> Finding | None:
    """Return what the portal knows about the certificate; None when it made none under this reference."""
    known = read_reference(reference)
    certificate = ErasureCertificate.objects.select_related("supplements").filter(reference=known).first() if known else None
    if certificate is None:
        return None
    is_ours = checksum.lower() in checksums_of(certificate) if checksum else None
    later = ErasureCertificate.objects.filter(supplements=certificate).order_by("pk")
    supplements = [Supplement(paper, in_words(reason_of(paper))) for paper in later]
    key = signing.kid_of(certificate.public_key) if certificate.public_key else None
    return Finding(certificate, reason_of(certificate), supplements, is_ours, is_intact(certificate), key)


def reason_of(paper: ErasureCertificate) -> str:
    """Return why a supplement was issued, as its canonical form says; "" for a certificate, and for what cannot be read."""
    content = inspecting.parsed(bytes(paper.canonical)) if paper.supplements_id else None
    return str((content or {}).get("reason", ""))


def in_words(reason: str) -> str:
    return str(ErasureCertificate.Reason(reason).label) if reason in ErasureCertificate.Reason.values else ""


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
