"""The return of the data (Art. 28(3)(g) GDPR): one ZIP file, written row by row, so that a million subscribers take no more memory.

What is small comes as JSON, what is large as CSV, and subscriptions as JSON lines too; a manifest and checksums say what has to be there.
"""

from __future__ import annotations

import datetime
import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import IO, Any, NamedTuple

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import override

from customers.models import Customer
from deletion.contents import CSV_RULE, NOT_INCLUDED
from deletion.exporting import FILES, FORMAT, as_json, documents
from publishing import tables
from subscriptions.models import Activity, Subscription

AT_ONCE = 2000
Tell = Callable[[int], None]
"""Called with the number of lines written so far."""

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
ACTIVITY = ("id", "subscription_id", "kind", "message", "at")


def as_csv(rows: Iterable[Sequence[Any]]) -> bytes:
    return tables.piece([[as_text(value) for value in row] for row in rows])


def as_json_lines(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return one object a line, with every value as it is stored."""
    return b"".join(json.dumps(dict(zip(columns, row, strict=True)), default=as_text).encode() + b"\n" for row in rows)


def as_text(value: Any) -> str:
    if value is None:
        return ""
    return value.astimezone(datetime.UTC).isoformat() if isinstance(value, datetime.datetime) else str(value)


def names_of(columns: Iterable[str]) -> list[str]:
    return [column.replace("__", "_") for column in columns]


class Table(NamedTuple):
    """A file that is written row by row: the model, its columns, what stands above the rows, and how they are written."""

    model: type[Any]
    columns: tuple[str, ...]
    head: bytes
    piece: Callable[[Iterable[Sequence[Any]]], bytes]


TABLES = {
    "subscriptions.csv": Table(Subscription, SUBSCRIPTIONS, as_csv([names_of(SUBSCRIPTIONS)]), as_csv),
    "subscriptions.jsonl": Table(Subscription, SUBSCRIPTIONS, b"", partial(as_json_lines, names_of(SUBSCRIPTIONS))),
    "activity.csv": Table(Activity, ACTIVITY, as_csv([names_of(ACTIVITY)]), as_csv),
}


def total(customer: Customer) -> int:
    """Count the lines that are written one by one; everything else is little beside them."""
    return sum(rows_of(table.model, customer).count() for table in TABLES.values())


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
        for name, table in TABLES.items():
            chunks = counted(pieces(table, customer), written, tell)
            entries.append(put(container, name, moment, (content for content, _rows in chunks)))
            written += rows_of(table.model, customer).count()
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


def pieces(table: Table, customer: Customer) -> Iterator[tuple[bytes, int]]:
    """Yield the table in pieces with the number of rows in each, by ranges of the key: no long transaction, no list in memory."""
    yield table.head, 0
    last = 0
    while True:
        rows = list(rows_of(table.model, customer).filter(pk__gt=last).order_by("pk").values_list(*table.columns)[:AT_ONCE])
        if not rows:
            return
        last = rows[-1][0]
        yield table.piece(rows), len(rows)


def counted(chunks: Iterator[tuple[bytes, int]], before: int, tell: Tell) -> Iterator[tuple[bytes, int]]:
    for content, rows in chunks:
        before += rows
        tell(before)
        yield content, rows


def manifest(customer: Customer, entries: list[dict[str, Any]], at: datetime.datetime) -> dict[str, Any]:
    """Return what is there, in English, whoever asked."""
    with override("en"):
        return {
            "format": FORMAT,
            "portal": settings.PORTAL_ORIGIN,
            "customer": str(customer.reference),
            "created_at": at,
            "files": sorted(entries, key=lambda entry: str(entry["name"])),
            "csv": str(CSV_RULE),
            "not_included": [str(omission.words) for omission in NOT_INCLUDED],
        }


def archive(*, customer: Customer, at: datetime.datetime) -> bytes:
    """Return the whole archive in memory; for accounts of which that is known to be small."""
    buffer = io.BytesIO()
    write(buffer, customer=customer, at=at)
    return buffer.getvalue()
