"""The stores beside the portal's database, each behind one protocol; ERASURE_STORES names those of an installation."""

from __future__ import annotations

from deletion.connectors.files import FileConnector
from deletion.connectors.protocol import (
    Answer,
    Connector,
    Count,
    Held,
    NotCounted,
    Permanent,
    Progress,
    Scope,
    StoreFailure,
    Throttled,
    Transient,
)

__all__ = [
    "Answer",
    "Connector",
    "Count",
    "Held",
    "NotCounted",
    "Permanent",
    "Progress",
    "Scope",
    "StoreFailure",
    "Throttled",
    "Transient",
    "stores",
]


def stores() -> dict[str, Connector]:
    """Return every store of this installation by its name."""
    files = FileConnector()
    return {files.name: files}
