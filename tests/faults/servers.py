"""A PostgreSQL of a test's own, which it may crash: as the machine's power cut does, without a word to anybody."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

from compliance_portal import private_postgresql, processes

ALIASES = ("default", "ledger")


class Server:
    """The running server by its data folder."""

    def __init__(self, folder: Path, sockets: Path) -> None:
        self.folder, self.log, self.crashes = folder, sockets / "postgresql.log", 0
        self.process: subprocess.Popen[bytes] | None = None  # of the last start; the first one is its starter's
        self.command = [part.decode() for part in Path(f"/proc/{self.number}/cmdline").read_bytes().split(b"\0") if part]

    @property
    def number(self) -> int:
        return int((self.folder / "postmaster.pid").read_text().split()[0])

    def crash(self) -> None:
        """End the server and its sessions at once; what was not in the write-ahead log is lost."""
        os.kill(self.number, signal.SIGQUIT)

    def start_again(self) -> None:
        """Wait for the end of a crash, if there was one, and start the server; it recovers from its log."""
        connections.close_all()
        number = self.number if (self.folder / "postmaster.pid").exists() else 0
        for _patience in range(100):
            with contextlib.suppress(ChildProcessError):
                ended, _status = os.waitpid(number, os.WNOHANG) if number else (0, 0)
                if not ended and self.answers():
                    return  # the border was never reached
            if not Path(f"/proc/{number}").exists():
                break
            time.sleep(0.05)
        self.crashes += 1
        if self.process is not None:
            self.process.wait()
        self.process = processes.launch(self.command, self.log)
        processes.wait_until(self.answers, self.process, "PostgreSQL", self.log)

    def answers(self) -> bool:
        return private_postgresql.answers(self.log.parent)


@contextlib.contextmanager
def own_server() -> Iterator[Server]:
    """Start a server, make both databases on it, and point this process at them."""
    before = {alias: dict(connections[alias].settings_dict) for alias in ALIASES}
    with contextlib.ExitStack() as stack:
        sockets = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="portal-", ignore_cleanup_errors=True)))
        processes.give_to_server_user(sockets)
        addresses = stack.enter_context(private_postgresql.postgresql(sockets / "data", sockets, as_owner=True))
        stack.callback(point_at, before)
        names = {"default": private_postgresql.DATABASE, "ledger": private_postgresql.LEDGER}
        for alias in ALIASES:
            connections[alias].close()
            mine = connections[alias].settings_dict
            mine.update(NAME=names[alias], OPTIONS={**mine["OPTIONS"], "host": str(sockets)}, USER=private_postgresql.OWNER)
        assert str(sockets) in addresses["DATABASE_URL"]
        for alias in ALIASES:
            call_command("migrate", database=alias, verbosity=0)
        assert connection.settings_dict["NAME"] == private_postgresql.DATABASE
        assert settings.DATABASE_VERIFIER_ROLE == private_postgresql.VERIFIER
        server = Server(sockets / "data", sockets)
        stack.callback(stop, server)
        yield server


def stop(server: Server) -> None:
    connections.close_all()
    if server.process is not None:
        processes.stop(server.process)


def point_at(before: dict[str, dict[str, object]]) -> None:
    for alias, mine in before.items():
        connections[alias].close()
        connections[alias].settings_dict.update(mine)
