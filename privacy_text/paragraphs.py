"""The parts of a text: paragraphs under lasting keys, made of blocks, made of words that know where they come from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from publishing.placeholders import as_text

BULLET = "• "


@dataclass(frozen=True)
class Run:
    """A stretch of a text: the template's own words (``state`` empty), a ``filled`` value, or an ``open`` place."""

    text: str
    state: Literal["", "filled", "open"] = ""


@dataclass(frozen=True)
class Block:
    """One paragraph on paper: a text of one line, or a list with a line for each entry."""

    is_list: bool
    lines: tuple[tuple[Run, ...], ...]

    @property
    def texts(self) -> list[str]:
        return [spelled(line) for line in self.lines]


@dataclass(frozen=True)
class Paragraph:
    """One part of a text under its lasting key; ``facts`` are the facts of the checklist (``privacy_text.facts``) that it carries."""

    key: str
    heading: str
    blocks: tuple[Block, ...]
    facts: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The words: blocks apart by an empty line, entries of a list each on a line that begins with a bullet."""
        return "\n\n".join("\n".join(f"{BULLET * block.is_list}{line}" for line in block.texts) for block in self.blocks)

    @classmethod
    def of_text(cls, *, key: str, heading: str, text: str, facts: tuple[str, ...] = ()) -> Paragraph:
        """Return the paragraph of words that somebody wrote, in the form of ``text``."""
        return cls(key, heading, tuple(written_blocks(text)), facts)


def written_blocks(text: str) -> Iterator[Block]:
    for block in raw_blocks(as_text(text.replace("\r\n", "\n"))):
        is_list = all(line.startswith(BULLET) for line in block)
        lines = [line.removeprefix(BULLET) for line in block] if is_list else [" ".join(block)]
        yield Block(is_list, tuple((Run(line),) for line in lines))


def raw_blocks(text: str) -> Iterator[list[str]]:
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = [line.strip() for line in block.split("\n") if line.strip()]
        if lines:
            yield lines


def spelled(runs: Iterable[Run]) -> str:
    """Return the words of the runs; an open place stands in square brackets."""
    return "".join(f"[{run.text}]" if run.state == "open" else run.text for run in runs)
