"""Which differences between two lists a customer has to hear of before they happen (Art. 28(2) GDPR)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from publishing.canonical import sha256_of_json
from publishing.models import ChangeKind
from subprocessors.models import AnnouncedChange, Announcement, Subprocessor, SubprocessorList

Kind = AnnouncedChange.Kind


class Change(NamedTuple):
    """One company's change; ``entry`` is what readers will be shown of it, for a removal what they were shown last."""

    kind: str
    entry: Mapping[str, Any]

    @property
    def slug(self) -> str:
        return str(self.entry["slug"])

    @property
    def digest(self) -> str:
        return digest_of(self.kind, self.entry)


def digest_of(kind: str, entry: Mapping[str, Any]) -> str:
    """Return the hash of what a customer decides about; wording, contacts and names of services may change without a new notice."""
    if kind == Kind.REMOVAL:
        return sha256_of_json({"removed": entry["slug"]})
    facts: dict[str, Any] = {name: entry[name] for name in ("slug", "seat_country", "transfer_basis", "fallback_basis")}
    for name in ("processing_locations", "remote_access_countries", "channel_types"):
        facts[name] = sorted(entry[name])
    return sha256_of_json(facts | {"data_categories": sorted(entry["data_categories"]["de"])})


def differences(current: SubprocessorList | None, coming: SubprocessorList) -> list[Change]:
    """Return the changes of subprocessors; recipients that decide for themselves are not engaged by anybody, so they are left out."""
    old, new = engaged(current), engaged(coming)
    found = [Change(Kind.ADDITION, entry) for slug, entry in new.items() if slug not in old]
    for slug, entry in new.items():
        kind = kind_of(old[slug], entry, coming.change_kind) if slug in old else None
        if kind:
            found.append(Change(kind, entry))
    return found + [Change(Kind.REMOVAL, entry) for slug, entry in old.items() if slug not in new]


def engaged(subprocessor_list: SubprocessorList | None) -> dict[str, dict[str, Any]]:
    entries = subprocessor_list.entries.filter(kind=Subprocessor.Kind.SUBPROCESSOR) if subprocessor_list else ()
    return {entry.slug: entry.content() for entry in entries}


def kind_of(old: Mapping[str, Any], new: Mapping[str, Any], change_kind: str) -> str | None:
    """Return the gravest kind of change between two states of an entry, or None when no notice is due."""
    if old["legal_name"] != new["legal_name"] and change_kind == ChangeKind.MATERIAL:
        return Kind.ENTITY
    if any(grows(old[name], new[name]) for name in ("processing_locations", "remote_access_countries")):
        return Kind.LOCATION
    if old["seat_country"] != new["seat_country"]:
        return Kind.LOCATION
    if (old["transfer_basis"], old["fallback_basis"]) != (new["transfer_basis"], new["fallback_basis"]):
        return Kind.TRANSFER
    if grows(old["channel_types"], new["channel_types"]) or grows(old["data_categories"]["de"], new["data_categories"]["de"]):
        return Kind.SCOPE
    return None


def grows(old: Iterable[str], new: Iterable[str]) -> bool:
    return not set(new) <= set(old)


def untold(changes: Iterable[Change]) -> list[Change]:
    """Return the changes that no announcement on its way covers; exactly what was told needs no second notice."""
    told = set(AnnouncedChange.objects.filter(announcement__state=Announcement.State.NOTICE).values_list("slug", "digest"))
    return [change for change in changes if (change.slug, change.digest) not in told]


def announcements_of(changes: Iterable[Change]) -> list[Announcement]:
    """Return the announcements, told and not yet active, that cover these changes."""
    wanted = {(change.slug, change.digest) for change in changes}
    running = Announcement.objects.running().prefetch_related("changes")
    return [each for each in running if any((change.slug, change.digest) in wanted for change in each.changes.all())]


def are_in(announcement: Announcement, subprocessor_list: SubprocessorList) -> bool:
    """Say whether the list holds every change of the announcement, and so has put all of it into force."""
    entries = engaged(subprocessor_list)
    coming = [change for change in announcement.changes.all() if change.kind != Kind.REMOVAL]
    return all(change.slug in entries and digest_of(change.kind, entries[change.slug]) == change.digest for change in coming)
