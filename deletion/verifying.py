"""Check a certificate of deletion: is it ours, is the file the one we made. Nobody is named."""

from __future__ import annotations

from dataclasses import dataclass

from deletion.models import ErasureCertificate
from publishing.references import read_reference


@dataclass(frozen=True)
class Finding:
    """What may be told about a certificate; ``is_file_ours`` is None when no hash was given."""

    certificate: ErasureCertificate
    supplements: list[ErasureCertificate]
    is_file_ours: bool | None


def verify(*, reference: str, checksum: str) -> Finding | None:
    """Return what the portal knows about the certificate; None when it made none under this reference."""
    known = read_reference(reference)
    certificate = ErasureCertificate.objects.filter(reference=known).first() if known else None
    if certificate is None:
        return None
    is_ours = checksum.lower() in (certificate.sha256, certificate.pdf_sha256) if checksum else None
    return Finding(certificate, list(ErasureCertificate.objects.filter(supplements=certificate).order_by("pk")), is_ours)
