"""The work that is still to be done, and what became of it: one row per job."""

from __future__ import annotations

from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

RESEND_AFTER = timedelta(seconds=5)


class State(models.TextChoices):
    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    DEAD = "dead", _("dead")


class JobQuerySet(models.QuerySet["Job"]):
    """Sets of jobs; all times are the database's, since the clocks of workers differ."""

    def claimable(self) -> Self:
        """Jobs whose time has come, and jobs whose worker did not keep its lease."""
        return self.filter(Q(state=State.WAITING, run_after__lte=Now()) | Q(state=State.RUNNING, lease_until__lt=Now()))

    def unsent(self) -> Self:
        """Jobs without a message on its way: none was sent, or the last one had time enough to arrive."""
        return self.filter(Q(dispatched_at=None) | Q(dispatched_at__lt=Now() - RESEND_AFTER))

    def at_work(self, kind: str) -> Self:
        """Jobs of this kind that a worker holds right now."""
        return self.filter(kind=kind, state=State.RUNNING, lease_until__gte=Now())

    def held(self, job: Job) -> Self:
        """The job, unless another worker has taken it over since: then the fence has moved on."""
        return self.filter(pk=job.pk, state=State.RUNNING, fence=job.fence)


class Job(models.Model):
    """One piece of work, written in the transaction that made it necessary. Holds no personal data, only a reference."""

    State = State

    kind = models.CharField(_("kind"), max_length=80)
    key = models.CharField(_("key"), max_length=200, unique=True)
    subject = models.CharField(_("subject"), max_length=200)
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    fence = models.PositiveBigIntegerField(_("fence"), default=0)
    run_after = models.DateTimeField(_("not before"), db_default=Now())
    lease_until = models.DateTimeField(_("leased until"), null=True)
    dispatched_at = models.DateTimeField(_("sent out at"), null=True)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    finished_at = models.DateTimeField(_("finished at"), null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("job"), _("jobs")
        indexes = [
            models.Index(fields=["run_after"], condition=Q(state="waiting"), name="jobs_waiting"),
            models.Index(fields=["kind", "lease_until"], condition=Q(state="running"), name="jobs_running"),
            models.Index(fields=["kind", "created_at"], name="jobs_kind_created"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["waiting", "running", "done", "dead"]), name="job: known state"),
            models.CheckConstraint(
                condition=Q(state="running", lease_until__isnull=False) | (~Q(state="running") & Q(lease_until=None)),
                name="job: lease and state together",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["done", "dead"], finished_at__isnull=False)
                | (Q(state__in=["waiting", "running"]) & Q(finished_at=None)),
                name="job: end and state together",
            ),
            models.CheckConstraint(condition=~Q(state="dead", last_error=""), name="job: dead for a reason"),
            models.CheckConstraint(condition=~Q(key="") & ~Q(kind="") & ~Q(subject=""), name="job: says what to do"),
        ]

    def __str__(self) -> str:
        return self.key
