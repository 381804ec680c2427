"""What a certificate of deletion says of itself, checked from its bytes alone: no database, no network."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from deletion import signing
from evidence import canonical
from publishing.references import read_reference

SCHEMA = "portal/erasure-certificate/v2"
UNSIGNED = "portal/erasure-certificate/v1"
"""The form of the time before signatures: such certificates hold as they did, by their hash."""
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
SINCE_SIGNED = ("signer",)
CONFIRMED = "subprocessor_confirmed"
OF_A_CONFIRMATION = (
    "reference",
    "request",
    "account",
    "claim",
    "issued_at",
    "basis",
    "subprocessor",
    "confirmations",
    "issuer",
    "verification",
)
"""A supplement with this reason says what a subprocessor confirmed; nothing was counted for it, and it names no data."""
OF_A_SIGNED_CERTIFICATE = ("export", "result", "systems")


class Inspected(NamedTuple):
    """Reference, hash, the name of the key under which it is signed ("" where nobody looked), a sentence for all that does not hold."""

    reference: str
    sha256: str
    signer: str
    wrong: list[str]


def inspect(document: bytes, *, sha256: str = "", signature: bytes = b"", key: str = "") -> Inspected:
    """Check form, hash, completeness, that nothing was counted at anything but zero, and the signature file where one is given.

    ``key`` is the public key that is trusted, from wherever its holder has it; without it the one in the signature file is used.
    """
    found = hashlib.sha256(document).hexdigest()
    content = parsed(document)
    if content is None:
        return Inspected("", found, "", ["This is not a JSON document."])
    if canonical.encode(content) != document:
        return Inspected("", found, "", ["The document is not in canonical form (RFC 8785): its bytes were changed."])
    wrong = list(faults(content, found, sha256))
    if signature or key:
        wrong += faults_of_signature(content, document, parsed(signature), signature, key)
    return Inspected(str(content.get("reference", "")), found, str(content.get("signer", "")) if signature else "", wrong)


def parsed(content: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(content)
        return value if isinstance(value, dict) and canonical.encode(value) else None
    except (ValueError, TypeError, RecursionError):
        return None


def faults(content: dict[str, Any], found: str, sha256: str) -> Iterator[str]:
    if sha256 and sha256.lower() != found:
        yield f"The hash is {found}, not {sha256.lower()}."
    if content.get("schema") not in (SCHEMA, UNSIGNED):
        yield "The document is no certificate of this portal."
    yield from (f"It says nothing about “{name}”." for name in needed(content) if name not in content)
    if read_reference(str(content.get("reference", ""))) != content.get("reference"):
        yield "Its reference is mistyped or invented."
    rows = content.get("datasets") or []
    if is_confirmation(content):
        yield from faults_of_confirmation(content)
    elif not rows:
        yield "It names nothing that was deleted."
    yield from (f"{row.get('dataset')}: counted at {row.get('left')}, not at zero." for row in rows if row.get("left") != 0)


def is_confirmation(content: dict[str, Any]) -> bool:
    return "supplements" in content and content.get("reason") == CONFIRMED


def faults_of_confirmation(content: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with a supplement that says what a subprocessor confirmed: whose, when and under which hash has to stand in it."""
    of_whom, numbers = content.get("subprocessor"), content.get("confirmations")
    if not isinstance(of_whom, dict) or not all(of_whom.get(name) for name in ("name", "told_at", "confirmed_at", "proof_sha256")):
        yield "It does not say which subprocessor confirmed, when, and under which hash."
    given = [numbers.get(name) for name in ("named", "confirmed", "open")] if isinstance(numbers, dict) else []
    counted = [number for number in given if isinstance(number, int) and number >= 0]
    if len(counted) != 3 or counted[0] != sum(counted[1:]):
        yield "Its confirmations do not add up."


def needed(content: dict[str, Any]) -> tuple[str, ...]:
    """Return what has to stand in a document of its form: a supplement needs less, one that is signed names its key."""
    is_signed, is_supplement = content.get("schema") == SCHEMA, "supplements" in content
    of_all = (OF_A_CONFIRMATION if is_confirmation(content) else ALWAYS) + (SINCE_SIGNED if is_signed else ())
    if is_supplement:
        return of_all
    return of_all + OF_A_CERTIFICATE + (OF_A_SIGNED_CERTIFICATE if is_signed else ())


def faults_of_signature(content: dict[str, Any], document: bytes, given: dict[str, Any] | None, file: bytes, key: str) -> Iterator[str]:
    """Yield what is wrong with the signature file: it has one form, belongs to this document, and holds under the key that is trusted."""
    if given is None or canonical.encode(given) != file:
        yield "The signature file was changed, or is none."
        return
    public = str(given.get("public_key", ""))
    if key and key.rstrip("=") != public:
        yield "It is signed under another key than the one that you trust."
    try:
        expected = signing.signature_file(
            reference=str(content.get("reference", "")),
            document=document,
            signed=signing.Signed(str(given.get("signature", "")), public),
        )
        is_ours = expected == file and signing.kid_of(public) == content.get("signer")
    except ValueError:
        is_ours = False
    if not is_ours or not signing.holds(document, signing.Signed(str(given.get("signature", "")), public)):
        yield "The signature does not hold for this document."
