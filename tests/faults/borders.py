"""The borders before and after every statement, commit and deletion of a file, and what may go wrong at one of them."""

from __future__ import annotations

import datetime
import os
import random
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import closing
from typing import Any

import psycopg2
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection, connections
from django.utils import timezone
from psycopg2 import errors

from deletion import tasks
from deletion.models import ErasureRequest, ErasureStep
from jobs import dispatch, execution
from jobs.models import Job
from tests.factories import erasure

ACCEPTED, REFUSED, BUSY, GONE, FAILED = 10, 11, 12, 13, 1


class Boundary:
    """Counts the borders that this process crosses, and lets something happen at one of them."""

    def __init__(self, at: int, act: Callable[[], None] | None = None) -> None:
        self.at, self.act, self.passed = at, act or kill, 0

    def cross(self) -> None:
        self.passed += 1
        if self.passed == self.at:
            self.act()

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        self.cross()
        result = execute(sql, params, many, context)
        self.cross()
        return result

    def install(self) -> None:
        for each in connections.all():
            each.execute_wrappers.append(self)
            commit = each.commit

            def counted(commit: Callable[[], None] = commit) -> None:
                self.cross()
                commit()
                self.cross()

            each.commit = counted  # type: ignore[method-assign]
        delete = default_storage.delete

        def deleted(name: str) -> None:
            self.cross()
            delete(name)
            self.cross()

        default_storage.delete = deleted  # type: ignore[method-assign]


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def stand_still() -> None:
    """Stop as a machine does that is suspended; whoever comes back later is a zombie."""
    os.kill(os.getpid(), signal.SIGSTOP)


def cut_sessions() -> None:
    """End every session with the database, as its restart does for clients."""
    with closing(another()) as other, other.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def another() -> Any:
    """Return a connection of its own to the portal's database."""
    other = psycopg2.connect(**{key: value for key, value in connection.get_connection_params().items() if key != "cursor_factory"})
    other.autocommit = True
    return other


class LateWriter:
    """Somebody registers with the account, or is shown a message, in the middle of its erasure; remembers what came of it."""

    SHOWN = """
    INSERT INTO subscriptions_activity (customer_id, subscription_id, kind, message, at)
    SELECT customer_id, id, 'shown', '', now() FROM subscriptions_subscription WHERE customer_id = %(account)s ORDER BY id DESC LIMIT 1
    """
    REGISTERED = """
    INSERT INTO subscriptions_subscription (customer_id, channel_type_id, identifier, identifier_sha256, registered_at,
        topic, opt_in_label, opt_in_sha256, cancelled_through, cancelled_why)
    SELECT %(account)s, min(id), 'late', encode(sha256(convert_to(random()::text, 'UTF8')), 'hex'), now(), '', '', '', '', ''
    FROM privacy_text_channeltype
    """

    def __init__(self, account: int, statement: str = REGISTERED) -> None:
        self.account, self.statement, self.outcome = account, statement, FAILED

    def __call__(self) -> None:
        with closing(another()) as other, other.cursor() as cursor:
            cursor.execute("SET lock_timeout = 100")
            try:
                cursor.execute(self.statement, {"account": self.account})
                self.outcome = ACCEPTED if cursor.rowcount else GONE
            except errors.ObjectNotInPrerequisiteState:
                self.outcome = REFUSED
            except (errors.ForeignKeyViolation, errors.LockNotAvailable):
                self.outcome = BUSY


def in_child(work: Callable[[], int | None], *, quiet: bool = False) -> int:
    """Start the work in a process of its own with connections of its own; return the process."""
    connections.close_all()
    number = os.fork()
    if number == 0:
        status = FAILED
        try:
            status = work() or 0
        except BaseException:
            if not quiet:
                traceback.print_exc(file=sys.__stderr__)
        finally:
            os._exit(status)
    return number


def end_of(number: int) -> int:
    """Wait for the process and return its exit status, negative for a signal."""
    return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])


def by_jobs(request: ErasureRequest) -> None:
    """Run the erasure by its jobs while the broker is away: every message is lost, and the rows alone say what is to be done."""

    def lost(_job: Job) -> None:
        raise ConnectionError

    dispatch.send = lost
    settings.ERASURE_LAST_CHECK_HOURS = 0
    # Of workers that earlier faults killed: on a quick machine their leases would stand, and leave no room for this one.
    dead = Job.objects.filter(kind=tasks.ADVANCE, state=Job.State.RUNNING).exclude(subject__startswith=request.reference)
    dead.update(lease_until=timezone.now() - datetime.timedelta(seconds=1))
    for _turn in range(200):
        request.refresh_from_db()
        if request.state == ErasureRequest.State.COMPLETED:
            return
        tasks.keep_going()
        for number in Job.objects.claimable().filter(kind=tasks.ADVANCE).values_list("pk", flat=True):
            execution.run(number)
        ErasureStep.objects.filter(request=request).update(next_attempt_at=None)


def contend(request: ErasureRequest) -> None:
    """Work on the request beside others, as a message that was delivered twice does."""
    erasure.run(request)


def somewhere(chosen: random.Random, number: int) -> int:
    """Return a border; a later run has fewer than the first one, since what is cached is not asked again."""
    return chosen.randint(1, round(number * 0.95))
