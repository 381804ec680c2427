"""Check a reference and a file's hash without showing the document or naming a person."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Literal

from dpa.models import Acceptance, PaperAgreement
from publishing.models import State
from publishing.references import read_reference

Standing = Literal["unknown", "malformed", "in_force", "superseded", "paper"]


@dataclass(frozen=True)
class Finding:
    """What may be told about a reference; ``is_file_ours`` is None when no hash was given or no file was made yet."""

    state: Standing
    reference: str
    version: str = ""
    language: str = ""
    accepted_at: datetime.datetime | None = None
    masked_company: str = ""
    text_sha256: str = ""
    leaf_hash: str = ""
    is_file_ours: bool | None = None


def verify(*, reference: str, checksum: str) -> Finding:
    """Return what the portal knows about the reference and whether the hash is that of its executed agreement."""
    known = read_reference(reference)
    if known is None:
        return Finding("malformed", reference)
    acceptance = Acceptance.objects.select_related("version", "party", "executed").filter(reference=known).first()
    if acceptance is not None:
        return finding_of(acceptance, checksum)
    paper = PaperAgreement.objects.filter(reference=known).first()
    if paper is not None:
        return Finding("paper", known, is_file_ours=checksum == paper.document_sha256 if checksum else None)
    return Finding("unknown", known)


def finding_of(acceptance: Acceptance, checksum: str) -> Finding:
    executed = getattr(acceptance, "executed", None)
    party = getattr(acceptance, "party", None)
    return Finding(
        state="superseded" if acceptance.version.state == State.SUPERSEDED else "in_force",
        reference=acceptance.reference,
        version=acceptance.version.number,
        language=acceptance.language,
        accepted_at=acceptance.accepted_at,
        masked_company=masked(party.legal_name) if party else "",
        text_sha256=acceptance.text_sha256,
        leaf_hash=acceptance.leaf_hash,
        is_file_ours=checksum in (executed.sha256, acceptance.pdf_sha256) if checksum and executed else None,
    )


def masked(name: str) -> str:
    """Return the name with the inner letters of each word hidden: enough to recognise, too little to find out."""
    return " ".join(word if len(word) < 3 else f"{word[0]}{'•' * (len(word) - 2)}{word[-1]}" for word in name.split())
