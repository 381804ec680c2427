"""Documents of an account in MongoDB. Untested against a server: none can be had where the tests run; see docs/operations.md."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

from deletion.connectors.protocol import Answer, Count, NotCounted, Permanent, Progress, Scope, Transient, address_of

MILLISECONDS = 10_000
UNAUTHORISED = (13, 18)  # codes of MongoDB: Unauthorized, AuthenticationFailed


class DocumentsConnector:
    """``mongodb://HOST/DATABASE?collections=events.account,devices.account``; needs the extra ``mongodb`` (pymongo)."""

    method = "documents deleted"

    def __init__(self, name: str, address: str, client: Any = None) -> None:
        self.name, self.given, self.patience = name, client, MILLISECONDS
        parts = urlsplit(address)
        query = parse_qs(parts.query)
        named = query.pop("collections", [""])[0]
        self.collections = [tuple(entry.split(".")) for entry in named.split(",") if entry.count(".") == 1]
        if not self.collections or len(self.collections) != len(named.split(",")):
            raise ValueError("a document store names its collections as collection.field")
        self.database = parts.path.strip("/")
        self.address = address_of(parts, query)

    @contextmanager
    def opened(self) -> Iterator[Any]:
        """Yield the database, and tell failures apart: does trying again help?"""
        import pymongo
        from pymongo.errors import OperationFailure, PyMongoError

        client = self.given or pymongo.MongoClient(self.address, serverSelectionTimeoutMS=self.patience, socketTimeoutMS=self.patience)
        try:
            yield client[self.database]
        except PyMongoError as error:
            is_lasting = isinstance(error, OperationFailure) and error.code in UNAUTHORISED
            raise (Permanent if is_lasting else Transient) from error
        finally:
            if self.given is None:
                client.close()

    def accounts(self, scope: Scope, field: str) -> dict[str, Any]:
        return {field: {"$in": [scope.reference, scope.canary_account]}}

    def plant(self, scope: Scope) -> None:
        with self.opened() as database:
            for name, field in self.collections:
                wanted = {field: scope.canary_account}
                database.get_collection(name).update_one(wanted, {"$setOnInsert": wanted}, upsert=True)

    def erase(self, scope: Scope, cursor: str, limit: int) -> Progress:
        deleted = seen = 0
        place = int(cursor or 0)
        name, field = self.collections[place]
        with self.opened() as database:
            collection = database.get_collection(name)
            found = list(collection.find(self.accounts(scope, field), {field: 1}).sort("_id", 1).limit(limit))
            seen = len(found)
            if found:
                collection.delete_many({"_id": {"$in": [row["_id"] for row in found]}, **self.accounts(scope, field)})
            deleted = sum(row.get(field) != scope.canary_account for row in found)
        if seen == limit:
            return Progress(str(place), deleted, is_done=False)
        is_last = place + 1 == len(self.collections)
        return Progress("" if is_last else str(place + 1), deleted, is_done=is_last)

    def verify(self, scope: Scope) -> Answer:
        number = planted = 0
        try:
            with self.opened() as database:
                for name, field in self.collections:
                    number += database.get_collection(name).count_documents(self.accounts(scope, field))
                    planted += database.get_collection(name).count_documents({field: scope.canary_account})
        except (Transient, Permanent) as error:
            return NotCounted(type(error).__name__)
        return Count(number, planted)

    def describe(self) -> str:
        return "document database, documents with the account's reference"
