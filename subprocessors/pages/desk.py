"""What the desk of the register shows: the draft beside what is published."""

from __future__ import annotations

from django.utils.translation import gettext

from publishing.comparison import Part, compare_entries, count_kinds
from publishing.models import State
from subprocessors import reading
from subprocessors.countries import country_names
from subprocessors.models import Subprocessor, SubprocessorList
from subprocessors.transfers import basis_label

TAGS = {"added": "ok", "changed": "info", "removed": "warn", "moved": "info", "same": ""}


def desk_page(language: str) -> dict[str, object]:
    """Return the draft or the approved list, row by row, with what the published list says of the same company."""
    lists = SubprocessorList.objects.select_related("created_by", "approved_by").prefetch_related("entries")
    current, coming = lists.current(), lists.in_preparation().first()
    found = compare_entries(reading.entries(current, language), reading.entries(coming, language)) if coming else []
    ours = {entry.slug: entry for entry in coming.entries.all()} if coming else {}
    theirs = {entry.slug: entry for entry in current.entries.all()} if current else {}
    return {
        "draft": coming,
        "is_draft": coming is not None and coming.state == State.DRAFT,
        "current": current,
        "rows": [row(each, ours.get(each.key), theirs.get(each.key), language) for each in found],
        "published": [summary(entry, language) for entry in theirs.values()],
        "changes": sum(each.kind != "same" for each in found),
        "counts": count_kinds(found),
        "versions": SubprocessorList.objects.readable(),
        "waits_for": waiting(coming) if coming else None,
    }


def waiting(coming: SubprocessorList) -> str:
    """Return the name of the wizard's step that comes next."""
    if coming.state == State.DRAFT:
        return "manage_subprocessors_publish"
    return "manage_subprocessors_check"


def row(found: Part, ours: Subprocessor | None, theirs: Subprocessor | None, language: str) -> dict[str, object]:
    labels = {
        "added": gettext("new"),
        "changed": gettext("changed"),
        "removed": gettext("removed"),
        "moved": gettext("moved"),
        "same": gettext("unchanged"),
    }
    return {
        "difference": found,
        "entry": ours,
        "ours": summary(ours, language) if ours else None,
        "theirs": summary(theirs, language) if theirs else None,
        "label": labels[found.kind],
        "tone": TAGS[found.kind],
        "lacks": lacks(ours) if ours else [],
    }


def summary(entry: Subprocessor, language: str) -> dict[str, object]:
    places = country_names(entry.processing_locations, language)
    return {
        "slug": entry.slug,
        "name": entry.legal_name,
        "kind": entry.get_kind_display(),
        "places": ", ".join(places) or gettext("not stated"),
        "basis": basis_label(entry.transfer_basis, language),
    }


def lacks(entry: Subprocessor) -> list[str]:
    """Return in words what an entry still lacks before readers can rely on it."""
    found = []
    if not entry.service_kind:
        found.append(gettext("kind of service missing"))
    if not (entry.purpose_de and entry.purpose_en):
        found.append(gettext("translation missing"))
    if not entry.is_verified:
        found.append(gettext("not verified"))
    if not entry.contact:
        found.append(gettext("contact missing"))
    return found


def published_entry(slug: str) -> Subprocessor | None:
    current = SubprocessorList.objects.current()
    return current.entries.filter(slug=slug).first() if current else None


def fallback_page(basis: str, language: str) -> dict[str, object]:
    """Return the entries of the draft, or of the published list, that rest on the basis, and where they would go."""
    chosen = SubprocessorList.objects.drafts().first() or SubprocessorList.objects.current()
    resting = chosen.entries.filter(transfer_basis=basis) if chosen else Subprocessor.objects.none()
    entries = [
        {"entry": entry, "fallback": basis_label(entry.fallback_basis, language) if entry.fallback_basis != basis else ""}
        for entry in resting
    ]
    return {
        "basis": basis,
        "basis_label": basis_label(basis, language),
        "choices": [(value, basis_label(value, language)) for value in Subprocessor.TransferBasis.values if value != "none_eea"],
        "entries": entries,
        "can_move": sum(bool(each["fallback"]) for each in entries),
        "list": chosen,
    }
