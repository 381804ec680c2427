"""Goals and how they are written down; medians of interleaved rounds, and instructions where time is too noisy."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent
INSTRUCTIONS = re.compile(r"I\s+refs:\s+([\d,]+)")


@dataclass(frozen=True)
class Goal:
    """One line of the table: a ratio (or, where the unit says so, a figure) and the bound that it has to keep."""

    name: str
    ratio: float
    goal: float
    at_least: bool
    unit: str = "x"

    @property
    def met(self) -> bool:
        return self.ratio >= self.goal if self.at_least else self.ratio <= self.goal

    def as_row(self) -> dict[str, object]:
        bound = f"{'>=' if self.at_least else '<='} {self.goal:g} {self.unit}"
        return {"name": self.name, "ratio": round(self.ratio, 4), "goal": bound, "met": self.met}


def at_least(name: str, ratio: float, goal: float, unit: str = "x") -> Goal:
    return Goal(name, ratio, goal, True, unit)


def at_most(name: str, ratio: float, goal: float, unit: str = "x") -> Goal:
    return Goal(name, ratio, goal, False, unit)


def interleaved(rounds: int, variants: Mapping[str, Callable[[], float]]) -> dict[str, float]:
    """Measure every variant once per round, in turn, and return each one's median."""
    figures: dict[str, list[float]] = {name: [] for name in variants}
    for _round in range(rounds):
        for name, measure in variants.items():
            figures[name].append(measure())
    return {name: statistics.median(values) for name, values in figures.items()}


def instructions(runs: Mapping[str, Sequence[str]], environment: Mapping[str, str]) -> dict[str, int]:
    """Return the user instructions of each run, a module of this folder with its arguments, two at a time under cachegrind.

    Counts repeat to a few parts in a thousand, whatever else the machine does. Raises RuntimeError with the words of a run that failed.
    """
    with ThreadPoolExecutor(max_workers=2) as pool:
        return dict(zip(runs, pool.map(lambda run: count(run, environment), runs.values()), strict=True))


def count(run: Sequence[str], environment: Mapping[str, str]) -> int:
    command = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", sys.executable, "-m", *run]
    settled = {**os.environ, **environment, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    ended = subprocess.run(command, env=settled, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    found = INSTRUCTIONS.search(ended.stderr)
    if ended.returncode or found is None:
        raise RuntimeError(ended.stderr[-2000:])
    return int(found.group(1).replace(",", ""))


def address_of(database: str) -> str:
    """Return the DATABASE_URL of a child that works on this database of the run's server."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit((parts.scheme, parts.netloc, f"/{database}", parts.query, ""))
