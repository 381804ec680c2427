"""The stores beside the portal's database, each behind one protocol; ERASURE_STORES names those of an installation."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from django.conf import settings

from deletion.connectors.documents import DocumentsConnector
from deletion.connectors.files import FileConnector
from deletion.connectors.objects import ObjectsConnector
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
from deletion.connectors.redis import RedisConnector
from deletion.connectors.service import ServiceConnector
from deletion.connectors.sql import SqlConnector

__all__ = [
    "Answer",
    "Connector",
    "Count",
    "Held",
    "NotCounted",
    "Permanent",
    "Progress",
    "Scope",
    "ServiceConnector",
    "StoreFailure",
    "Throttled",
    "Transient",
    "stores",
]

KINDS: dict[str, Callable[[str, str], Connector]] = {
    "redis": RedisConnector,
    "rediss": RedisConnector,
    "unix": RedisConnector,
    "postgresql": SqlConnector,
    "s3+https": ObjectsConnector,
    "s3+http": ObjectsConnector,
    "opendsr+https": ServiceConnector,
    "opendsr+http": ServiceConnector,
    "mongodb": DocumentsConnector,
    "mongodb+srv": DocumentsConnector,
}


class UnknownStore(ValueError):
    """ERASURE_STORES names a store that no connector can reach."""


def stores() -> dict[str, Connector]:
    """Return every store of this installation by its name. Raises UnknownStore or ValueError for one that cannot be understood."""
    return dict(connected(tuple(settings.ERASURE_STORES)))


@lru_cache(maxsize=8)
def connected(named: tuple[str, ...]) -> tuple[tuple[str, Connector], ...]:
    files = FileConnector()
    found: list[tuple[str, Connector]] = [(files.name, files)]
    for entry in named:
        name, _equals, address = entry.partition("=")
        kind = KINDS.get(address.partition(":")[0])
        if kind is None or not name.isidentifier():
            raise UnknownStore(f"{name}: write it as NAME=ADDRESS with one of {', '.join(KINDS)}")
        found.append((name, kind(name, address)))
    return tuple(found)
