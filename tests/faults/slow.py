"""For workers of the tests of faults: erasures in small parts with a moment after each, so that one can be killed in the middle."""

from __future__ import annotations

import time
from typing import Any

from deletion import stepping

SECONDS = 0.05
stepping.SMALLEST = stepping.LARGEST = 100
chunk = stepping.chunk


def slow(*arguments: Any, **named: Any) -> None:
    chunk(*arguments, **named)
    time.sleep(SECONDS)


stepping.chunk = slow
