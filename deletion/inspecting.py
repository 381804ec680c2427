"""What a certificate of deletion says of itself, checked from its bytes alone: no database, no network."""

from __future__ import annotations

import hashlib
import json
from typing import Any, NamedTuple

from evidence import canonical
from publishing.references import read_reference

SCHEMA = "portal/erasure-certificate/v1"
ALWAYS = ("reference", "request", "account", "claim", "finished_at", "datasets", "issuer", "verification")
OF_A_CERTIFICATE = (
    "basis",
    "instruction",
    "started_at",
    "plan_sha256",
    "registry_sha256",
    "verifications",
    "backups",
    "kept",
    "not_covered",
)


class Inspected(NamedTuple):
    """The reference and the hash of the document, and a sentence for everything that does not hold."""

    reference: str
    sha256: str
    wrong: list[str]


def inspect(document: bytes, *, sha256: str = "") -> Inspected:
    """Check form, hash, completeness, and that nothing in it was counted at anything but zero."""
    found = hashlib.sha256(document).hexdigest()
    try:
        content = json.loads(document)
        is_canonical = isinstance(content, dict) and canonical.encode(content) == document
    except (ValueError, TypeError):
        return Inspected("", found, ["This is not a JSON document."])
    if not is_canonical:
        return Inspected("", found, ["The document is not in canonical form (RFC 8785): its bytes were changed."])
    return Inspected(str(content.get("reference", "")), found, list(faults(content, found, sha256)))


def faults(content: dict[str, Any], found: str, sha256: str) -> list[str]:
    wrong = []
    if sha256 and sha256.lower() != found:
        wrong.append(f"The hash is {found}, not {sha256.lower()}.")
    if content.get("schema") != SCHEMA:
        wrong.append("The document is no certificate of this portal.")
    needed = ALWAYS if "supplements" in content else ALWAYS + OF_A_CERTIFICATE
    wrong += [f"It says nothing about “{name}”." for name in needed if name not in content]
    if read_reference(str(content.get("reference", ""))) != content.get("reference"):
        wrong.append("Its reference is mistyped or invented.")
    rows = content.get("datasets") or []
    if not rows:
        wrong.append("It names nothing that was deleted.")
    wrong += [f"{row.get('dataset')}: counted at {row.get('left')}, not at zero." for row in rows if row.get("left") != 0]
    return wrong
