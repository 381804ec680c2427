"""The walls around the renderer: limits on what it may use, and nothing it could reach.

The worker calls confine() before it reads a byte of the document. What a platform does not offer (namespaces in a
container, another user under a private home directory) is left out; limits and the fetcher hold everywhere.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import resource
import signal
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38
OPEN_FILES = 256
READABLE_TO_OTHERS = 0o005


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one document may cost: seconds and bytes."""

    cpu_seconds: int = 20
    wall_seconds: float = 25
    memory_bytes: int = 1024**3
    output_bytes: int = 20 * 1024**2


def confine(*, cpu_seconds: int, memory_bytes: int, output_bytes: int, scratch: Path) -> bool:
    """Limit this process for good and return whether it has lost its network."""
    without_network = _leave_network()
    _become_nobody(scratch)
    _limit_resources(cpu_seconds, memory_bytes, output_bytes)
    _give_up_privileges()
    return without_network


def _limit_resources(cpu_seconds: int, memory_bytes: int, output_bytes: int) -> None:
    # One second between the two processor limits: the first signal names the cause, the second cannot be caught.
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (output_bytes, output_bytes))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    # A core dump would be a copy of the contract on the disk.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _leave_network() -> bool:
    """Move into an empty network namespace, through a user namespace where that needs no privilege."""
    if not sys.platform.startswith("linux"):
        return False
    uid, gid = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) == 0:
        return True
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
        return False
    # Without a map the process would see itself as the overflow user and could not own its scratch files.
    with contextlib.suppress(OSError):
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1", encoding="ascii")
    return True


def _become_nobody(scratch: Path) -> None:
    """Exchange root for the user nobody, unless the programme's own files would then be out of reach."""
    if os.getuid() != 0 or not _programme_is_readable_to_others():
        return
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return
    os.chown(scratch, nobody.pw_uid, nobody.pw_gid)
    os.setgroups([])
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)


def _programme_is_readable_to_others() -> bool:
    roots = {Path(__file__).parent, Path(sys.prefix), Path(sys.base_prefix), Path(sysconfig.get_path("stdlib"))}
    directories = {directory for root in roots for directory in (root.resolve(), *root.resolve().parents)}
    return all(directory.stat().st_mode & READABLE_TO_OTHERS == READABLE_TO_OTHERS for directory in directories)


def _give_up_privileges() -> None:
    """Die with the parent and never gain rights again; after the change of user, which resets both."""
    if sys.platform.startswith("linux"):
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
