"""The difference between two versions: whole paragraphs first, then words inside the changed ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "added", "removed", "changed", "moved"]
Operation = Literal["same", "added", "removed"]
LIKENESS = 0.5  # below it two paragraphs count as one removed and one added


@dataclass(frozen=True)
class Run:
    """A stretch of words that stayed, came or went."""

    operation: Operation
    text: str


@dataclass(frozen=True)
class Block:
    """One paragraph of the comparison; ``old`` and ``new`` are empty where there is none."""

    kind: Kind
    old: str
    new: str
    runs: Sequence[Run] = field(default_factory=tuple)


def compare(old: Sequence[str], new: Sequence[str]) -> list[Block]:
    """Return the blocks in the new order, removed ones where they stood; equal text elsewhere is reported as moved."""
    blocks = list(walk(old, new))
    removed = {block.old for block in blocks if block.kind == "removed"}
    added = {block.new for block in blocks if block.kind == "added"}
    moved = removed & added
    return [as_moved(block, moved) for block in blocks if not (block.kind == "removed" and block.old in moved)]


def as_moved(block: Block, moved: set[str]) -> Block:
    return Block("moved", block.new, block.new, (Run("same", block.new),)) if block.kind == "added" and block.new in moved else block


def walk(old: Sequence[str], new: Sequence[str]) -> Iterator[Block]:
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (Block("same", text, text, (Run("same", text),)) for text in new[c:d])
        else:
            yield from pair(old[a:b], new[c:d])


def pair(old: Sequence[str], new: Sequence[str]) -> Iterator[Block]:
    """Match replaced paragraphs in order by likeness, so that one inserted paragraph does not mark the rest as changed."""
    rest = list(old)
    for text in new:
        match = next((position for position, candidate in enumerate(rest) if alike(candidate, text)), None)
        if match is None:
            yield Block("added", "", text, (Run("added", text),))
            continue
        yield from (Block("removed", gone, "", (Run("removed", gone),)) for gone in rest[:match])
        yield Block("changed", rest[match], text, tuple(word_runs(rest[match], text)))
        rest = rest[match + 1 :]
    yield from (Block("removed", gone, "", (Run("removed", gone),)) for gone in rest)


def alike(old: str, new: str) -> bool:
    return SequenceMatcher(None, words(old), words(new), autojunk=False).ratio() >= LIKENESS


def words(text: str) -> list[str]:
    return re.findall(r"\s+|\w+|[^\w\s]", text)


def word_runs(old: str, new: str) -> Iterator[Run]:
    """Yield the runs of a changed paragraph; together the kept and added ones spell the new text, kept and removed the old."""
    before, after = words(old), words(new)
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Run("same", "".join(after[c:d]))
            continue
        if a < b:
            yield Run("removed", "".join(before[a:b]))
        if c < d:
            yield Run("added", "".join(after[c:d]))


def count_changes(blocks: Sequence[Block]) -> int:
    """Return how many paragraphs differ."""
    return sum(block.kind != "same" for block in blocks)
