"""The process of a private server: as which user it runs, how it is started, awaited and stopped. Knows nothing of Django."""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

START_SECONDS = 30.0
PR_SET_PDEATHSIG = 1


class EmbeddedFailure(Exception):
    """A server could not be found or did not start; the message says what to do."""


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
