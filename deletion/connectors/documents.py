"""Documents of an account in MongoDB. Untested against a server: none can be had where the tests run; see docs/operations.md."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

from deletion.connectors.protocol import Answer, Count, NotCounted, Permanent, Progress, Scope, Transient, address_of, declared_beside

MILLISECONDS = 10_000
SERVERS_OWN = ("admin", "config", "local")
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
        """Yield the server, and tell failures apart: does trying again help?"""
        import pymongo
        from pymongo.errors import OperationFailure, PyMongoError

        client = self.given or pymongo.MongoClient(self.address, serverSelectionTimeoutMS=self.patience, socketTimeoutMS=self.patience)
        try:
            yield client
        except PyMongoError as error:
            is_lasting = isinstance(error, OperationFailure) and error.code in UNAUTHORISED
            raise (Permanent if is_lasting else Transient) from error
        finally:
            if self.given is None:
                client.close()

    def accounts(self, scope: Scope, field: str) -> dict[str, Any]:
        return {field: {"$in": [scope.reference, scope.canary_account]}}

    def plant(self, scope: Scope) -> None:
        with self.opened() as client:
            database = client[self.database]
            for name, field in self.collections:
                wanted = {field: scope.canary_account}
                database.get_collection(name).update_one(wanted, {"$setOnInsert": wanted}, upsert=True)

    def erase(self, scope: Scope, cursor: str, limit: int) -> Progress:
        deleted = seen = 0
        place = int(cursor or 0)
        name, field = self.collections[place]
        with self.opened() as client:
            collection = client[self.database].get_collection(name)
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
            with self.opened() as client:
                database = client[self.database]
                for name, field in self.collections:
                    number += database.get_collection(name).count_documents(self.accounts(scope, field))
                    planted += database.get_collection(name).count_documents({field: scope.canary_account})
                if self.is_elsewhere(client, scope):
                    return NotCounted("elsewhere")
        except (Transient, Permanent) as error:
            return NotCounted(type(error).__name__)
        return Count(number, planted)

    def is_elsewhere(self, client: Any, scope: Scope) -> bool:
        """Say whether documents name the account in another field, collection or database than the declared ones, or in another form.

        Looks at the fields of the first level; what lies deeper is not found. Databases that the login may not list are not looked at.
        """
        declared = {(self.database, name, field) for name, field in self.collections} | set(self.beside())
        return any(
            next(iter(client[database].get_collection(name).aggregate(self.strays(scope, declared, database, name))), None) is not None
            for database in self.databases(client)
            for name in client[database].list_collection_names()
            if not name.startswith("system.")
        )

    def databases(self, client: Any) -> list[str]:
        from pymongo.errors import OperationFailure

        try:
            return [name for name in client.list_database_names() if name not in SERVERS_OWN]
        except OperationFailure:
            return [self.database]

    def beside(self) -> Iterator[tuple[str, str, str]]:
        """Yield database, collection and field of other declared stores."""
        for address in declared_beside(self.name):
            named = parse_qs(address.query).get("collections", [""])[0]
            for entry in named.split(","):
                if address.scheme.startswith("mongodb") and entry.count(".") == 1:
                    name, field = entry.split(".")
                    yield address.path.strip("/"), name, field

    def strays(self, scope: Scope, declared: set[tuple[str, str, str]], database: str, name: str) -> list[dict[str, Any]]:
        """Return the query for one document that names the account where nobody would delete it."""
        from bson import Binary

        fields = [field for base, collection, field in declared if (base, collection) == (database, name)]
        as_binary = Binary.from_uuid(uuid.UUID(scope.reference))  # the declared fields are searched for the text alone
        elsewhere = {"pairs": {"$elemMatch": {"v": scope.reference, "k": {"$nin": fields}}}}
        return [
            {"$project": {"pairs": {"$objectToArray": "$$ROOT"}}},
            {"$match": {"$or": [elsewhere, {"pairs": {"$elemMatch": {"v": as_binary}}}]}},
            {"$limit": 1},
        ]

    def describe(self) -> str:
        return "document database, documents with the account's reference"
