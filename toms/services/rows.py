"""Edit a draft of the register: rows come, change, move and go, and nothing of it reaches a reader before two people said so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction

from publishing.services import opened
from toms import exchange
from toms.models import Category, Control, Measure, MeasureSet

if TYPE_CHECKING:
    from customers.models import User

Row = Category | Control | Measure


class StillHolds(Exception):
    """A category or control goes only when nothing is in it any more."""


@transaction.atomic
def save_row(*, row: Row, by: User) -> Row:
    """Keep a row of a draft; a new one comes last. Raises NotADraft, and ValidationError for what the register cannot hold."""
    opened(row.measure_set, by)
    if row._state.adding:  # noqa: SLF001  # Django documents it as an API
        last = row.siblings.order_by("-sort").values_list("sort", flat=True).first()
        row.sort = 0 if last is None else last + 1
    row.full_clean()
    row.save()
    return row


@transaction.atomic
def remove_row(*, row: Row, by: User) -> None:
    """Take a row out of its draft; what was published keeps it. Raises NotADraft and StillHolds."""
    opened(row.measure_set, by)
    holds = row.controls.exists() if isinstance(row, Category) else isinstance(row, Control) and row.measures.exists()
    if holds:
        raise StillHolds
    row.delete()


@transaction.atomic
def move_row(*, row: Row, up: bool, by: User) -> None:
    """Change places with the row above or below; at the end of the list nothing happens. Raises NotADraft."""
    opened(row.measure_set, by)
    rows: list[Row] = list(row.siblings)
    here = rows.index(row)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(rows):
        return
    rows[here], rows[there] = rows[there], rows[here]
    for position, each in enumerate(rows):
        type(each)._default_manager.filter(pk=each.pk).update(sort=position)  # noqa: SLF001


@transaction.atomic
def import_rows(*, draft: MeasureSet, lines: Sequence[exchange.Line], by: User) -> int:
    """Take checked lines of a file into the draft, all or none; return how many measures they hold.

    Known keys are changed, new ones come last. Raises NotADraft, and exchange.LinesRefused with the reasons by line.
    """
    draft = opened(draft, by)
    exchange.take(draft, lines)
    return len(lines)
