"""One document, one process: start the renderer behind walls, wait no longer than allowed, take the PDF or say why not."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from pdf.composition import compose
from pdf.confinement import Limits
from pdf.failures import RenderFailed, WorkerExit, reason_for
from pdf.figures import Figure
from pdf.fonts import ASSETS
from pdf.request import Request

PROJECT = Path(__file__).parent.parent
STYLESHEETS = frozenset(sheet.stem for sheet in ASSETS.glob("*.css"))
# Archive forms that carry tags, so that one file can bear both marks (PDF/A-2 would drop the attached data).
VARIANTS = frozenset({"pdf/a-3a", "pdf/a-2a", "pdf/ua-1"})
# Where the system's libraries lie; secrets, proxies and settings stay with the parent.
INHERITED = ("LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH")


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file inside the PDF; `relationship` is the AFRelationship of ISO 32000-2, 7.11.3."""

    name: str
    content: bytes
    description: str
    relationship: str = "Source"


@dataclass(frozen=True)
class Rendered:
    """A finished PDF, its SHA-256 in hexadecimal and its number of pages."""

    content: bytes
    sha256: str
    pages: int


def render(
    *,
    html: str,
    title: str,
    author: str,
    language: str,
    created_at: datetime,
    stylesheet: str = "print",
    figures: Mapping[str, Figure] | None = None,
    attachments: Sequence[Attachment] = (),
    variant: str = "pdf/a-3a",
    limits: Limits | None = None,
) -> Rendered:
    """Return the tagged, archivable PDF of an HTML body; equal arguments give equal bytes.

    The body is cleaned first. Each `<div data-figure="name"></div>` gives place to the figure of that name.
    Raises RenderFailed with a sentence that quotes nothing of the document, DocumentRefused when another try is futile.
    """
    request = request_for(
        html=html,
        stylesheet=stylesheet,
        title=title,
        author=author,
        language=language,
        created_at=created_at,
        figures=figures or {},
        attachments=attachments,
        variant=variant,
    )
    return draw_apart(request, limits or Limits())


def request_for(
    *,
    html: str,
    stylesheet: str,
    title: str,
    author: str,
    language: str,
    created_at: datetime,
    figures: Mapping[str, Figure],
    attachments: Sequence[Attachment],
    variant: str,
) -> Request:
    """Return what the worker is asked: the cleaned document with all that decides its bytes."""
    if stylesheet not in STYLESHEETS or variant not in VARIANTS or created_at.tzinfo is None:
        raise ValueError("Stylesheet and variant must be known, and created_at must have a time zone.")
    return Request(
        html=compose(body=html, figures=figures, title=title, author=author, language=language, created_at=created_at),
        stylesheet=stylesheet,
        variant=variant,
        created_at=created_at.astimezone(UTC).isoformat(timespec="seconds"),
        attachments=[_transportable(attachment) for attachment in attachments],
    )


def draw_apart(request: Request, limits: Limits) -> Rendered:
    """Draw the request in a process of its own and return its PDF, or raise RenderFailed in time."""
    with tempfile.TemporaryFile() as question, tempfile.TemporaryFile() as reply:
        question.write(json.dumps(asdict(request)).encode())
        question.seek(0)
        status = _run(question, reply, limits)
        if status != WorkerExit.DRAWN:
            raise RenderFailed(reason_for(status, limits))
        reply.seek(0)
        pages = int(reply.readline())
        content = reply.read()
    return Rendered(content, hashlib.sha256(content).hexdigest(), pages)


def _run(question: IO[bytes], reply: IO[bytes], limits: Limits) -> int:
    """Run the worker on files, not pipes: the kernel caps what it writes, and no full pipe can stall it."""
    with tempfile.TemporaryDirectory(prefix="pdf-") as scratch:
        process = subprocess.Popen(
            [sys.executable, "-m", "pdf.worker", *map(str, (limits.cpu_seconds, limits.memory_bytes, limits.output_bytes))],
            stdin=question,
            stdout=reply,
            stderr=subprocess.DEVNULL,
            cwd=PROJECT,
            env=worker_environment(scratch),
            start_new_session=True,
        )
        try:
            return process.wait(limits.wall_seconds)
        except subprocess.TimeoutExpired:
            raise RenderFailed(f"The document took longer than {limits.wall_seconds:g} s.") from None
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the worker with all it may have started, whatever made us stop waiting."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def worker_environment(scratch: str) -> dict[str, str]:
    """Return all that the worker inherits: where libraries lie, and nothing that belongs to the portal."""
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return inherited | {
        "FONTCONFIG_FILE": str(ASSETS / "fontconfig.xml"),
        "HOME": scratch,
        "LC_ALL": "C.UTF-8",
        # An empty folder: Python would otherwise look for shared libraries by running the compiler.
        "PATH": scratch,
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": scratch,
        "TZ": "UTC",
    }


def _transportable(attachment: Attachment) -> dict[str, str]:
    return asdict(attachment) | {"content": base64.b64encode(attachment.content).decode("ascii")}
