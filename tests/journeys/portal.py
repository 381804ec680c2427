"""A whole portal for the tests: web server, worker and clock as the demo starts them, on a database of its own."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from django.conf import settings

from compliance_portal import demo
from tests.own_database import address_of

PATIENCE = 30  # seconds
CACHES_OF_TESTS = 8  # each worker of the tests has a cache of its own; the portal that it starts has one further on


@dataclass(frozen=True)
class Portal:
    """Where it answers, and where its mails arrive."""

    address: str
    mails: Path

    def link_mailed_to(self, address: str, containing: str) -> str:
        """Return the first link with these words that was mailed to the address, as soon as it has arrived."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for link in self.links_mailed_to(address):
                if containing in link:
                    return link
            time.sleep(0.1)
        raise AssertionError(f"no mail with a link to {containing} arrived for {address}")

    def links_mailed_to(self, address: str) -> Iterator[str]:
        for path in self.mails.glob("*.log"):
            for part in path.read_bytes().split(b"-" * 79 + b"\n"):
                mail = message_from_bytes(part, policy=policy.default)
                body = mail.get_body(preferencelist=("plain",)) if mail["To"] and address in mail["To"] else None
                if body is not None:
                    yield from re.findall(r"https?://\S+", body.get_content())


@contextlib.contextmanager
def running(database: str, ledger: str, folder: Path) -> Iterator[Portal]:
    """Load the sample, serve the portal as the role that owns no table, and stop it afterwards."""
    port = free_port()
    environment = environment_of(database, ledger, folder, port)
    prepare(environment, as_owner={"DATABASE_URL": address_of(database), "ERASURE_LEDGER_URL": address_of(ledger)})
    processes = demo.start(environment, port)
    try:
        assert demo.answers(port, processes), "the portal did not start"
        yield Portal(address=f"http://localhost:{port}", mails=folder / "mail")
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=30)


def environment_of(database: str, ledger: str, folder: Path, port: int) -> dict[str, str]:
    cache = int(os.environ["REDIS_URL"].rpartition("=")[2]) + CACHES_OF_TESTS
    demo_environment = demo.demo_environment(folder, port)
    return demo_environment | {
        "DATABASE_URL": address_of(database, role=settings.DATABASE_APP_ROLE),
        "ERASURE_LEDGER_URL": address_of(ledger, role=settings.DATABASE_APP_ROLE),
        "REDIS_URL": f"{os.environ['REDIS_URL_OF_THE_RUN'].rpartition('=')[0]}={cache}",
        "SECRET_KEY": settings.SECRET_KEY,  # a session that the test opens is one of the portal's
        "ERASURE_LAST_CHECK_HOURS": "24",
        "LOG_LEVEL": "ERROR",
    }


def prepare(environment: dict[str, str], *, as_owner: dict[str, str]) -> None:
    """Give the portal's role its rights, then collect the files and load the sample at the same time."""
    finish(manage(environment | as_owner, "secure_database"))
    for step in [manage(environment, "collectstatic", "--noinput", "--verbosity", "0"), manage(environment, "load_sample")]:
        finish(step)


def finish(step: subprocess.Popen[Any]) -> None:
    _output, errors = step.communicate(timeout=120)
    assert step.returncode == 0, errors.decode()


def manage(environment: dict[str, str], *arguments: str) -> subprocess.Popen[Any]:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
