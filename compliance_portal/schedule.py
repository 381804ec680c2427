"""What the clock starts, and how often; whatever is missed is caught up by the next run, so nothing here is a promise by itself."""

from __future__ import annotations

from typing import Any

HOURLY = (  # reminders, what was planned for today, and what is to be forgotten
    "customers.forget_letters",
    "customers.forget_sessions",
    "deletion.forget",
    "dpa.keep_time",
    "notifications.forget_unconfirmed",
    "deletion.keep_periods",
    "subprocessors.keep_time",
    "toms.keep_time",
)


def every(seconds: float, task: str) -> dict[str, Any]:
    """Return an entry that a worker drops when it comes to it too late: the next one is on its way."""
    return {"task": task, "schedule": float(seconds), "options": {"expires": seconds}}


SCHEDULE = {
    "send out jobs that are due": every(2, "jobs.relay"),
    "prove that jobs are worked on": every(60, "jobs.plant_canary"),
    "seal evidence": every(5, "evidence.seal"),
    "keep erasures going": every(15, "deletion.keep_going"),
    "watch that erasures move": every(60, "deletion.watch"),
    "keep texts of channels current": every(60, "privacy_text.keep_current"),
    **{name: every(3600, name) for name in HOURLY},
}
