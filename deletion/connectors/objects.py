"""Objects of an account in a bucket that speaks the S3 API: every version, every delete marker, every unfinished upload.

A DELETE without a version only hides an object: its bytes stay readable under their version. So versions are listed by the
account's prefix, whatever any table says about them, and deleted one by one under their numbers.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.utils import timezone

from deletion.connectors.protocol import Answer, Count, Held, NotCounted, Permanent, Progress, Scope, Throttled, Transient
from deletion.connectors.searching import entries, names_elsewhere

MOST_AT_ONCE = 1000  # of one DeleteObjects call, and of one list of versions or uploads
LASTING = ("AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "NoSuchBucket", "403", "404")
BUSY = ("SlowDown", "ServiceUnavailable", "RequestLimitExceeded", "503")
LOOKED_AT = 50  # versions that are asked for their locks, one call each
SECONDS = 10


class ObjectsConnector:
    """``s3+https://KEY:SECRET@HOST/BUCKET?prefix=accounts/{account}/&region=eu-central-1``; needs the extra ``s3`` (boto3)."""

    method = "object versions deleted"

    def __init__(self, name: str, address: str) -> None:
        self.name = name
        parts = urlsplit(address)
        query = parse_qs(parts.query)
        self.prefix = query.get("prefix", [""])[0]
        self.bucket = parts.path.strip("/")
        if "{account}" not in self.prefix or not self.bucket:
            raise ValueError("an object store names its bucket, and its prefix holds {account}")
        scheme = parts.scheme.removeprefix("s3+")
        self.endpoint = f"{scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
        self.key, self.secret = unquote(parts.username or ""), unquote(parts.password or "")
        self.copies = frozenset(filter(None, query.get("copies", [""])[0].split(",")))  # backups, which end on a day that is certified
        self.region = query.get("region", ["eu-central-1"])[0]

    def client(self) -> Any:
        import boto3
        from botocore.config import Config

        config = Config(connect_timeout=SECONDS, read_timeout=SECONDS, retries={"max_attempts": 1}, s3={"addressing_style": "path"})
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=self.key,
            aws_secret_access_key=self.secret,
            region_name=self.region,
            config=config,
        )

    def prefix_of(self, scope: Scope) -> str:
        return self.prefix.replace("{account}", scope.reference)

    def plant(self, scope: Scope) -> None:
        with told_apart():
            self.client().put_object(Bucket=self.bucket, Key=self.prefix_of(scope) + scope.canary, Body=b"canary")

    def erase(self, scope: Scope, cursor: str, limit: int) -> Progress:
        with told_apart():
            client = self.client()
            aborted = self.abort_uploads(client, scope)
            found = client.list_object_versions(Bucket=self.bucket, Prefix=self.prefix_of(scope), MaxKeys=min(limit, MOST_AT_ONCE))
            versions = list(entries(found))
            if versions:
                wanted = {"Objects": [{"Key": key, "VersionId": version} for key, version in versions], "Quiet": True}
                refused = client.delete_objects(Bucket=self.bucket, Delete=wanted).get("Errors", [])
                if refused and all(error.get("Code") in LASTING for error in refused):
                    raise Permanent
                if refused:
                    raise Transient
        deleted = sum(not key.endswith(scope.canary) for key, _version in versions) + aborted
        return Progress("", deleted, is_done=not found.get("IsTruncated", False) and aborted < MOST_AT_ONCE)

    def abort_uploads(self, client: Any, scope: Scope) -> int:
        uploads = client.list_multipart_uploads(Bucket=self.bucket, Prefix=self.prefix_of(scope)).get("Uploads", [])
        for upload in uploads:
            client.abort_multipart_upload(Bucket=self.bucket, Key=upload["Key"], UploadId=upload["UploadId"])
        return len(uploads)

    def verify(self, scope: Scope) -> Answer:
        """Count every version and unfinished upload. Of locks the first versions tell; a lock that only later ones have, the deletion meets."""
        try:
            with told_apart():
                client, prefix = self.client(), self.prefix_of(scope)
                pages = client.get_paginator("list_object_versions").paginate(Bucket=self.bucket, Prefix=prefix)
                number = planted = locked = 0  # a page at a time: an account may have millions of versions
                for key, version in (entry for page in pages for entry in entries(page)):
                    locked += number < LOOKED_AT and self.is_locked(client, key, version)
                    number, planted = number + 1, planted + key.endswith(scope.canary)
                uploads = client.list_multipart_uploads(Bucket=self.bucket, Prefix=prefix).get("Uploads", [])
                is_elsewhere = names_elsewhere(
                    client, name=self.name, bucket=self.bucket, prefix=prefix, reference=scope.reference, copies=self.copies
                )
        except (Transient, Permanent) as error:
            return NotCounted(type(error).__name__)
        if is_elsewhere:
            return NotCounted("elsewhere")
        if locked:
            return Held(locked)
        return Count(number + len(uploads), planted)

    def is_locked(self, client: Any, key: str, version: str) -> bool:
        """Say whether Object Lock keeps the version now; a bucket without it answers with an error, which means no."""
        from botocore.exceptions import ClientError

        try:
            head = client.head_object(Bucket=self.bucket, Key=key, VersionId=version)
        except ClientError:  # a delete marker has no head
            return False
        until = head.get("ObjectLockRetainUntilDate")  # the store names the end of a retention also when it is over
        return bool(until and until > timezone.now()) or head.get("ObjectLockLegalHoldStatus") == "ON"

    def describe(self) -> str:
        return "object storage, all versions and unfinished uploads with the account's prefix"


class told_apart:  # noqa: N801  # reads as a phrase: with told_apart()
    """Tell failures apart: does trying again help, and when."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: Any, error: BaseException | None, _trace: Any) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        if isinstance(error, ClientError):
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code in BUSY:
                raise Throttled(30) from error
            raise (Permanent if code in LASTING else Transient) from error
        if isinstance(error, BotoCoreError):
            raise Transient from error
