"""The return of the data (Art. 28(3)(g) GDPR): one ZIP file, written row by row, so that a million subscribers take no more memory.

What is small comes as JSON, what is large as CSV; a manifest and checksums say what has to be there.
"""

from __future__ import annotations

import datetime
import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator
from typing import IO, Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from customers.models import Customer
from deletion.exporting import FILES, FORMAT, NOT_INCLUDED, as_json, documents
from publishing import tables
from subscriptions.models import Activity, Subscription

AT_ONCE = 2000
Tell = Callable[[int], None]
"""Called with the number of rows written so far."""

SUBSCRIPTIONS = (
    "id",
    "channel_type__key",
    "channel__public_id",
    "identifier",
    "topic",
    "registered_at",
    "opt_in_text_version__number",
    "opt_in_label",
    "opt_in_sha256",
    "cancelled_at",
    "cancelled_through",
    "cancelled_why",
)
TABLES: dict[str, tuple[type[Any], tuple[str, ...]]] = {
    "subscriptions.csv": (Subscription, SUBSCRIPTIONS),
    "activity.csv": (Activity, ("id", "subscription_id", "kind", "message", "at")),
}


def total(customer: Customer) -> int:
    """Count the rows that are written one by one; everything else is little beside them."""
    return sum(rows_of(model, customer).count() for model, _columns in TABLES.values())


def rows_of(model: type[Any], customer: Customer) -> QuerySet[Any]:
    found: QuerySet[Any] = model.objects.filter(customer=customer)
    return found


def write(target: IO[bytes], *, customer: Customer, at: datetime.datetime, tell: Tell = lambda _rows: None) -> None:
    """Write the archive into the open file; the same data at the same time give the same bytes."""
    moment = timezone.localtime(at).timetuple()[:6]
    entries: list[dict[str, Any]] = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as container:
        small = {name: as_json(rows(customer)) for name, rows in FILES.items()} | documents(customer)
        for name, content in sorted(small.items()):
            entries.append(put(container, name, moment, iter([content])))
        written = 0
        for name, (model, columns) in TABLES.items():
            chunks = counted(as_csv(model, columns, customer), written, tell)
            entries.append(put(container, name, moment, (content for content, _rows in chunks)))
            written += rows_of(model, customer).count()
        entries.append(put(container, "manifest.json", moment, iter([as_json(manifest(customer, entries, at))])))
        sums = "".join(f"{entry['sha256']}  {entry['name']}\n" for entry in sorted(entries, key=lambda entry: str(entry["name"])))
        put(container, "SHA256SUMS", moment, iter([sums.encode()]))


def put(container: zipfile.ZipFile, name: str, moment: Any, chunks: Iterator[bytes]) -> dict[str, Any]:
    """Write one file in pieces and return its name, size and SHA-256."""
    entry = zipfile.ZipInfo(name, date_time=moment)
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    checksum, size = hashlib.sha256(), 0
    with container.open(entry, "w", force_zip64=True) as file:
        for content in chunks:
            file.write(content)
            checksum.update(content)
            size += len(content)
    return {"name": name, "size": size, "sha256": checksum.hexdigest()}


def as_csv(model: type[Any], columns: tuple[str, ...], customer: Customer) -> Iterator[tuple[bytes, int]]:
    """Yield the table in pieces with the number of rows in each, by ranges of the key: no long transaction, no list in memory."""
    yield tables.piece([[column.replace("__", "_") for column in columns]]), 0
    last = 0
    while True:
        rows = list(rows_of(model, customer).filter(pk__gt=last).order_by("pk").values_list(*columns)[:AT_ONCE])
        if not rows:
            return
        last = rows[-1][0]
        yield tables.piece([[as_text(value) for value in row] for row in rows]), len(rows)


def as_text(value: Any) -> str:
    if value is None:
        return ""
    return value.astimezone(datetime.UTC).isoformat() if isinstance(value, datetime.datetime) else str(value)


def counted(chunks: Iterator[tuple[bytes, int]], before: int, tell: Tell) -> Iterator[tuple[bytes, int]]:
    for content, rows in chunks:
        before += rows
        tell(before)
        yield content, rows


def manifest(customer: Customer, entries: list[dict[str, Any]], at: datetime.datetime) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "portal": settings.PORTAL_ORIGIN,
        "customer": str(customer.reference),
        "created_at": at,
        "files": sorted(entries, key=lambda entry: str(entry["name"])),
        "not_included": NOT_INCLUDED,
    }


def archive(*, customer: Customer, at: datetime.datetime) -> bytes:
    """Return the whole archive in memory; for accounts of which that is known to be small."""
    buffer = io.BytesIO()
    write(buffer, customer=customer, at=at)
    return buffer.getvalue()
