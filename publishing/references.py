"""Reference numbers that people read aloud: ``AVV-2026-7K3M-92QX``.

Crockford's base 32 without its Z, so that 31, a prime, is left: seven random characters and one check character. A reference
is no secret (34 bits of chance); one mistyped character or two swapped neighbours are noticed.
"""

from __future__ import annotations

import re
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXY"
MISREAD = str.maketrans("ILOUZ", "110V2")
PATTERN = re.compile(r"^([A-Z]{2,3})-(\d{4})-([0-9A-Z]{4})-([0-9A-Z]{4})$")


def new_reference(prefix: str, year: int) -> str:
    """Return a new reference for the prefix and the year."""
    characters = "".join(secrets.choice(ALPHABET) for _ in range(7))
    characters += check_character(f"{year}{characters}")
    return f"{prefix}-{year}-{characters[:4]}-{characters[4:]}"


def check_character(text: str) -> str:
    """Return the weighted sum modulo 31: one wrong character, or two swapped neighbours, change it."""
    return ALPHABET[sum(weight * ALPHABET.index(character) for weight, character in enumerate(text, start=1)) % 31]


def read_reference(text: str) -> str | None:
    """Return the reference as we write it, or None when it cannot be one; spaces, case and misread letters are mended."""
    tidy = re.sub(r"[\s‐-―]+", "-", text.strip().upper())
    parts = PATTERN.match(tidy)
    if parts is None:
        return None
    prefix, year, first, second = parts.groups()
    characters = (first + second).translate(MISREAD)
    if characters[7] != check_character(f"{year}{characters[:7]}"):
        return None
    return f"{prefix}-{year}-{characters[:4]}-{characters[4:]}"
