"""The kinds of jobs: which function does the work, and under which limits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from django.utils.module_loading import autodiscover_modules

TIME_LIMIT = 120  # seconds
LEASE_MARGIN = 5  # seconds between the end that the pool forces on a job and its take-over by another worker

Work = Callable[[str], None]


class PermanentFailure(Exception):
    """Trying again cannot help. The reason is stored and shown: it must hold no personal data."""


class UnknownKind(LookupError):
    """No function is registered for this kind of job."""


class KindTaken(ValueError):
    """Two functions claim the same kind of job."""


class Kind(NamedTuple):
    """One kind of job; ``transactional`` work shares its transaction with the job's state."""

    name: str
    work: Work
    transactional: bool
    at_most: int | None
    time_limit: int

    @property
    def lease(self) -> timedelta:
        return timedelta(seconds=self.time_limit + LEASE_MARGIN)


KINDS: dict[str, Kind] = {}


def job(name: str, *, transactional: bool = True, at_most: int | None = None, time_limit: int = TIME_LIMIT) -> Callable[[Work], Work]:
    """Register the function as the work of this kind of job; it takes the job's subject.

    ``transactional`` work runs in one transaction with the state "done": its effects in the database happen exactly
    once. Other work, with effects outside, happens at least once and must itself be safe to repeat. ``at_most`` limits
    how many jobs of the kind run at the same time. ``time_limit`` is in seconds.
    """

    def register(work: Work) -> Work:
        known = KINDS.get(name)
        if known and (known.work.__module__, known.work.__qualname__) != (work.__module__, work.__qualname__):
            raise KindTaken(f"{name} is the work of {known.work.__module__}.{known.work.__qualname__}")
        KINDS[name] = Kind(name, work, transactional, at_most, time_limit)
        return work

    return register


def find(name: str) -> Kind:
    """Return the kind, or raise UnknownKind; a process that has not yet imported the apps' tasks does so now."""
    if name not in KINDS:
        autodiscover_modules("tasks")
    try:
        return KINDS[name]
    except KeyError:
        raise UnknownKind(f"no code for jobs of the kind {name}") from None
