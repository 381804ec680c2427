"""Bring a customer's own text and a newer template together, paragraph by paragraph; own words are never given up unasked.

Three texts meet: the template as it was taken over, the customer's text, and the template as it is now. Paragraphs are matched by
their lasting keys. What only the template changed is offered, what only the customer changed stays, and where both did, the
customer's words stay until somebody decides otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Self


class Wording(NamedTuple):
    """The words of one paragraph under its lasting key, as they are stored."""

    key: str
    heading: str
    text: str

    @classmethod
    def of(cls, content: Mapping[str, str]) -> Self:
        return cls(content["key"], content.get("heading", ""), content["text"])

    def as_content(self) -> dict[str, str]:
        return self._asdict()

    def is_same(self, other: Wording) -> bool:
        """Say whether both read the same; spaces and line breaks at the ends do not count."""
        return (self.heading.split(), self.text.split()) == (other.heading.split(), other.text.split())


class State(StrEnum):
    """Who changed a paragraph since the template was taken over."""

    UNCHANGED = "unchanged"
    TEMPLATE = "template"
    OWN = "own"
    BOTH = "both"


class Side(StrEnum):
    """Whose paragraph is to stand."""

    TEMPLATE = "template"
    OWN = "own"


@dataclass(frozen=True)
class Step:
    """One paragraph of the merge; ``own`` or ``new`` is None where that text has no such paragraph."""

    key: str
    state: State
    old: Wording | None
    own: Wording | None
    new: Wording | None

    @property
    def is_conflict(self) -> bool:
        return self.state == State.BOTH

    @property
    def usual_side(self) -> Side:
        """Whose paragraph stands unless somebody decides: the template's where it alone changed, else the customer's."""
        return Side.TEMPLATE if self.state == State.TEMPLATE else Side.OWN

    def taken(self, side: Side) -> Wording | None:
        return self.new if side == Side.TEMPLATE else self.own


def merge(*, old: Sequence[Wording], own: Sequence[Wording], new: Sequence[Wording]) -> list[Step]:
    """Return every paragraph of the customer's text and of the newer template, in the order of the merged text.

    Keys are unique within each text. A paragraph that is in neither of the two (both dropped it) is left out.
    """
    before, mine, now = ({paragraph.key: paragraph for paragraph in text} for text in (old, own, new))
    return [
        Step(key, state_of(before.get(key), mine.get(key), now.get(key)), before.get(key), mine.get(key), now.get(key))
        for key in order(own, new)
    ]


def state_of(old: Wording | None, own: Wording | None, new: Wording | None) -> State:
    if is_same(own, new):
        return State.UNCHANGED
    if is_same(old, new):
        return State.OWN
    return State.TEMPLATE if is_same(old, own) else State.BOTH


def is_same(one: Wording | None, other: Wording | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.is_same(other)


def order(own: Sequence[Wording], new: Sequence[Wording]) -> list[str]:
    """Return the keys in the customer's order; what only the template has follows the paragraph that it follows there."""
    keys = [paragraph.key for paragraph in own]
    previous: str | None = None
    for paragraph in new:
        if paragraph.key not in keys:
            keys.insert(keys.index(previous) + 1 if previous in keys else 0, paragraph.key)
        previous = paragraph.key
    return keys


def merged(steps: Sequence[Step], sides: Mapping[str, Side] | None = None) -> list[Wording]:
    """Return the text that the decisions make; without one for a paragraph its usual side stands."""
    chosen = sides or {}
    taken = (step.taken(chosen.get(step.key, step.usual_side)) for step in steps)
    return [paragraph for paragraph in taken if paragraph is not None]


def agreed(steps: Sequence[Step], sides: Mapping[str, Side] | None = None) -> list[Wording]:
    """Return the template to remember: the newer one, except where a conflict was left open, which stays one."""
    decided = sides or {}
    kept = (step.old if step.is_conflict and step.key not in decided else step.new for step in steps)
    return [paragraph for paragraph in kept if paragraph is not None]


def is_update(steps: Sequence[Step]) -> bool:
    """Say whether the template changed anything that the customer's text does not have yet."""
    return any(step.state in (State.TEMPLATE, State.BOTH) for step in steps)
