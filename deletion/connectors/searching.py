"""Is anything of the account somewhere else than where its data are declared to lie? Then the declaration is wrong, and zero means nothing.

A planted record proves that a store finds what is written where the portal looks; it does not prove that the store's own writers
write there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import parse_qs

from deletion.connectors.protocol import declared_beside

MOST_PAGES = 10  # of a thousand entries: a bucket of that size is read whole
MOST_FOLDERS = 1000
DEPTH = 2
OF_AN_ACCOUNT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/$")


def names_elsewhere(client: Any, *, name: str, bucket: str, prefix: str, reference: str, copies: frozenset[str]) -> bool:
    """Say whether keys outside the prefix name the account, in this bucket or under the same prefix in another one.

    A small bucket is read whole. In a large one the reference is looked for at the beginning of names, in each folder down to the
    second level: that finds a wrong folder, and does not find a name that holds the reference in its middle.
    """
    allowed = (prefix, *prefixes_beside(name, bucket, reference))
    if is_in_another_bucket(client, name, copies | {bucket}, prefix):
        return True
    pages = iter(client.get_paginator("list_object_versions").paginate(Bucket=bucket))
    for page in islice(pages, MOST_PAGES):
        if any(reference in key and not key.startswith(allowed) for key, _version in entries(page)):
            return True
    if next(pages, None) is None:
        return False
    return any(is_in_folder(client, bucket, folder + reference, allowed) for folder in islice(folders(client, bucket, ""), MOST_FOLDERS))


def prefixes_beside(name: str, bucket: str, reference: str) -> Iterator[str]:
    """Yield the prefixes under which other declared stores keep the account in the same bucket."""
    for address in declared_beside(name):
        if address.scheme.startswith("s3+") and address.path.strip("/") == bucket:
            yield parse_qs(address.query).get("prefix", [""])[0].replace("{account}", reference)


def is_in_another_bucket(client: Any, name: str, known: frozenset[str], prefix: str) -> bool:
    """Say whether a bucket that the key may list, and that is no declared store, has the account under the same prefix."""
    from botocore.exceptions import ClientError

    declared = {*known, *(address.path.strip("/") for address in declared_beside(name))}
    try:
        others = [each["Name"] for each in client.list_buckets().get("Buckets", [])]
    except ClientError:  # a key that may see its own bucket alone
        return False
    return any(is_in_folder(client, other, prefix, ()) for other in others[:MOST_FOLDERS] if other not in declared)


def is_in_folder(client: Any, bucket: str, beginning: str, allowed: tuple[str, ...]) -> bool:
    from botocore.exceptions import ClientError

    try:
        page = client.list_object_versions(Bucket=bucket, Prefix=beginning, MaxKeys=10)
    except ClientError:
        return False
    return any(not (allowed and key.startswith(allowed)) for key, _version in entries(page))


def folders(client: Any, bucket: str, parent: str, depth: int = DEPTH) -> Iterator[str]:
    """Yield the folder and those below it; folders that are an account's own are not entered."""
    yield parent
    if not depth:
        return
    page = client.list_object_versions(Bucket=bucket, Prefix=parent, Delimiter="/")
    for child in page.get("CommonPrefixes", []):
        if not OF_AN_ACCOUNT.search(child["Prefix"]):
            yield from folders(client, bucket, child["Prefix"], depth - 1)


def entries(page: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield key and version of everything on a page: objects and the markers that hide them."""
    for kind in ("Versions", "DeleteMarkers"):
        yield from ((entry["Key"], entry["VersionId"]) for entry in page.get(kind, []))
