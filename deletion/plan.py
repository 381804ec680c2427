"""The erasure concept: what the deletion of an account erases, app by app in the order of the work, and what it keeps and why.

Each app states its own decisions in its ``erasure.py``. An app comes before those whose rows it refers to, so that nothing is
left that points at a deleted row; the company itself goes last.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import Model

import customers.erasure
import deletion.erasure
import dpa.erasure
import evidence.erasure
import jobs.erasure
import notifications.erasure
import privacy_text.erasure
import subprocessors.erasure
import subscriptions.erasure
import toms.erasure


class Part(NamedTuple):
    """One app's decisions: what it erases, and what it keeps with reason, norm and period."""

    app: str
    erases: tuple[type[Model], ...]
    keeps: dict[type[Model], tuple[str, str, str]]


PLAN: tuple[Part, ...] = (
    Part("subscriptions", subscriptions.erasure.ERASES, subscriptions.erasure.KEEPS),
    Part("notifications", notifications.erasure.ERASES, notifications.erasure.KEEPS),
    Part("dpa", dpa.erasure.ERASES, dpa.erasure.KEEPS),
    Part("deletion", deletion.erasure.ERASES, deletion.erasure.KEEPS),
    Part("privacy_text", privacy_text.erasure.ERASES, privacy_text.erasure.KEEPS),
    Part("toms", toms.erasure.ERASES, toms.erasure.KEEPS),
    Part("subprocessors", subprocessors.erasure.ERASES, subprocessors.erasure.KEEPS),
    Part("jobs", jobs.erasure.ERASES, jobs.erasure.KEEPS),
    Part("evidence", evidence.erasure.ERASES, evidence.erasure.KEEPS),
    Part("customers", customers.erasure.ERASES, customers.erasure.KEEPS),
)


def decisions() -> Iterator[tuple[type[Model], tuple[str, str, str] | None]]:
    """Yield every decision: a model that is erased with None, one that is kept with reason, norm and period."""
    for part in PLAN:
        yield from ((model, None) for model in part.erases)
        yield from part.keeps.items()
