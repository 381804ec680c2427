"""Bring up the demo: migrate, load the sample, then web and worker until an interrupt.

Started by ``make demo`` on the private servers of ``compliance_portal.embedded``.
"""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from compliance_portal.processes import end_with_parent
from compliance_portal.sample_people import LOGINS, PASSWORD

MARKER = ".compliance-portal-demo"
START_SECONDS = 60


def main(arguments: list[str] | None = None) -> int:
    """Run the demo and return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m compliance_portal.demo")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args(arguments)
    folder = options.data.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).touch()
    environment = demo_environment(folder, options.port)
    prepare(environment)
    return serve(environment, options.port)


def demo_environment(folder: Path, port: int) -> dict[str, str]:
    """Return the environment of all processes; the secret key is made once and kept with the data."""
    key = folder / "secret-key"
    if not key.exists():
        key.write_text(secrets.token_urlsafe(64))
        key.chmod(0o600)
    return os.environ | {
        "SECRET_KEY": key.read_text(),
        "PORTAL_DEMO": "1",
        "PORTAL_ORIGIN": f"http://localhost:{port}",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "DOCUMENTS_DIR": str(folder / "documents"),
        "STATIC_ROOT": str(folder / "static"),
        "ERASURE_LAST_CHECK_HOURS": "0",  # a deletion is watched to its certificate, not to the next day
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
    }


def manage(environment: dict[str, str], *arguments: str, as_owner: bool = False) -> None:
    """Run one management command; migrations run as the owner of the schema, everything else as the portal's role."""
    if as_owner and "DATABASE_OWNER_URL" in environment:
        environment = environment | {
            "DATABASE_URL": environment["DATABASE_OWNER_URL"],
            "ERASURE_LEDGER_URL": environment["ERASURE_LEDGER_OWNER_URL"],
        }
    subprocess.run([sys.executable, "manage.py", *arguments], env=environment, check=True)


def prepare(environment: dict[str, str]) -> None:
    print("Preparing the database …", flush=True)
    manage(environment, "migrate", "--verbosity", "0", as_owner=True)
    manage(environment, "migrate", "--database", "ledger", "--verbosity", "0", as_owner=True)
    manage(environment, "secure_database", as_owner=True)
    print("Collecting static files …", flush=True)
    manage(environment, "collectstatic", "--noinput", "--verbosity", "0")
    print("Loading the sample …", flush=True)
    manage(environment, "load_sample", "--with-desk")


def serve(environment: dict[str, str], port: int) -> int:
    """Run web and worker, print where to go, and stop both on an interrupt or when one of them ends."""
    processes = start(environment, port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        if not answers(port, processes):
            print(f"The portal did not start. Is port {port} in use? Choose another: make demo PORT=8001", file=sys.stderr)
            return 1
        announce(port)
        while all(process.poll() is None for process in processes):
            time.sleep(0.5)
        print("A process of the demo ended; stopping the rest.", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, SystemExit):
        print("\nStopping.")
        return 0
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=30)


def start(environment: dict[str, str], port: int) -> list[subprocess.Popen[bytes]]:
    """Start web server and worker with clock."""
    binaries = Path(sys.executable).parent
    web = [str(binaries / "gunicorn"), "compliance_portal.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2", "--log-level", "warning"]
    schedule = Path(environment["DOCUMENTS_DIR"]).parent / "beat"
    worker = [str(binaries / "celery"), "--quiet", "-A", "compliance_portal", "worker", "-B", "-s", str(schedule), "--concurrency", "2"]
    worker += ["--queues", "clock,celery,retries", "--loglevel", "WARNING", "--without-gossip", "--without-mingle"]
    # The demo's worker reads JSON alone, so that root may run it without the warning about it.
    environment = environment | {"C_FORCE_ROOT": "1", "PYTHONWARNINGS": "ignore:You're running the worker with superuser"}
    # Sessions of their own: the terminal's interrupt is for this process, which ends the two in order.
    return [subprocess.Popen(command, env=environment, start_new_session=True, preexec_fn=end_with_parent) for command in (web, worker)]


def answers(port: int, processes: list[subprocess.Popen[bytes]]) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and all(process.poll() is None for process in processes):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=2).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return True
    return False


def announce(port: int) -> None:
    """Print the address, the sample logins and where mails and second-factor codes are read."""
    width = max(len(login.email) for login in LOGINS)
    print(f"\nThe portal runs at http://localhost:{port}/de/  (English: /en/)\n")
    print(f"Sample logins, all with the password {PASSWORD!r}:")
    for login in LOGINS:
        print(f"  {login.email:<{width}}  {login.purpose}")
    print(f"\nStaff sign in with a second factor; its codes stand at http://localhost:{port}/demo/codes/")
    print(f"Mails of the demo are read at http://localhost:{port}/demo/mail/")
    print("Stop with Ctrl+C. The data stays; 'make demo-reset' empties it.\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
