"""Registers compared entry by entry: what was added, changed, removed or only moved, and word by word inside."""

from __future__ import annotations

import random

import pytest

from publishing.comparison import Entry, Part, compare_entries, count_kinds, moved_keys


def entry(key: str, *paragraphs: str) -> Entry:
    return Entry(key, f"Title {key}", paragraphs)


def kinds(parts: list[Part]) -> list[tuple[str, str]]:
    return [(part.key, part.kind) for part in parts]


def test_an_added_a_removed_and_a_changed_entry_are_told_apart() -> None:
    parts = compare_entries([entry("a", "One."), entry("b", "Two.")], [entry("a", "One more."), entry("c", "Three.")])
    assert kinds(parts) == [("a", "changed"), ("b", "removed"), ("c", "added")]
    assert count_kinds(parts) == {"added": 1, "changed": 1, "removed": 1, "moved": 0}


def test_the_words_that_came_are_marked_inside_the_changed_paragraph() -> None:
    (part,) = compare_entries([entry("a", "Doors are locked.")], [entry("a", "Doors are always locked.")])
    (block,) = [block for block in part.blocks if block.kind == "changed"]
    assert [(run.operation, run.text) for run in block.runs] == [("same", "Doors are "), ("added", "always "), ("same", "locked.")]


def test_an_entry_that_only_moved_is_no_removal_and_no_addition() -> None:
    old, new = [entry(key) for key in "abcd"], [entry(key) for key in "dabc"]
    assert kinds(compare_entries(old, new)) == [("d", "moved"), ("a", "same"), ("b", "same"), ("c", "same")]


def test_an_entry_that_moved_and_changed_says_both() -> None:
    parts = compare_entries([entry("a"), entry("b"), entry("c", "Old.")], [entry("c", "New."), entry("a"), entry("b")])
    assert (parts[0].kind, parts[0].has_moved) == ("changed", True)


def test_a_removed_entry_stands_where_it_stood() -> None:
    parts = compare_entries([entry(key) for key in "abc"], [entry("a"), entry("c")])
    assert kinds(parts) == [("a", "same"), ("b", "removed"), ("c", "same")]
    assert kinds(compare_entries([entry("x"), entry("a")], [entry("a")])) == [("x", "removed"), ("a", "same")]


def test_several_removed_entries_keep_their_order() -> None:
    parts = compare_entries([entry(key) for key in "abcd"], [entry("a"), entry("d")])
    assert [part.key for part in parts] == ["a", "b", "c", "d"]


@pytest.mark.parametrize("seed", range(20))
def test_no_fewer_entries_could_have_moved(seed: int) -> None:
    chance = random.Random(seed)
    old = list("abcdefg")
    new = chance.sample(old, len(old))
    rest = [key for key in new if key not in moved_keys(old, new)]
    assert rest == sorted(rest)
    longest = max(len(chain) for chain in increasing_chains(new))
    assert len(rest) == longest


def increasing_chains(keys: list[str]) -> list[list[str]]:
    chains: list[list[str]] = [[]]
    for key in keys:
        chains += [[*chain, key] for chain in chains if not chain or chain[-1] < key]
    return chains
