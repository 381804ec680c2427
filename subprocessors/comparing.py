"""The difference between two lists, company by company: what came, went, changed and moved, in the words that readers see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from publishing.comparison import Block, Kind, Run, word_runs
from subprocessors.models import Subprocessor, SubprocessorList


@dataclass(frozen=True)
class EntryDifference:
    """One company in two lists; ``is_moved`` is told beside a change, since a company can move and change at once."""

    slug: str
    name: str
    kind: Kind
    is_moved: bool = False
    blocks: Sequence[Block] = field(default_factory=tuple)

    @property
    def changed(self) -> list[Block]:
        return [block for block in self.blocks if block.kind != "same"]


def differences(old: SubprocessorList | None, new: SubprocessorList | None, language: str) -> list[EntryDifference]:
    """Return every company of either list in the new order, those that left where they stood."""
    before = {entry.slug: entry for entry in old.entries.all()} if old else {}
    after = {entry.slug: entry for entry in new.entries.all()} if new else {}
    moved = moved_names([slug for slug in before if slug in after], [slug for slug in after if slug in before])
    found = [difference(before.get(slug), entry, slug in moved, language) for slug, entry in after.items()]
    for position, slug in enumerate(before):
        if slug not in after:
            found.insert(min(position, len(found)), difference(before[slug], None, is_moved=False, language=language))
    return found


def moved_names(old: Sequence[str], new: Sequence[str]) -> set[str]:
    """Return the names whose place among those of both lists is another one."""
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    stayed = {slug for block in matcher.get_matching_blocks() for slug in new[block.b : block.b + block.size]}
    return set(new) - stayed


def difference(old: Subprocessor | None, new: Subprocessor | None, is_moved: bool, language: str) -> EntryDifference:  # noqa: FBT001  # a fact of the entry
    shown = new or old
    assert shown is not None
    before, after = facts(old, language), facts(new, language)
    blocks = [block for term in {**before, **after} for block in block_of(term, before.get(term, ""), after.get(term, ""))]
    kind: Kind = "added" if old is None else "removed" if new is None else "changed"
    if kind == "changed" and all(block.kind == "same" for block in blocks):
        kind = "moved" if is_moved else "same"
    return EntryDifference(shown.slug, shown.legal_name, kind, is_moved, tuple(blocks))


def block_of(term: str, old: str, new: str) -> list[Block]:
    """Return the fact as one paragraph of the comparison, or nothing where neither list states it."""
    before, after = (f"{term}: {text}" if text else "" for text in (old, new))
    if not before and not after:
        return []
    if before == after:
        return [Block("same", before, after, (Run("same", after),))]
    if not before:
        return [Block("added", "", after, (Run("added", after),))]
    if not after:
        return [Block("removed", before, "", (Run("removed", before),))]
    return [Block("changed", before, after, tuple(word_runs(before, after)))]


def facts(entry: Subprocessor | None, language: str) -> dict[str, str]:
    """Return what readers are shown of the entry, one line a fact."""
    if entry is None:
        return {}
    shown = entry.as_annex(language)
    with override(language):
        channel_types = [str(label) for value, label in Subprocessor.ChannelType.choices if value in entry.channel_types]
        return {
            _("Company"): shown["legal_name"],
            _("Register number"): shown["register_number"],
            _("Service"): shown["service_name"],
            _("Role"): str(entry.get_kind_display()),
            _("Address"): ", ".join([*shown["address_lines"], shown["seat_country"]]),
            _("Contact"): shown["contact"],
            _("Purpose"): shown["purpose"],
            _("Delimitation"): shown["delimitation"],
            _("Categories of data"): shown["data_categories"],
            _("Places of processing"): shown["processing_locations"],
            _("Remote access from"): shown["remote_access_countries"],
            _("Basis of the transfer"): " – ".join(part for part in (shown["transfer_basis"], shown["transfer_detail"]) if part),
            _("Fallback basis"): shown["fallback_basis"],
            _("Listing checked on"): date_format(entry.checked_at) if entry.checked_at else "",
            _("Contract"): shown["contract"],
            _("Used for"): ", ".join(channel_types),
            _("Its own list"): entry.own_list_url,
            _("Verified"): _("yes") if entry.is_verified else _("no"),
        }


def count_by_kind(found: Sequence[EntryDifference]) -> dict[str, int]:
    """Return how many companies came, changed, left and only moved."""
    return {kind: sum(each.kind == kind for each in found) for kind in ("added", "changed", "removed", "moved")}
