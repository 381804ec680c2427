"""What the engine asks of a store that is not the portal's database: find, delete, count, and prove that it can find.

An answer is a number that was counted, or says that nothing was counted. There is no third: an error is never zero.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol
from urllib.parse import SplitResult, urlencode, urlsplit

from django.conf import settings


class StoreFailure(Exception):
    """The store did not do what was asked."""


class Transient(StoreFailure):
    """Trying again may help."""


class Throttled(Transient):
    """The store asked to wait."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


class Permanent(StoreFailure):
    """Trying again cannot help: a refused login, a missing bucket."""


@dataclass(frozen=True)
class Scope:
    """Which account: its random reference and its number. Stores keep data of an account under one of both."""

    reference: str
    number: int
    request: str

    @property
    def canary(self) -> str:
        """Return the name of the record that the engine plants in order to see whether the store finds it."""
        return f"canary-{self.request.lower()}"

    @property
    def canary_account(self) -> str:
        """Return the account under which a record is planted where records have no name: it belongs to nobody."""
        return str(uuid.uuid5(uuid.UUID(self.reference), self.request))


class Count(NamedTuple):
    """So many records of the account are there; so many of them are planted ones."""

    number: int
    planted: int = 0


class NotCounted(NamedTuple):
    """Nobody knows how many there are; a code says why."""

    code: str


class Held(NamedTuple):
    """The store keeps so many records under a lock of its own until a time that is not ours to change."""

    number: int


Answer = Count | NotCounted | Held


class Progress(NamedTuple):
    """How far a deletion came: where to go on, how many records went now (without the planted one), whether it is over."""

    cursor: str
    deleted: int
    is_done: bool
    wait_seconds: float = 0


class Connector(Protocol):
    """One store. Every method is safe to repeat; "not found" is success. Failures are raised as StoreFailure."""

    name: str
    method: str

    def plant(self, scope: Scope) -> None:
        """Write one record for the account, as the store's own writers do."""

    def erase(self, scope: Scope, cursor: str, limit: int) -> Progress:
        """Delete up to ``limit`` records of the account from the cursor on ("" is the beginning)."""

    def verify(self, scope: Scope) -> Answer:
        """Count the account's records anew, by another way than the deletion where the store has one."""

    def describe(self) -> str:
        """Return what is deleted where, for the certificate: no address, no secret."""


def declared_beside(name: str) -> Iterator[SplitResult]:
    """Yield the addresses of the installation's other stores: what lies there is theirs, and no sign of a wrong declaration."""
    for entry in settings.ERASURE_STORES:
        other, _equals, address = entry.partition("=")
        if other != name:
            yield urlsplit(address)


def address_of(parts: SplitResult, query: dict[str, list[str]]) -> str:
    """Return the address with this query; keeps the slashes of one without a host, such as that of a socket."""
    return f"{parts.scheme}://{parts.netloc}{parts.path}?{urlencode(query, doseq=True)}"
