"""How far a deletion is, in numbers that were counted once: a look at the page counts nothing."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from deletion import attempts
from deletion.certifying import label_of
from deletion.models import ErasureRequest, ErasureStep

State = ErasureStep.State
ENOUGH_PERCENT = 5
SHORTEST_WATCH, LONGEST_WATCH = datetime.timedelta(seconds=10), datetime.timedelta(hours=6)


@dataclass(frozen=True)
class Line:
    """One kind of data on the page."""

    label: str
    state: str
    tone: str
    deleted: int
    total: int | None
    waits: str = ""


@dataclass(frozen=True)
class Progress:
    """The whole request: percent stays below 100 until everything was verified; ``ends_at`` is a guess, None where there is no ground."""

    lines: list[Line]
    done: int
    percent: int
    deleted: int
    mark: str
    ends_at: datetime.datetime | None

    @property
    def total(self) -> int:
        return len(self.lines)


TONES = {State.VERIFIED: "ok", State.FAILED: "bad", State.HELD: "warn", State.RUNNING: "info", State.SWEPT: "info"}


def progress_of(request: ErasureRequest) -> Progress:
    """Return the numbers of the page with one query; kinds without data and without trouble are left out."""
    steps = list(request.steps.all())
    deleted = sum(step.deleted for step in steps)
    expected = sum(max(step.estimated or 0, step.deleted) for step in steps)
    done = sum(step.state == State.VERIFIED for step in steps)
    percent = 99 * deleted // expected if expected else 0
    if request.state in (ErasureRequest.State.WAITING, ErasureRequest.State.COMPLETED):
        percent = 100
    mark = f"{request.state}-{done}-{deleted}-{request.is_held:d}-{sum(step.attempts for step in steps)}"
    shown = [step for step in steps if step.estimated or step.deleted or step.attempts or step.state in (State.FAILED, State.HELD)]
    finished = sum(step.state == State.VERIFIED for step in shown)
    ends_at = end_of(request, steps, expected - deleted, timezone.now()) if percent >= ENOUGH_PERCENT else None
    return Progress([line_of(step) for step in shown], finished, percent, deleted, mark, ends_at)


def end_of(request: ErasureRequest, steps: list[ErasureStep], left: int, at: datetime.datetime) -> datetime.datetime | None:
    """Guess from what the running steps have deleted since their start when the rest is gone.

    None for less than a minute, and where the pace says nothing: while it stands still, after a try that failed, and when a step has run for so
    long that a pause is more likely than work.
    """
    running = [step for step in steps if step.state == State.RUNNING and step.started_at and step.deleted]
    if request.state != ErasureRequest.State.ERASING or request.paused_at or not running or any(step.next_attempt_at for step in running):
        return None
    began = min(step.started_at for step in running if step.started_at)
    if not SHORTEST_WATCH <= at - began <= LONGEST_WATCH:
        return None
    ends_at = at + (at - began) * (left / sum(step.deleted for step in running))
    return ends_at if ends_at - at >= datetime.timedelta(minutes=1) else None


def line_of(step: ErasureStep) -> Line:
    label = label_of({"dataset": step.dataset, "store": step.store})
    return Line(gettext(label), step.get_state_display(), TONES.get(State(step.state), ""), step.deleted, step.estimated, waits_for(step))


def waits_for(step: ErasureStep) -> str:
    """Return how often a step was tried and when it is tried next; nothing for a step that did not fail, or has given up."""
    if not step.attempts or step.next_attempt_at is None or step.state in (State.VERIFIED, State.FAILED, State.HELD):
        return ""
    at = timezone.localtime(step.next_attempt_at)
    return gettext("Attempt %(number)d of %(most)d failed, the next one at %(time)s") % {
        "number": step.attempts,
        "most": attempts.MOST_ATTEMPTS,
        "time": date_format(at, "TIME_FORMAT" if at.date() == timezone.localdate() else "SHORT_DATETIME_FORMAT"),
    }
