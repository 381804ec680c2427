"""What a document may cost, and what its renderer cannot reach: every bomb ends in a sentence, and the portal goes on."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

import pdf
from pdf import failures, rendering
from pdf.rendering import draw_apart
from pdf.request import Request
from tests.pdf.agreements import MOMENT

SMALL = pdf.Limits(cpu_seconds=3, wall_seconds=15)


def request(body: str, **changes: Any) -> Request:
    head = '<!DOCTYPE html><html lang="de"><title>t</title>'
    return Request(
        **(
            {"html": head + body, "stylesheet": "print", "variant": "pdf/a-3a", "created_at": MOMENT.isoformat(), "attachments": []}
            | changes
        )
    )


def nested(opening: str, closing: str, depth: int) -> str:
    return opening * depth + "text" + closing * depth


BOMBS: dict[str, tuple[str, str]] = {
    "a cell over 100,000 columns": ("<table><tr><td colspan=100000>x</td></tr></table>", "processor time"),
    "nested flex boxes": (nested('<div style="display: flex">', "</div>", 16), "processor time"),
    "a table of 30,000 cells": ("<table>" + ("<tr>" + "<td>x</td>" * 10 + "</tr>") * 3000 + "</table>", "processor time"),
    "5,000 nested boxes": (nested("<div>", "</div>", 5000), "too deeply"),
    "a letter larger than the world": ('<p style="font-size: 1e9px">x</p>', "could not lay out|processor time|memory"),
}


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Note every process that a render starts, and check that none outlives it."""
    processes: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen[bytes]):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            processes.append(self)

    monkeypatch.setattr(rendering.subprocess, "Popen", Noted)
    yield processes
    for process in processes:
        assert process.returncode is not None
        deadline = time.monotonic() + 2
        while living(process.pid) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert living(process.pid) == []


def living(group: int) -> list[str]:
    """Return the states of a group's running processes; the dead whom nobody has buried yet do not count."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, of_group, *_ = status.read_text().rpartition(")")[2].split()
            found += [state] if of_group == str(group) and state not in "ZX" else []
    return found


@pytest.mark.parametrize(("bomb", "reason"), BOMBS.values(), ids=BOMBS)
def test_a_bomb_ends_in_time_with_a_reason(started: list[subprocess.Popen[bytes]], bomb: str, reason: str) -> None:
    begun = time.monotonic()
    with pytest.raises(pdf.RenderFailed, match=reason):
        draw_apart(request(bomb), SMALL)
    assert time.monotonic() - begun < SMALL.wall_seconds
    assert len(started) == 1


@pytest.mark.long
def test_a_bomb_ends_within_25_seconds_at_the_usual_limits(started: list[subprocess.Popen[bytes]]) -> None:
    begun = time.monotonic()
    with pytest.raises(pdf.RenderFailed, match=r"processor time|longer than 25 s"):
        draw_apart(request(nested('<div style="display: flex">', "</div>", 30)), pdf.Limits())
    assert time.monotonic() - begun < 26
    assert len(started) == 1


@pytest.mark.parametrize(
    ("limits", "content", "reason"),
    [
        (pdf.Limits(wall_seconds=0.2), b"", "longer than 0.2 s"),
        (pdf.Limits(memory_bytes=250 * 1024**2), b"x" * 60 * 1024**2, "memory"),
        (pdf.Limits(output_bytes=1024**2), os.urandom(2 * 1024**2), "larger than 1 MiB"),
    ],
    ids=["time", "memory", "size"],
)
def test_each_limit_has_its_own_reason(started: list[subprocess.Popen[bytes]], limits: pdf.Limits, content: bytes, reason: str) -> None:
    attachment = pdf.Attachment(name="a.bin", content=content, description="x")
    with pytest.raises(pdf.RenderFailed, match=reason):
        pdf.render(html="<p>x</p>", title="t", author="a", language="de", created_at=MOMENT, attachments=[attachment], limits=limits)
    assert len(started) == 1


def test_the_portal_renders_on_after_a_bomb() -> None:
    with pytest.raises(pdf.RenderFailed):
        draw_apart(request(BOMBS["nested flex boxes"][0]), pdf.Limits(cpu_seconds=1, wall_seconds=5))
    assert pdf.render(html="<p>x</p>", title="t", author="a", language="de", created_at=MOMENT).pages == 1


def test_an_interrupted_wait_leaves_no_renderer_behind(started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch) -> None:
    wait = subprocess.Popen.wait

    def interrupted(process: subprocess.Popen[bytes], timeout: float | None = None) -> int:
        if timeout is not None:
            raise KeyboardInterrupt
        return wait(process)

    monkeypatch.setattr(subprocess.Popen, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        draw_apart(request("<p>x</p>"), pdf.Limits())
    assert started[0].returncode == -signal.SIGKILL


def test_characters_without_a_glyph_are_refused_not_printed_as_boxes() -> None:
    assert pdf.undrawable_characters("Łódź ≥ Αθήνα → 株\u00ad\u202f式") == ["式", "株"]
    with pytest.raises(pdf.RenderFailed, match="no bundled font"):
        pdf.render(html="<p>株式会社</p>", title="t", author="a", language="de", created_at=MOMENT)


def test_a_reason_never_quotes_the_document() -> None:
    with pytest.raises(pdf.RenderFailed) as failed:
        draw_apart(request('<p style="font-size: 1e9px">Anneliese Brandt</p>'), SMALL)
    assert "Anneliese" not in failed.value.reason
    assert failed.value.__context__ is None


@pytest.mark.parametrize("status", [*failures.WorkerExit, -signal.SIGXCPU, -signal.SIGKILL, -signal.SIGSEGV, 1])
def test_every_way_to_stop_has_a_sentence(status: int) -> None:
    assert failures.reason_for(status, pdf.Limits()).endswith(".")


def test_the_renderer_inherits_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "DATABASE_URL", "HTTPS_PROXY", "PYTHONPATH", "LD_PRELOAD"):
        monkeypatch.setenv(name, "secret")
    environment = rendering.worker_environment("/scratch")
    assert "secret" not in environment.values()
    allowed = {*rendering.INHERITED, "FONTCONFIG_FILE", "HOME", "LC_ALL", "PATH", "PYTHONDONTWRITEBYTECODE", "TMPDIR", "TZ"}
    assert set(environment) <= allowed


CONFINED = """
import resource, socket, sys, tempfile
from dataclasses import asdict
from pathlib import Path
from pdf.confinement import confine

scratch = Path(tempfile.mkdtemp(dir=sys.argv[1]))
without_network = confine(cpu_seconds=7, memory_bytes=2**30, output_bytes=4096, scratch=scratch)
try:
    socket.create_connection(("127.0.0.1", int(sys.argv[2])), 2).close()
    reached = True
except OSError:
    reached = False
(scratch / "allowed").write_bytes(b"x" * 4096)
try:
    (scratch / "too-large").write_bytes(b"x" * 4097)
    written = True
except OSError:
    written = False
limits = [resource.getrlimit(kind)[0] for kind in (resource.RLIMIT_CPU, resource.RLIMIT_AS, resource.RLIMIT_CORE)]
kept = Path("/proc/self/status").read_text().split("NoNewPrivs:")[1].split()[0] if sys.platform == "linux" else "1"
print(without_network, reached, written, limits == [7, 2**30, 0], kept)
"""


def test_the_walls_stand_before_the_document_is_read(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        ran = subprocess.run(
            [sys.executable, "-c", CONFINED, tmp_path, port], cwd=rendering.PROJECT, check=True, capture_output=True, text=True
        )
    without_network, reached, written, limited, no_new_privileges = ran.stdout.split()
    assert (reached == "True") == (without_network == "False")
    assert (written, limited, no_new_privileges) == ("False", "True", "1")


def test_the_renderer_starts_as_its_own_main_module_without_a_warning(tmp_path: Path) -> None:
    worker = [sys.executable, "-W", "ignore", "-W", "error::RuntimeWarning", "-m", "pdf.worker", "20", str(1024**3), str(1024**2)]
    asked = json.dumps(asdict(request("<p>x</p>"))).encode()
    environment = rendering.worker_environment(str(tmp_path))
    ran = subprocess.run(worker, input=asked, cwd=rendering.PROJECT, env=environment, capture_output=True)
    assert ran.stderr == b""
    assert ran.stdout.startswith(b"1\n%PDF-1.7")
