"""As tests.faults.slow, and what has to run out before another worker takes over does so within seconds: the same rules, other numbers."""

from __future__ import annotations

import datetime

from celery import current_app

from deletion import execution, stepping, tasks
from jobs.registry import KINDS
from tests.faults import slow as slow  # imported for what it does

stepping.LEASE = datetime.timedelta(seconds=4)
execution.SLICE_SECONDS = 2.0
KINDS[tasks.ADVANCE] = KINDS[tasks.ADVANCE]._replace(time_limit=8)
current_app.conf.beat_schedule["keep erasures going"] = {"task": "deletion.keep_going", "schedule": 2.0, "options": {"expires": 2}}
