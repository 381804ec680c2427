"""Edit the draft of the register: entries come, change, move and go, and nothing of it reaches a reader before two people said so."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import override

from publishing.services import opened
from subprocessors import drafting
from subprocessors.models import Subprocessor, SubprocessorList
from subprocessors.models.entry import LONGEST_SLUG, RESERVED_SLUGS
from subprocessors.services import register
from subprocessors.transfers import basis_label

if TYPE_CHECKING:
    from customers.models import User


@transaction.atomic
def save_entry(*, entry: Subprocessor, by: User) -> Subprocessor:
    """Keep an entry of a draft; a new one comes last and gets its name in addresses, which then stays. Raises NotADraft."""
    draft = opened(entry.subprocessor_list, by)
    if not entry.pk:
        last = draft.entries.order_by("-sort").values_list("sort", flat=True).first()
        entry.sort = 0 if last is None else last + 1
        entry.slug = entry.slug or free_slug(draft, entry.legal_name)
    entry.save()
    return entry


def free_slug(draft: SubprocessorList, legal_name: str) -> str:
    """Return a name for addresses that no other entry of the draft has and no page of the portal needs."""
    taken = {*draft.entries.values_list("slug", flat=True), *RESERVED_SLUGS}
    stem = slugify(legal_name)[: LONGEST_SLUG - 4].strip("-") or "entry"
    candidates = (stem if number == 1 else f"{stem}-{number}" for number in range(1, len(taken) + 2))
    return next(slug for slug in candidates if slug not in taken)


@transaction.atomic
def remove_entry(*, entry: Subprocessor, by: User) -> None:
    """Take an entry out of its draft; what was published keeps it. Raises NotADraft."""
    opened(entry.subprocessor_list, by)
    entry.delete()


@transaction.atomic
def move_entry(*, entry: Subprocessor, up: bool, by: User) -> None:
    """Change places with the entry above or below; at the end of the list nothing happens. Raises NotADraft."""
    draft = opened(entry.subprocessor_list, by)
    entries = list(draft.entries.all())
    here = entries.index(entry)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(entries):
        return
    entries[here], entries[there] = entries[there], entries[here]
    for position, each in enumerate(entries):
        each.sort = position
    Subprocessor.objects.bulk_update(entries, ["sort"])


@transaction.atomic
def restore(*, source: SubprocessorList, by: User, at: datetime.datetime) -> SubprocessorList:
    """Make the draft hold what an older version held; the version itself stays as it was."""
    draft = opened(register.draft_in_work(by=by, at=at), by)
    draft.entries.all().delete()
    drafting.copy_rows(source, draft)
    return draft


@transaction.atomic
def import_entries(*, draft: SubprocessorList, entries: Sequence[Subprocessor], replaces: bool, by: User) -> None:
    """Take checked entries into the draft, all or none: known names are changed, new ones come last. Raises NotADraft.

    With ``replaces`` the entries that the file does not name leave the draft, and the file's order counts.
    """
    draft = opened(draft, by)
    if replaces:
        draft.entries.exclude(pk__in=[entry.pk for entry in entries if entry.pk]).delete()
    for position, entry in enumerate(entries):
        entry.subprocessor_list = draft
        save_entry(entry=entry, by=by)
        if replaces:
            Subprocessor.objects.filter(pk=entry.pk).update(sort=position)


@transaction.atomic
def fall_back(*, basis: str, by: User, at: datetime.datetime) -> list[Subprocessor]:
    """Rest every entry of the draft that rests on the basis on its fallback; return them. Entries without one stay as they are.

    The note of what changed is drafted in both languages; the notices follow from the difference, as with any other change.
    """
    draft = opened(register.draft_in_work(by=by, at=at), by)
    entries = list(draft.entries.filter(transfer_basis=basis).exclude(fallback_basis="").exclude(fallback_basis=basis))
    for entry in entries:
        entry.transfer_basis, entry.fallback_basis, entry.checked_at = entry.fallback_basis, "", None
        entry.transfer_detail_de = entry.transfer_detail_en = ""  # they described the basis that fell
        entry.full_clean(exclude={"subprocessor_list"}, validate_unique=False)
        entry.save()
    if entries:
        draft.change_note_de, draft.change_note_en = (note_of(basis, entries, language) for language in ("de", "en"))
        draft.save(update_fields=["change_note_de", "change_note_en"])
    return entries


def note_of(basis: str, entries: Sequence[Subprocessor], language: str) -> str:
    with override(language):
        names = ", ".join(entry.legal_name for entry in entries)
        text = _("Transfers no longer rest on this basis: %(basis)s. For %(names)s the fallback counts that was agreed for this case.")
        return text % {"basis": basis_label(basis, language), "names": names}
