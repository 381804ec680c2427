"""The desk's file of a request: what came in from whom, until when it has to be answered, who decided what, and how it ended."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from deletion.models.receipts import HASH_IS_SHA256, WORK_STATES, Cancellation, ErasureRequest
from deletion.models.retention import LegalHold


class Status(models.TextChoices):
    """The seven words in which the desk speaks of a request, whatever its kind."""

    NEW = "new", _("New")
    IDENTITY = "identity", _("Identity open")
    WAITING = "waiting", _("Waiting period")
    RUNNING = "running", _("In progress")
    ATTENTION = "attention", _("Needs action")
    COMPLETED = "completed", _("Done")
    ENDED = "ended", _("Rejected or withdrawn")


OPEN_STATUSES = (Status.NEW, Status.IDENTITY, Status.WAITING, Status.RUNNING, Status.ATTENTION)
TONES = {
    Status.NEW: "info",
    Status.IDENTITY: "warn",
    Status.WAITING: "",
    Status.RUNNING: "info",
    Status.ATTENTION: "bad",
    Status.COMPLETED: "ok",
    Status.ENDED: "",
}


class CaseFileQuerySet(models.QuerySet["CaseFile"]):
    def with_status(self) -> CaseFileQuerySet:
        """Add ``status``, one of the seven words: the erasure's own state decides where there is one."""
        held = LegalHold.objects.filter(customer_reference=OuterRef("customer_reference"), released_at=None)
        words = Case(
            When(Q(state__in=["rejected", "withdrawn"]) | Q(erasure__state="withdrawn"), then=Value(Status.ENDED)),
            When(Q(state="completed") | Q(erasure__state="completed"), then=Value(Status.COMPLETED)),
            When(identity="open", then=Value(Status.IDENTITY)),
            When(Q(erasure__state="blocked") | Q(erasure__paused_at__isnull=False), then=Value(Status.ATTENTION)),
            When(Q(erasure__isnull=False) & Exists(held), then=Value(Status.ATTENTION)),
            When(erasure__state__in=WORK_STATES, then=Value(Status.RUNNING)),
            When(erasure__state="requested", then=Value(Status.WAITING)),
            default=Value(Status.NEW),
            output_field=models.CharField(),
        )
        closed = Coalesce("ended_at", "erasure__finished_at", "erasure__withdrawn_at")
        return self.annotate(status=words, closed_at=closed)

    def open(self) -> CaseFileQuerySet:
        """Return requests that wait for their end, the most urgent first."""
        return self.with_status().filter(Q(status__in=OPEN_STATUSES)).order_by("due_date", "pk")

    def completed(self) -> CaseFileQuerySet:
        """Return requests that were carried out, the last one first."""
        return self.with_status().filter(Q(status=Status.COMPLETED)).order_by(F("closed_at").desc())

    def closed_before(self, moment: datetime.datetime) -> CaseFileQuerySet:
        return self.with_status().filter(Q(closed_at__lt=moment))


class CaseFile(models.Model):
    """One request on the desk; outlives the company and then names it by its reference alone."""

    class Kind(models.TextChoices):
        ACCOUNT = "account", _("Deletion of a customer’s account")
        SUBSCRIBER_ERASURE = "subscriber_erasure", _("Deletion for a subscriber")
        SUBSCRIBER_ACCESS = "subscriber_access", _("Access for a subscriber")
        PERSON_ERASURE = "person_erasure", _("Deletion for a person with a login")
        PERSON_ACCESS = "person_access", _("Access for a person with a login")

    class Source(models.TextChoices):
        OWNER = "owner", _("asked for in the account")
        PUBLIC = "public", _("sent with the public form")
        LETTER = "letter", _("came by letter")
        EMAIL = "email", _("came by e-mail")
        PHONE = "phone", _("came by telephone")
        API = "api", _("came through the API")
        CONTRACT = "contract", _("follows from the cancellation of the contract")

    class Identity(models.TextChoices):
        CLEAR = "clear", _("no reasonable doubt")
        OPEN = "open", _("open")
        PROVEN = "proven", _("proven")

    class Doubt(models.TextChoices):
        """Why somebody may not be who he says; without one of these nothing more is asked (Art. 12(6) GDPR)."""

        MAILBOX = "mailbox", _("The mailbox is not confirmed yet")
        OTHER_ADDRESS = "other_address", _("The address is not one that is known of this person")
        NO_AUTHORITY = "no_authority", _("The sender is not known as an owner of the account")
        CONTRADICTION = "contradiction", _("Statements contradict what is stored")
        NUMBER = "number", _("A phone or chat number can be known to others")

    class Proof(models.TextChoices):
        """How the doubt was removed; copies of identity papers are not among it."""

        MAILBOX = "mailbox", _("The mailbox was confirmed with the code")
        CALL_BACK = "call_back", _("Called back on the number that is stored")
        SIGNED_IN = "signed_in", _("The person signed in")
        AUTHORITY = "authority", _("Authority to act was shown")
        CHANNEL = "channel", _("A code that was sent through the channel came back")

    AT_ONCE = (Proof.MAILBOX, Proof.CALL_BACK, Proof.SIGNED_IN)
    """Proofs that an owner's own mailbox, telephone or login gave; no other takes the time to withdraw away."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        COMPLETED = "completed", _("completed")
        REJECTED = "rejected", _("rejected")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class Refusal(models.TextChoices):
        """Why a request is refused; the letter gives the reason in these words (Art. 12(4) GDPR)."""

        UNIDENTIFIED = "unidentified", _("We cannot identify the person, and the missing details did not come (Art. 11(2), 12(2) GDPR)")
        NO_AUTHORITY = "no_authority", _("The sender may not decide about the account")
        OBLIGATION = "obligation", _("A legal obligation forbids the deletion (Art. 17(3)(b) GDPR)")
        CLAIMS = "claims", _("The data are needed for legal claims (Art. 17(3)(e) GDPR)")
        EXCESSIVE = "excessive", _("The request is manifestly unfounded or excessive (Art. 12(5) GDPR)")
        NOTHING = "nothing", _("We store no data of this person")
        DUPLICATE = "duplicate", _("The same request is already being answered")

    class Extension(models.TextChoices):
        COMPLEX = "complex", _("The request is complex")
        NUMBER = "number", _("There are many requests at the same time")

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    source = models.CharField(_("way"), max_length=8, choices=Source)
    language = models.CharField(_("language"), max_length=2, default="de")
    customer = models.ForeignKey(Customer, models.SET_NULL, null=True, related_name="case_files", verbose_name=_("customer"))
    customer_reference = models.UUIDField(_("customer’s reference"), null=True, db_index=True)
    erasure = models.OneToOneField(
        ErasureRequest, models.PROTECT, null=True, related_name="case_file", verbose_name=_("deletion of the account")
    )
    cancellation = models.OneToOneField(
        Cancellation, models.SET_NULL, null=True, related_name="case_file", verbose_name=_("cancellation of the contract")
    )
    received_at = models.DateTimeField(_("received at"))
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("recorded by"))
    due_date = models.DateField(_("due on"))
    assigned_to = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("assigned to"))
    identity = models.CharField(_("identity"), max_length=6, choices=Identity, default=Identity.CLEAR)
    doubt = models.CharField(_("reason of the doubt"), max_length=13, choices=Doubt, blank=True)
    proof = models.CharField(_("how identity was proven"), max_length=10, choices=Proof, blank=True)
    waives_grace = models.BooleanField(_("wants the deletion at once"), default=False)
    data_return = models.CharField(
        _("return of the data"), max_length=6, choices=ErasureRequest.Return, default=ErasureRequest.Return.UNSAID
    )
    extended_at = models.DateTimeField(_("extended at"), null=True)
    extended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("extended by"))
    extension = models.CharField(_("reason of the extension"), max_length=8, choices=Extension, blank=True)
    approved_at = models.DateTimeField(_("approved at"), null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("approved by"))
    state = models.CharField(_("own state"), max_length=9, choices=State, default=State.OPEN)
    refusal = models.CharField(_("reason of the refusal"), max_length=12, choices=Refusal, blank=True)
    affected = models.PositiveIntegerField(_("records that went"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("ended by"))
    duplicate_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="duplicates", verbose_name=_("looks like"))
    code_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    secret_sha256 = models.CharField(max_length=64, blank=True, editable=False)  # of the page that confirms the receipt

    objects = CaseFileQuerySet.as_manager()

    class Meta:
        default_permissions = ("add", "change", "view")
        verbose_name = _("request on the desk")
        verbose_name_plural = _("requests on the desk")
        ordering = ["due_date", "pk"]
        permissions = [
            ("verify_casefile", "Can decide about identity"),
            ("run_casefile", "Can start, pause and resume what a request asks for"),
            ("retry_casefile", "Can have failed steps tried again"),
            ("reject_casefile", "Can reject requests"),
            ("extend_casefile", "Can extend deadlines"),
            ("approve_casefile", "Can approve what is above the limit"),
        ]
        indexes = [models.Index(fields=["due_date", "id"], condition=Q(state="open"), name="deletion_case_open_by_due")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["account", "subscriber_erasure", "subscriber_access", "person_erasure", "person_access"]),
                name="deletion_case_kind_known",
            ),
            models.CheckConstraint(condition=Q(erasure=None) | Q(kind="account"), name="deletion_case_erases_accounts_alone"),
            models.CheckConstraint(
                condition=Q(state="open", ended_at=None)
                | (Q(state__in=["completed", "rejected", "withdrawn"]) & Q(ended_at__isnull=False)),
                name="deletion_case_ended_with_time",
            ),
            models.CheckConstraint(
                condition=Q(state="rejected", refusal__gt="") | (~Q(state="rejected") & Q(refusal="")),
                name="deletion_case_rejected_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(identity="clear", doubt="", proof="")
                | Q(identity="open", doubt__gt="", proof="")
                | Q(identity="proven", proof__gt=""),  # also without a doubt: who wants a start at once proves who he is
                name="deletion_case_identity_asked_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(extended_at=None, extension="", extended_by=None) | Q(extended_at__isnull=False, extension__gt=""),
                name="deletion_case_extended_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | Q(approved_at__isnull=False), name="deletion_case_approved_by_with_time"
            ),
            models.CheckConstraint(condition=Q(recorded_at__gte=F("received_at")), name="deletion_case_received_before_recorded"),
            models.CheckConstraint(condition=Q(code_sha256="") | Q(code_sha256__regex=HASH_IS_SHA256), name="deletion_case_code_is_a_hash"),
            models.CheckConstraint(
                condition=Q(secret_sha256="") | Q(secret_sha256__regex=HASH_IS_SHA256), name="deletion_case_secret_is_a_hash"
            ),
            models.UniqueConstraint(fields=["secret_sha256"], condition=~Q(secret_sha256=""), name="deletion_case_received_once"),
            models.CheckConstraint(condition=Q(language__in=["de", "en"]), name="deletion_case_language_known"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_about_subscriber(self) -> bool:
        return self.kind in (self.Kind.SUBSCRIBER_ERASURE, self.Kind.SUBSCRIBER_ACCESS)

    @property
    def is_about_person(self) -> bool:
        return self.kind in (self.Kind.PERSON_ERASURE, self.Kind.PERSON_ACCESS)

    @property
    def lacks_proof_for_start(self) -> bool:
        """Say whether the company wants its account deleted at once, and nothing but an address that anybody can type speaks for it."""
        return self.kind == self.Kind.ACCOUNT and self.waives_grace and self.identity != self.Identity.OPEN and not self.may_start_at_once

    @property
    def may_start_at_once(self) -> bool:
        """Say whether the time to withdraw is waived: by a wish of somebody who has proven to be an owner.

        A code proves an owner only where it went to an owner's address: a sender without doubt about the authority.
        """
        is_of_stranger = self.proof == self.Proof.MAILBOX and self.doubt in (self.Doubt.NO_AUTHORITY, self.Doubt.OTHER_ADDRESS)
        return self.waives_grace and self.identity == self.Identity.PROVEN and self.proof in self.AT_ONCE and not is_of_stranger

    def can_be_extended(self, today: datetime.date) -> bool:
        """Say whether the one extension is still open: it has to be told within the first month (Art. 12(3) GDPR).

        The day that the confirmation of a cancellation named is not one of these.
        """
        return self.source != self.Source.CONTRACT and self.state == self.State.OPEN and self.extended_at is None and today <= self.due_date
