"""Fill a draft: with the sample that ships with the portal, or with the entries of another list."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from subprocessors.models import Subprocessor, SubprocessorList

SAMPLE = Path(__file__).parent / "sample" / "subprocessors.json"
PLAIN: tuple[str, ...] = ("kind", "slug", "legal_name", "service_name", "address", "seat_country", "contact", "processing_locations")
PLAIN += ("remote_access_countries", "transfer_basis", "channel_types", "own_list_url")
IN_BOTH_LANGUAGES = ("purpose", "delimitation", "data_categories", "transfer_detail", "verification_note")


def sample() -> dict[str, Any]:
    """Return the sample register; nobody has verified it, and its entries say so."""
    content: dict[str, Any] = json.loads(SAMPLE.read_text(encoding="utf-8"))
    return content


def fill_from(subprocessor_list: SubprocessorList, content: Mapping[str, Any]) -> None:
    """Add the entries of the sample's format to a draft."""
    Subprocessor.objects.bulk_create(entry_from(subprocessor_list, entry, position) for position, entry in enumerate(content["entries"]))


def entry_from(subprocessor_list: SubprocessorList, entry: Mapping[str, Any], position: int) -> Subprocessor:
    translated = {f"{name}_{language}": entry[name][language] for name in IN_BOTH_LANGUAGES for language in ("de", "en")}
    return Subprocessor(
        subprocessor_list=subprocessor_list,
        sort=position,
        fallback_basis=entry["fallback_basis"] or "",
        checked_at=datetime.date.fromisoformat(entry["checked_at"]) if entry["checked_at"] else None,
        service_kind=entry.get("service_kind") or Subprocessor.ServiceKind.OTHER,
        last_verified_at=datetime.datetime.fromisoformat(entry["last_verified"]) if entry["last_verified"] else None,
        **{name: entry[name] for name in PLAIN},
        **translated,
    )


def kind_by_words(entry: Subprocessor) -> str:
    """Return what the purpose says of an entry from before its kind of service was a fact of its own; people see and correct it."""
    kinds = Subprocessor.ServiceKind
    return kinds.CONTENT_DELIVERY if entry.purpose_names_delivery else kinds.OTHER


def copy_rows(source: SubprocessorList, target: SubprocessorList) -> None:
    """Copy every entry of a list into a draft; slugs stay, so that versions can be compared."""
    entries = list(source.entries.all())
    for entry in entries:
        entry.pk, entry.subprocessor_list = None, target
        entry.service_kind = entry.service_kind or kind_by_words(entry)
    Subprocessor.objects.bulk_create(entries)
