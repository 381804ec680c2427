"""Drafts of the register: started, filled and changed until somebody approves them."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from toms import drafting
from toms.models import MeasureSet

if TYPE_CHECKING:
    from customers.models import User


@transaction.atomic
def start_draft(*, by: User, at: datetime.datetime, source: MeasureSet | None = None) -> MeasureSet:
    """Begin a new version with the rows of the given set, or of the current one; an old set so becomes a draft again."""
    source = source or MeasureSet.objects.current()
    draft = MeasureSet.objects.create(created_by=by, created_at=at)
    if source is not None:
        drafting.copy_rows(source, draft)
    return draft
