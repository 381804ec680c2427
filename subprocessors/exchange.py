"""Entries as a CSV file that can be edited elsewhere and read in again; internal notes are in it, so it is for staff alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from publishing.tables import csv_bytes
from subprocessors.models import Subprocessor

LISTS = ("data_categories_de", "data_categories_en", "channel_types", "processing_locations", "remote_access_countries")


def export(entries: Iterable[Subprocessor], columns: Sequence[str]) -> bytes:
    """Return the entries with these columns, one row each; lists stand with a bar between their items."""
    return csv_bytes(columns, ([text_of(entry, column) for column in columns] for entry in entries))


def text_of(entry: Subprocessor, column: str) -> str:
    value = getattr(entry, column)
    if column in LISTS:
        return " | ".join(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
