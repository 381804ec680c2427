"""What readers are shown: pages and files of the register."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext

from customers.models import ChannelType
from publishing.models import State
from publishing.tables import csv_bytes
from subprocessors.countries import country_names
from subprocessors.forms import FilterForm
from subprocessors.models import Subprocessor, SubprocessorList
from subprocessors.searching import matching

Filters = dict[str, str]


def find_list(number: int | None) -> SubprocessorList | None:
    """Return the list of this number if it is or was in force, or without a number the current one; with its rows and documents."""
    lists = SubprocessorList.objects.prefetch_related("documents", "entries")
    return lists.current() if number is None else lists.readable().filter(number=str(number)).first()


def find_list_on(day: datetime.date) -> SubprocessorList | None:
    """Return the list that applied on the day, with its rows and documents."""
    return SubprocessorList.objects.prefetch_related("documents", "entries").in_force_on(day)


def register_page(subprocessor_list: SubprocessorList | None, filters: Filters, language: str) -> dict[str, object]:
    """Return the context of the register's page; without a list it says that nothing is published yet."""
    if subprocessor_list is None:
        return {"section": "subprocessors", "version": None}
    entries = list(subprocessor_list.entries.all())
    form = FilterForm(filters, countries=(code for entry in entries for code in entry.countries), language=language)
    found = (
        matching(entries, words=form.cleaned_data["q"], country=form.cleaned_data["country"], language=language) if form.is_valid() else []
    )
    return {
        "section": "subprocessors",
        "version": subprocessor_list,
        "change_note": subprocessor_list.change_note(language),
        "form": form,
        "is_filtered": any(filters.get(name) for name in form.fields),
        "count": len(found),
        "subprocessors": rows(found, Subprocessor.Kind.SUBPROCESSOR, language),
        "recipients": rows(found, Subprocessor.Kind.INDEPENDENT, language),
        "is_sample": not all(entry.is_verified for entry in entries),
        "document": subprocessor_list.printed().get(language),
        "current": SubprocessorList.objects.current() if subprocessor_list.state == State.SUPERSEDED else None,
        "addresses": file_addresses(subprocessor_list),
    }


def rows(entries: Sequence[Subprocessor], kind: str, language: str) -> list[dict[str, object]]:
    return [{**entry.as_annex(language), "is_verified": entry.is_verified} for entry in entries if entry.kind == kind]


def file_addresses(subprocessor_list: SubprocessorList) -> dict[str, str]:
    """Return the addresses of the files: the current list's stay the same for ever, an older one's carry its number."""
    formats = ("pdf", "csv", "json")
    if subprocessor_list.state == State.PUBLISHED:
        return {name: reverse(f"subprocessors_{name}") for name in formats}
    return {name: reverse(f"subprocessors_version_{name}", args=[subprocessor_list.number]) for name in formats}


def entry_page(entry: Subprocessor, language: str) -> dict[str, object]:
    """Return the context of one company's page, as the newest list that names it shows it."""
    return {
        "section": "subprocessors",
        "entry": entry,
        "facts": [fact for fact in facts(entry, language) if fact.get("value") or fact.get("lines")],
        "version": entry.subprocessor_list,
        "is_current": entry.subprocessor_list.state == State.PUBLISHED,
    }


def facts(entry: Subprocessor, language: str) -> list[dict[str, object]]:
    shown = entry.as_annex(language)
    channel_types = [label for key, label in ChannelType.objects.labels(language).items() if key in entry.channel_types]
    return [
        {"term": gettext("Register number"), "value": shown["register_number"]},
        {"term": gettext("Service"), "value": shown["service_name"]},
        {"term": gettext("Role"), "value": str(entry.get_kind_display())},
        {"term": gettext("Kind of service"), "value": shown["service_kind"]},
        {"term": gettext("Address"), "lines": [*shown["address_lines"], shown["seat_country"]]},
        {"term": gettext("Contact"), "value": shown["contact"]},
        {"term": gettext("Purpose"), "value": shown["purpose"]},
        {"term": gettext("Delimitation"), "value": shown["delimitation"]},
        {"term": gettext("Categories of data"), "lines": entry.data_categories(language)},
        {"term": gettext("Places of processing"), "value": shown["processing_locations"]},
        {"term": gettext("Remote access from"), "value": shown["remote_access_countries"]},
        {
            "term": gettext("Basis of the transfer"),
            "lines": [text for text in (shown["transfer_basis"], shown["transfer_detail"]) if text],
        },
        {"term": gettext("Fallback basis"), "value": shown["fallback_basis"]},
        {"term": gettext("Listing checked on"), "value": date_format(entry.checked_at) if entry.checked_at else ""},
        {"term": gettext("Contract"), "value": shown["contract"]},
        {"term": gettext("Used for"), "value": ", ".join(channel_types)},
    ]


def history(language: str) -> list[dict[str, object]]:
    """Return the published lists, newest first, as the timeline shows them."""
    return [
        {
            "at": subprocessor_list.effective_date,
            "title": gettext("Version %(number)s") % {"number": subprocessor_list.number},
            "text": subprocessor_list.change_note(language),
            "url": reverse("subprocessors_version", args=[subprocessor_list.number]),
            "past": subprocessor_list.state == State.SUPERSEDED,
        }
        for subprocessor_list in SubprocessorList.objects.readable()
    ]


def csv_file(subprocessor_list: SubprocessorList, language: str) -> bytes:
    """Return the entries as a table, one row each."""
    header = [
        gettext("Company"),
        gettext("Service"),
        gettext("Role"),
        gettext("Address"),
        gettext("Seat"),
        gettext("Contact"),
        gettext("Kind of service"),
        gettext("Purpose"),
    ]
    header += [gettext("Delimitation"), gettext("Categories of data"), gettext("Places of processing"), gettext("Remote access from")]
    header += [gettext("Basis of the transfer"), pgettext("of a transfer", "Details"), gettext("Fallback basis"), gettext("Verified")]
    header += [gettext("Register number"), gettext("Listing checked on"), gettext("Contract"), gettext("Used for")]
    types = ChannelType.objects.labels(language)
    return csv_bytes(header, [csv_row(entry, language, types) for entry in subprocessor_list.entries.all()])


def csv_row(entry: Subprocessor, language: str, types: Mapping[str, str]) -> list[str]:
    shown = entry.as_annex(language)
    company = [
        shown["legal_name"],
        shown["service_name"],
        str(entry.get_kind_display()),
        ", ".join(shown["address_lines"]),
        shown["seat_country"],
    ]
    work = [shown["contact"], shown["service_kind"], shown["purpose"], shown["delimitation"], shown["data_categories"]]
    places = [", ".join(country_names(entry.processing_locations, language)), shown["remote_access_countries"]]
    transfer = [shown["transfer_basis"], shown["transfer_detail"], shown["fallback_basis"]]
    checked = date_format(entry.checked_at, "SHORT_DATE_FORMAT") if entry.checked_at else ""
    later = [gettext("yes") if entry.is_verified else gettext("no"), shown["register_number"], checked, shown["contract"]]
    used_for = ", ".join(label for key, label in types.items() if key in entry.channel_types)
    return [*company, *work, *places, *transfer, *later, used_for]
