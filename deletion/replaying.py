"""After a restored backup: what was erased since is back. Erase it again from the ledger, before anybody gets in.

The ledger is a second database with a backup of its own. As long as it knows an erasure of which the portal knows nothing,
the portal is older than its ledger and stays closed; it also does until every erasure that was begun again is verified.
"""

from __future__ import annotations

import datetime
import hashlib
import time
from typing import NamedTuple

import structlog
from django.db import DatabaseError, connection, transaction

import evidence.services
from customers.models import Customer
from deletion import execution, fencing, ledger, proving, recounting, repeating, steering
from deletion.ledger import ALIAS
from deletion.models import ErasureCertificate, ErasureRequest, LedgerCertificate, LedgerEntry, Tombstone
from deletion.transitions import move

State = ErasureRequest.State
LOOK_AGAIN_SECONDS, LOOK_WHILE_OPEN_SECONDS = 5.0, 30.0
PATIENCE_SECONDS = 600.0  # more than all tries of a verification that cannot count take together
NAP_SECONDS = 1.0
log = structlog.get_logger(__name__)


class WrongAccount(Exception):
    """The number of the ledger's entry belongs to another company now: nothing may be deleted under it."""


class Replayed(NamedTuple):
    """What the repetition of one erasure found and left; ``left`` is None when it was not counted.

    ``is_held`` where it stopped at a legal hold or a pause: its data stay for now, and the account stays closed.
    """

    reference: str
    resurrected: int
    left: int | None
    is_held: bool = False

    @property
    def is_done(self) -> bool:
        return self.left == 0 or self.is_held


def missing() -> list[str]:
    """Return the erasures that keep the portal closed: the ledger knows them and the portal does not, or their replay is not verified.

    Those of the first kind were begun after the backup that the portal was restored from.
    """
    entered = list(LedgerEntry.objects.using(ALIAS).values_list("request_reference", flat=True))
    begun = ErasureRequest.objects.filter(reference__in=entered).exclude(started_at=None)
    unknown = set(entered) - set(begun.values_list("reference", flat=True)) - expired()
    unverified = ErasureRequest.objects.being_repeated().values_list("reference", flat=True)
    return sorted(unknown.union(unverified, repeating.unknown()))


def expired() -> set[str]:
    """Return the erasures whose file has had its time and went; the tombstone stays and says that the account is gone."""
    buried = set(Tombstone.objects.values_list("request_reference", flat=True))
    return buried - set(ErasureRequest.objects.filter(reference__in=buried).values_list("reference", flat=True))


class Door:
    """Whether this process lets people in; it is asked with every request, and looks into the databases often while it is closed.

    While it is open it looks now and then: a backup may be restored under a process that goes on.
    """

    def __init__(self) -> None:
        self.is_closed, self.looked_at = False, 0.0

    def look(self) -> bool:
        """Compare portal and ledger now; say whether the door is open. While one of them does not answer, nobody knows, and it is closed."""
        self.looked_at = time.monotonic()
        try:
            self.is_closed = bool(missing())
        except DatabaseError as error:
            log.warning("portal closed", reason=type(error).__name__)
            self.is_closed = True
        return not self.is_closed

    def is_open(self) -> bool:
        waited = time.monotonic() - self.looked_at
        if self.is_closed and waited > LOOK_AGAIN_SECONDS:
            return self.look()
        if not self.is_closed and waited > LOOK_WHILE_OPEN_SECONDS:
            self.look_while_open()
        return not self.is_closed

    def look_while_open(self) -> None:
        """Close when a backup was restored. A database that does not answer is an outage and no sign of one: the next look sees it."""
        self.looked_at = time.monotonic()
        try:
            self.is_closed = bool(missing())
        except DatabaseError as error:
            log.warning("portal and ledger not compared", reason=type(error).__name__)


DOOR = Door()


def replay(*, since: datetime.datetime, at: datetime.datetime) -> list[Replayed]:
    """Erase again whatever the ledger has entered since the backup, and whatever keeps the portal closed. Safe to repeat.

    Raises WrongAccount before anything is erased.
    """
    entries = LedgerEntry.objects.using(ALIAS).order_by("written_at", "pk")
    unknown, over = set(missing()), expired()
    known = (entry for entry in entries if entry.request_reference not in over)
    wanted = [entry for entry in known if entry.written_at >= since or entry.request_reference in unknown]
    pass_over_numbers([entry.customer_number for entry in wanted])
    bring_back_supplements()
    ledger.bring_back_holds()
    begun = [begin_again(entry, at) for entry in wanted]  # all of them are marked before the first row goes
    done = [repeat(request, at) for request in begun]
    done += [Replayed(*each) for each in repeating.repeat(since=since, at=at)]
    evidence.services.record(
        kind="deletion.replayed",
        facts={"entries": len(done), "resurrected": sum(each.resurrected for each in done), "held": sum(each.is_held for each in done)}
        | {"done": all(each.is_done for each in done)},
        subject=f"restore:{since.astimezone(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}",
        happened_at=at,
    )
    return done


def repeat(request: ErasureRequest, at: datetime.datetime) -> Replayed:
    """Take one erasure through all its steps again and count; where nothing is left, it keeps the portal closed no more.

    One that is held does neither: the account is closed, and its erasure goes on by itself after the release.
    """
    if request.state == State.COMPLETED:
        done = again_in_stores(request, at)
    else:
        before = sum(step.deleted for step in request.steps.all())
        take_to_its_end(request, at)
        resurrected = sum(step.deleted for step in request.steps.all()) - before
        is_held = request.state != State.WAITING and request.is_held
        done = Replayed(request.reference, resurrected, left_of(request), is_held)
    if done.is_done:
        ErasureRequest.objects.filter(pk=request.pk).update(repeating_since=None)
    return done


def take_to_its_end(request: ErasureRequest, at: datetime.datetime) -> None:
    """Do what is to be done until it waits for its last verification; what waits for a store that is starting is waited for.

    One that waited already in the backup may have data back in a store whose own backup is older: they are deleted again.
    """
    if request.state == State.WAITING:
        found = proving.verify_account(request)
        if all(finding.number is not None for finding in found):
            execution.reopen(request, {finding.place for finding in found}, at)
    began = time.monotonic()
    while request.state in (State.FENCED, State.ERASING, State.VERIFYING) and time.monotonic() - began < PATIENCE_SECONDS:
        now = at + datetime.timedelta(seconds=time.monotonic() - began)
        again = execution.advance(request, at=now)
        request.refresh_from_db()
        if again is None:
            return
        time.sleep(min(max((again - now).total_seconds(), 0.05), NAP_SECONDS))


def again_in_stores(request: ErasureRequest, at: datetime.datetime) -> Replayed:
    """Count an erasure that the portal knows as complete: its rows are gone, and each store beside the database is asked.

    Without the tombstone that says so, nothing was counted.
    """
    if not Tombstone.objects.filter(customer_number=request.number).exists():
        return Replayed(request.reference, 0, None)
    back, rows = recounting.repeat(request, at=at), Customer.objects.filter(pk=request.number).count()
    return Replayed(request.reference, back.deleted, None if back.left is None else back.left + rows)


def begin_again(entry: LedgerEntry, at: datetime.datetime) -> ErasureRequest:
    """Return the request as it has to be carried out: made anew when the backup did not have it, begun when it was not.

    From here on it keeps the portal closed until it is verified. Raises WrongAccount.
    """
    taken = Customer.objects.filter(pk=entry.customer_number).exclude(reference=entry.customer_reference)
    if taken.exists():
        raise WrongAccount(entry.request_reference)
    request = ErasureRequest.objects.filter(reference=entry.request_reference).first() or made_anew(entry, at)
    bring_back_certificates(request)
    if request.state != State.COMPLETED:
        mark(request, entry, at)
    return request


@transaction.atomic
def mark(request: ErasureRequest, entry: LedgerEntry, at: datetime.datetime) -> None:
    """Close the portal for the request, and have what was not begun or stood still go on: nobody can reach the desk now."""
    ErasureRequest.objects.filter(pk=request.pk, repeating_since=None).update(repeating_since=at)
    if request.certificates.exists():  # it was complete: a pause in the backup was over
        ErasureRequest.objects.filter(pk=request.pk).update(paused_at=None, paused_why="")
    request.refresh_from_db()
    if request.state == State.REQUESTED:
        move(request, State.FENCED, at=at, started_at=at, customer_number=entry.customer_number)
        fencing.raise_fence(request, at=at)
    elif request.state == State.BLOCKED:
        steering.try_again(request, at=at)


def made_anew(entry: LedgerEntry, at: datetime.datetime) -> ErasureRequest:
    customer = Customer.objects.filter(pk=entry.customer_number).first()
    copy = LedgerCertificate.objects.using(ALIAS).filter(request_reference=entry.request_reference).first()
    return ErasureRequest.objects.create(
        reference=entry.request_reference,
        customer=customer,
        customer_reference=entry.customer_reference,
        customer_number=entry.customer_number,
        language=copy.language if copy else customer.language if customer else "de",
        data_return=copy.data_return if copy else ErasureRequest.Return.UNSAID,
        requested_at=entry.requested_at,
        not_before=max(min(at, entry.written_at), entry.requested_at + datetime.timedelta(microseconds=1)),
        due_date=entry.due_date,
    )


def bring_back_certificates(request: ErasureRequest) -> None:
    """Enter the certificates that the backup did not have: their holders go on checking them."""
    for copy in LedgerCertificate.objects.using(ALIAS).filter(request_reference=request.reference).order_by("pk"):
        ErasureCertificate.objects.get_or_create(
            reference=copy.reference,
            defaults={
                "request": request,
                "kind": copy.kind,
                "supplements": ErasureCertificate.objects.filter(reference=copy.supplements).first() if copy.supplements else None,
                "canonical": bytes(copy.canonical),
                "sha256": hashlib.sha256(bytes(copy.canonical)).hexdigest(),
                "pdf_sha256": copy.pdf_sha256,
                "leaf_hash": copy.leaf_hash,
                "signature": copy.signature,
                "public_key": copy.public_key,
                "issued_at": copy.issued_at,
            },
        )


def bring_back_supplements() -> None:
    """Enter what was issued since the backup about erasures that were complete in it: nothing of them is done again."""
    known = set(ErasureCertificate.objects.values_list("reference", flat=True))
    lacking = LedgerCertificate.objects.using(ALIAS).exclude(reference__in=known).values_list("request_reference", flat=True)
    for request in ErasureRequest.objects.filter(reference__in=list(lacking)):
        bring_back_certificates(request)


def left_of(request: ErasureRequest) -> int | None:
    """Return how much of the account is there now; None for whatever was not counted or is not at its end."""
    if request.state != State.WAITING:
        return None
    numbers = [finding.number for finding in proving.verify_account(request)]
    return None if None in numbers else sum(number for number in numbers if number)


def pass_over_numbers(numbers: list[int]) -> None:
    """Count the sequence of companies beyond every erased one: numbers of the time after the backup would be given again."""
    highest = max(numbers, default=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence('customers_customer', 'id')")
        (sequence,) = cursor.fetchone()
        cursor.execute("SELECT COALESCE(pg_sequence_last_value(%s::regclass), 0)", [sequence])
        (last,) = cursor.fetchone()
        if last < highest:
            cursor.execute("SELECT max(nextval(%s::regclass)) FROM generate_series(%s, %s)", [sequence, last + 1, highest])
