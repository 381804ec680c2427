"""Keys of an account in Redis or Valkey, by their prefix: found with SCAN, which blocks nobody, and deleted with UNLINK."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import redis

from deletion.connectors.protocol import Answer, Count, NotCounted, Permanent, Progress, Scope, Transient, address_of, declared_beside

GLOB = re.compile(r"([\\*?\[\]])")
SECONDS = 5


class RedisConnector:
    """``redis://HOST:6379/0?prefix=shop:{account}:``; the prefix must hold the account."""

    method = "keys deleted by prefix"

    def __init__(self, name: str, address: str) -> None:
        self.name = name
        parts = urlsplit(address)
        query = parse_qs(parts.query)
        self.prefix = query.pop("prefix", [""])[0]
        if "{account}" not in self.prefix:
            raise ValueError("the prefix of a Redis store holds {account}")
        self.address = address_of(parts, query)

    def client(self) -> Any:
        return redis.Redis.from_url(self.address, socket_timeout=SECONDS, socket_connect_timeout=SECONDS)

    def prefix_of(self, scope: Scope) -> str:
        return self.prefix.replace("{account}", scope.reference)

    def plant(self, scope: Scope) -> None:
        try:
            self.client().set(self.prefix_of(scope) + scope.canary, b"canary")
        except redis.AuthenticationError as error:
            raise Permanent from error
        except redis.RedisError as error:
            raise Transient from error

    def erase(self, scope: Scope, cursor: str, limit: int) -> Progress:
        prefix, deleted = self.prefix_of(scope), 0
        try:
            client = self.client()
            position, keys = client.scan(int(cursor or 0), match=GLOB.sub(r"\\\1", prefix) + "*", count=limit)
            for key in keys:
                gone = client.unlink(key)
                deleted += gone if not key.endswith(scope.canary.encode()) else 0
        except redis.AuthenticationError as error:
            raise Permanent from error
        except redis.RedisError as error:
            raise Transient from error
        return Progress(str(position), deleted, is_done=position == 0)

    def verify(self, scope: Scope) -> Answer:
        """Count the account's keys; keys that name it outside the declared prefix show that the prefix is the wrong one."""
        prefix = self.prefix_of(scope).encode()
        try:
            named = set(self.client().scan_iter(match=f"*{scope.reference}*", count=1000))
        except redis.RedisError as error:
            return NotCounted(type(error).__name__)
        keys = {key for key in named if key.startswith(prefix)}
        if any(not key.startswith(tuple(self.beside(scope))) for key in named - keys):
            return NotCounted("elsewhere")
        return Count(len(keys), sum(key.endswith(scope.canary.encode()) for key in keys))

    def beside(self, scope: Scope) -> Iterator[bytes]:
        """Yield the prefixes under which other declared stores keep the account on a server."""
        for address in declared_beside(self.name):
            if "{account}" in (prefix := parse_qs(address.query).get("prefix", [""])[0]):
                yield prefix.replace("{account}", scope.reference).encode()

    def describe(self) -> str:
        return "key-value store, keys with the account's prefix"
