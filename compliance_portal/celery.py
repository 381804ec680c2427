"""The Celery application; what it runs stands in each app's ``tasks.py``."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery, Task
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "compliance_portal.settings")


class PortalTask(Task):  # type: ignore[misc,type-arg,unused-ignore]
    """Work that is left alone while erased accounts are back from a backup, also in a worker that was running when it was restored.

    Nothing is lost by that: the rows are the truth, and the clock sends their messages again.
    """

    abstract = True

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        from deletion.replaying import DOOR

        return super().__call__(*arguments, **named) if DOOR.is_open() else None


app = Celery("compliance_portal", task_cls=PortalTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect  # type: ignore[untyped-decorator,unused-ignore]
def refuse_restored_backup(**_arguments: Any) -> None:
    """Start no worker while erased accounts are back from a backup: it would write to people who were forgotten."""
    from deletion.replaying import DOOR

    if not DOOR.look():
        raise SystemExit("The ledger knows erasures that this database does not. Run 'manage.py erasure_replay' first.")
