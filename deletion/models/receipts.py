"""Requests to delete an account and cancellations of the contract, as they were received."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from deletion.models.retention import LegalHold

HASH_IS_SHA256 = r"^[0-9a-f]{64}$"
WORK_STATES = ("fenced", "erasing", "verifying", "waiting")
OPEN_STATES = ("requested", *WORK_STATES, "blocked")


class ErasureRequestQuerySet(models.QuerySet["ErasureRequest"]):
    def open(self) -> ErasureRequestQuerySet:
        """Return requests that are to be carried out, the most urgent first."""
        return self.filter(state__in=OPEN_STATES).order_by("due_date", "pk")

    def at_work(self) -> ErasureRequestQuerySet:
        """Return requests that have been begun and are not at their end."""
        return self.filter(state__in=WORK_STATES)

    def to_begin(self, at: datetime.datetime) -> ErasureRequestQuerySet:
        """Return requests whose time to withdraw is over."""
        return self.filter(state=ErasureRequest.State.REQUESTED, not_before__lte=at)

    def being_repeated(self) -> ErasureRequestQuerySet:
        """Return what a replay after a restored backup began again and has not verified; as long as there is one, nobody gets in.

        Also one that is complete: a store beside the database may have come back from an older backup of its own.
        """
        return self.exclude(repeating_since=None)


class ErasureRequest(models.Model):
    """A company asked for its account to be deleted; the row outlives the company and then names it by its reference alone."""

    class State(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        FENCED = "fenced", _("Closed for writing")
        ERASING = "erasing", _("Running")
        VERIFYING = "verifying", _("Being verified")
        WAITING = "waiting", _("Waiting for the last verification")
        BLOCKED = "blocked", _("Needs attention")
        COMPLETED = "completed", _("Completed")

    class Why(models.TextChoices):
        """Why a request stands still until a person looks at it; a code, so that nothing personal can be written here.

        A ledger of erasures that does not answer is no reason: it is asked again by itself, with an alarm, and nothing is deleted before.
        """

        FAILED = "step_failed", _("A step failed in all its attempts")
        WRITER = "writer_active", _("Something still writes data of this account")
        RESIDUE = "rows_left", _("A verification found data that should be gone")
        UNCOUNTED = "not_counted", _("A verification could not count")
        HELD = "held_elsewhere", _("A store may not delete yet")

    class Return(models.TextChoices):
        """What the customer chose about the return of the data before the deletion (Art. 28(3)(g) GDPR)."""

        UNSAID = "unsaid", _("not stated")
        TAKEN = "taken", _("The data were handed out")
        WAIVED = "waived", _("The customer wants no copy")

    class Pause(models.TextChoices):
        """For what a person stopped the work, where it is more than an act of the desk."""

        IDENTITY = "identity", _("It is not settled who asked for it")

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    customer = models.ForeignKey(Customer, models.SET_NULL, null=True, related_name="erasure_requests", verbose_name=_("customer"))
    customer_reference = models.UUIDField(_("customer’s reference"))
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("requested by"))
    requested_at = models.DateTimeField(_("requested at"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.REQUESTED)
    customer_number = models.BigIntegerField(_("customer’s number"), null=True, editable=False)
    language = models.CharField(_("language"), max_length=2, default="de", editable=False)
    data_return = models.CharField(_("return of the data"), max_length=6, choices=Return, default=Return.UNSAID)
    export_made_at = models.DateTimeField(_("export made at"), null=True, editable=False)
    export_sha256 = models.CharField(_("SHA-256 of the export"), max_length=64, blank=True, editable=False)
    export_taken_at = models.DateTimeField(_("export downloaded at"), null=True, editable=False)
    blocked_why = models.CharField(_("needs attention because"), max_length=20, choices=Why, blank=True)
    paused_at = models.DateTimeField(_("paused at"), null=True)
    paused_why = models.CharField(_("paused because"), max_length=8, choices=Pause, blank=True)
    plan = models.JSONField(_("plan"), null=True, editable=False)
    plan_sha256 = models.CharField(_("SHA-256 of the plan"), max_length=64, blank=True, editable=False)
    registry_sha256 = models.CharField(_("SHA-256 of the registry of datasets"), max_length=64, blank=True, editable=False)
    progress_mark = models.CharField(max_length=80, blank=True, editable=False)
    progressed_at = models.DateTimeField(_("last progress at"), null=True, editable=False)
    slices = models.PositiveIntegerField(_("pieces of work"), default=0, editable=False)
    started_at = models.DateTimeField(_("started at"), null=True)
    repeating_since = models.DateTimeField(null=True, editable=False)  # after a restored backup
    verify_after = models.DateTimeField(_("last verification after"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    not_before = models.DateTimeField(_("not before"))
    due_date = models.DateField(_("due on"))
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("withdrawn by"))
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True)

    objects = ErasureRequestQuerySet.as_manager()

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("deletion request")
        verbose_name_plural = _("deletion requests")
        ordering = ["due_date", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer_reference"],
                condition=Q(state__in=["requested", "fenced", "erasing", "verifying", "waiting", "blocked"]),
                name="deletion_one_open_request_per_customer",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["requested", "withdrawn", "fenced", "erasing", "verifying", "waiting", "blocked", "completed"]),
                name="deletion_request_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state="blocked", blocked_why__gt="") | (~Q(state="blocked") & Q(blocked_why="")),
                name="deletion_request_blocked_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(state="completed", finished_at__isnull=False) | (~Q(state="completed") & Q(finished_at=None)),
                name="deletion_request_completed_with_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["requested", "withdrawn"]) | Q(customer_number__isnull=False, started_at__isnull=False),
                name="deletion_request_begun_with_number_and_time",
            ),
            models.CheckConstraint(
                condition=Q(state="withdrawn", withdrawn_at__isnull=False) | (~Q(state="withdrawn") & Q(withdrawn_at=None)),
                name="deletion_request_withdrawn_with_time",
            ),
            models.CheckConstraint(
                condition=Q(paused_why="") | Q(paused_why="identity", paused_at__isnull=False), name="deletion_request_paused_for_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_by=None) | Q(withdrawn_at__isnull=False), name="deletion_request_withdrawn_by_with_time"
            ),
            models.CheckConstraint(condition=Q(not_before__gt=F("requested_at")), name="deletion_request_leaves_time_to_withdraw"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(withdrawn_at__lt=F("not_before")), name="deletion_request_withdrawn_in_time"
            ),
            models.CheckConstraint(
                condition=Q(export_made_at=None, export_sha256="", export_taken_at=None)
                | Q(export_made_at__isnull=False, export_sha256__regex=HASH_IS_SHA256),
                name="deletion_request_knows_its_export_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def slice_key(self) -> str:
        """Return the key of the job that takes the request further."""
        return f"erase:{self.reference}/{self.slices}"

    @property
    def number(self) -> int:
        """The company's number; every request that has begun knows it."""
        assert self.customer_number is not None
        return self.customer_number

    @property
    def is_held(self) -> bool:
        """Say whether a person or a legal hold has stopped the work; asked again before every chunk."""
        return self.paused_at is not None or LegalHold.objects.standing(self.customer_reference).exists()

    @property
    def can_be_verified_again(self) -> bool:
        """Say whether a verification stopped the request: then no step has failed that could be tried again by itself."""
        return self.state == self.State.BLOCKED and self.blocked_why in (self.Why.RESIDUE, self.Why.UNCOUNTED)

    def can_be_withdrawn(self, at: datetime.datetime) -> bool:
        return self.state == self.State.REQUESTED and at < self.not_before

    @property
    def last_day_to_withdraw(self) -> datetime.date:
        return timezone.localdate(self.not_before - datetime.timedelta(microseconds=1))


class Cancellation(models.Model):
    """A declared cancellation of the contract (§ 312k BGB), as it was received; only the hash of its page's address is kept."""

    class Kind(models.TextChoices):
        ORDINARY = "ordinary", _("Ordinary cancellation")
        FOR_CAUSE = "for_cause", _("Cancellation for cause")

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    secret_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    customer = models.ForeignKey(Customer, models.SET_NULL, null=True, related_name="cancellations", verbose_name=_("customer"))
    customer_reference = models.UUIDField(_("customer’s reference"), null=True, editable=False, db_index=True)
    received_at = models.DateTimeField(_("received at"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    reason = models.CharField(_("reason"), max_length=1000, blank=True)
    name = models.CharField(_("name"), max_length=200)
    identification = models.CharField(_("customer number or e-mail address"), max_length=254)
    ends_date = models.DateField(_("to end on"), null=True)
    email = models.EmailField(_("e-mail address for the confirmation"))
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    commitment = models.CharField(_("commitment to the personal data"), max_length=64, editable=False)

    class Meta:
        default_permissions = ("view",)
        verbose_name = _("cancellation")
        verbose_name_plural = _("cancellations")
        ordering = ["-received_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="ordinary", reason="") | (Q(kind="for_cause") & ~Q(reason="")),
                name="deletion_cancellation_for_cause_has_a_reason",
            ),
            models.CheckConstraint(condition=Q(secret_sha256__regex=HASH_IS_SHA256), name="deletion_cancellation_secret_is_a_hash"),
            models.CheckConstraint(condition=Q(language__in=["de", "en"]), name="deletion_cancellation_language_known"),
        ]

    def __str__(self) -> str:
        return self.reference
