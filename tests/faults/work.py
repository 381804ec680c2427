"""Work for the tests of faults: slow enough to be killed in the middle, with an effect that can be counted."""

from __future__ import annotations

import os
import time
from pathlib import Path

from django.db import connection

from jobs.registry import job

KIND = "faults.count"
SECONDS = 0.05


@job(KIND, time_limit=6)
def count(subject: str) -> None:
    """Write one row, say in a file that it was begun, and take a moment before the transaction ends."""
    with Path(os.environ["FAULTS_LOG"]).open("a") as log:
        log.write(f"{subject}\n")
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO faults_effect (subject) VALUES (%s)", [subject])
    time.sleep(SECONDS)
