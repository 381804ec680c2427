"""What the portal asks of the worker; in a module of its own, because the worker runs as the main module of its process."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Request:
    """One document to draw, complete with all that decides its bytes; the stylesheet is a name under assets/."""

    html: str
    stylesheet: str
    variant: str
    created_at: str
    attachments: list[dict[str, str]]
