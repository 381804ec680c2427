"""The register as the comparison of versions reads it: company by company, in the words that readers see."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from customers.models import ChannelType
from publishing.comparison import Entry
from subprocessors.models import Subprocessor, SubprocessorList


def entries(subprocessor_list: SubprocessorList | None, language: str) -> list[Entry]:
    """Return every company of the list under its lasting name; no list has none."""
    rows, types = (subprocessor_list.entries.all(), ChannelType.objects.labels(language)) if subprocessor_list else ((), {})
    with override(language):
        return [Entry(row.slug, row.legal_name, [f"{term}: {text}" for term, text in facts(row, language, types) if text]) for row in rows]


def facts(entry: Subprocessor, language: str, types: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what readers are shown of the company beside its name; ``types`` are the labels of channel types."""
    shown = entry.as_annex(language)
    channel_types = [label for key, label in types.items() if key in entry.channel_types]
    return [
        (_("Register number"), shown["register_number"]),
        (_("Service"), shown["service_name"]),
        (_("Role"), str(entry.get_kind_display())),
        (_("Kind of service"), shown["service_kind"]),
        (_("Address"), ", ".join([*shown["address_lines"], shown["seat_country"]])),
        (_("Contact"), shown["contact"]),
        (_("Purpose"), shown["purpose"]),
        (_("Delimitation"), shown["delimitation"]),
        (_("Categories of data"), shown["data_categories"]),
        (_("Places of processing"), shown["processing_locations"]),
        (_("Remote access from"), shown["remote_access_countries"]),
        (_("Basis of the transfer"), " – ".join(part for part in (shown["transfer_basis"], shown["transfer_detail"]) if part)),
        (_("Fallback basis"), shown["fallback_basis"]),
        (_("Listing checked on"), date_format(entry.checked_at) if entry.checked_at else ""),
        (_("Contract"), shown["contract"]),
        (_("Used for"), ", ".join(channel_types)),
        (_("Its own list"), entry.own_list_url),
        (_("Verified"), _("yes") if entry.is_verified else _("no")),
    ]
