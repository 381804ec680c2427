"""What a failed render says: sentences without personal data, fit for a log and for the operator's desk."""

from __future__ import annotations

import signal
from enum import IntEnum

from pdf.confinement import Limits

MEBIBYTE = 1024 * 1024


class RenderFailed(Exception):
    """The document could not become a PDF; `reason` says why and never quotes the document."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class WorkerExit(IntEnum):
    """Exit statuses by which the worker tells its parent what stopped it."""

    DRAWN = 0
    NOT_DRAWABLE = 65
    OUT_OF_MEMORY = 66
    NESTED_TOO_DEEPLY = 67
    TOO_LARGE = 68
    NO_GLYPH = 69


def reason_for(status: int, limits: Limits) -> str:
    """Return the sentence for a worker's exit status; a negative status is the signal that ended it."""
    if status in (-signal.SIGXCPU, -signal.SIGKILL):
        return f"The document needed more than {limits.cpu_seconds} s of processor time, or the system ended the renderer."
    memory = limits.memory_bytes // MEBIBYTE
    reasons: dict[int, str] = {
        WorkerExit.OUT_OF_MEMORY: f"The document needed more than {memory} MiB of memory.",
        WorkerExit.NESTED_TOO_DEEPLY: "The document nests elements too deeply.",
        WorkerExit.TOO_LARGE: f"The PDF would be larger than {limits.output_bytes // MEBIBYTE} MiB.",
        WorkerExit.NO_GLYPH: "The document contains characters that no bundled font can draw.",
        WorkerExit.NOT_DRAWABLE: "The renderer could not lay out the document.",
    }
    # The libraries underneath end the process, and say nothing, when they get no memory.
    return reasons.get(status, f"The renderer stopped with status {status}; most often it needed more than {memory} MiB of memory.")
