"""Addresses for mails: always below the portal's own origin, never below the host of a request, which anybody can write."""

from __future__ import annotations

from django.conf import settings


def absolute(path: str) -> str:
    """Return the address of a path of the portal; raises ValueError for anything that could lead elsewhere."""
    if not path.startswith("/") or path.startswith(("//", "/\\")):
        raise ValueError("A path of the portal begins with one slash.")
    return f"{settings.PORTAL_ORIGIN}{path}"
