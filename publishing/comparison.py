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


# --- registers: entries with lasting keys ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """One entry of a register in one language: the key under which it lasts, its name, and what is said of it."""

    key: str
    title: str
    paragraphs: Sequence[str]


@dataclass(frozen=True)
class Part:
    """What became of one entry; a changed one may have moved as well."""

    kind: Kind
    key: str
    title: str
    blocks: Sequence[Block]
    has_moved: bool = False


def compare_entries(old: Sequence[Entry], new: Sequence[Entry]) -> list[Part]:
    """Return the parts in the new order, removed ones behind the entry that they followed; entries are matched by their keys."""
    before = {entry.key: entry for entry in old}
    moved = moved_keys([entry.key for entry in old], [entry.key for entry in new])
    parts = [part_of(before.get(entry.key), entry, has_moved=entry.key in moved) for entry in new]
    kept = {entry.key for entry in new}
    for position, entry in enumerate(old):
        if entry.key not in kept:
            lines = lines_of(entry)
            gone = Part("removed", entry.key, entry.title, [Block("removed", line, "", (Run("removed", line),)) for line in lines])
            parts.insert(place_behind(parts, [each.key for each in old[:position]]), gone)
    return parts


def part_of(old: Entry | None, new: Entry, *, has_moved: bool) -> Part:
    if old is None:
        return Part("added", new.key, new.title, [Block("added", "", line, (Run("added", line),)) for line in lines_of(new)])
    blocks = compare(lines_of(old), lines_of(new))
    kind: Kind = "changed" if count_changes(blocks) else "moved" if has_moved else "same"
    return Part(kind, new.key, new.title, blocks, has_moved)


def lines_of(entry: Entry) -> list[str]:
    return [entry.title, *(line for line in entry.paragraphs if line)]


def place_behind(parts: Sequence[Part], earlier: Sequence[str]) -> int:
    """Return the place behind the last of the parts that once stood before; the beginning where none of them is left."""
    places = {part.key: place for place, part in enumerate(parts)}
    return next((places[key] + 1 for key in reversed(earlier) if key in places), 0)


def moved_keys(old: Sequence[str], new: Sequence[str]) -> set[str]:
    """Return the keys that no longer stand in their order: the fewest whose removal leaves both orders alike."""
    place = {key: position for position, key in enumerate(old)}
    common = [key for key in new if key in place]
    chains: list[list[str]] = []  # by length: the chain of that length whose end stands earliest in the old order
    for key in common:
        length = next((index for index, chain in enumerate(chains) if place[chain[-1]] > place[key]), len(chains))
        chains[length : length + 1] = [[*(chains[length - 1] if length else []), key]]
    return set(common) - set(chains[-1] if chains else [])


def count_kinds(parts: Sequence[Part]) -> dict[str, int]:
    """Return how many entries were added, changed, removed and moved; one that changed and moved counts as changed."""
    return {kind: sum(part.kind == kind for part in parts) for kind in ("added", "changed", "removed", "moved")}
