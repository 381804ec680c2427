"""A process that tells everybody of one announcement, in small chunks, slowly enough to be killed in the middle."""

from __future__ import annotations

import sys
import time

import pytest  # noqa: F401  # the settings allow plain HTTP to tests alone


def main(announcement: int) -> None:
    import django

    django.setup()
    from django.utils import timezone

    from notifications import fanning
    from subprocessors import telling

    fanning.CHUNK = 500
    deliver = fanning.deliver

    def slowly(*arguments: object) -> int:
        count = deliver(*arguments)  # type: ignore[arg-type]
        time.sleep(0.1)  # the transaction is still open: a kill here leaves half a chunk behind, or nothing
        return count

    fanning.deliver = slowly  # type: ignore[assignment]
    telling.tell(announcement, timezone.now())


main(int(sys.argv[1]))
