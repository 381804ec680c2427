"""What support decides about a request: who works on it, who the sender is, more time, a refusal, an approval, the start."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.utils import timezone

import jobs.services
from customers.models import ChannelType, User
from deletion import answers, deadlines, ending, handling, letters, steering
from deletion.intake import country_of_provider, create_erasure, write_event
from deletion.models import CaseFile, CaseNote, ErasureRequest
from subscriptions.models import Subscription

Identity, State = CaseFile.Identity, CaseFile.State


class Closed(Exception):
    """The request has ended, or its deletion has begun: nothing is left to decide."""


class IdentityOpen(Exception):
    """Somebody has to prove first who asked."""


class SecondPersonNeeded(Exception):
    """Above the limit somebody else than who recorded or checked the request has to approve it."""


class NotApproved(Exception):
    """Nothing starts without an approval."""


class StillWithdrawable(Exception):
    """The company did not ask for an immediate start: its time to withdraw runs."""


class UnprovenWaiver(Exception):
    """The company asked for an immediate start, and nobody proved that an owner did: the time to withdraw stays."""


class AnotherIsOpen(Exception):
    """A deletion of this account is asked for already and runs by its own rules."""


class CustomerUnknown(Exception):
    """Nobody has said yet whose contract was cancelled."""


class ReturnUnsaid(Exception):
    """Nobody asked whether the data are to be returned first (Art. 28(3)(g) GDPR)."""


class TooLateToExtend(Exception):
    """An extension has to be told within the first month, and there is one only (Art. 12(3) GDPR)."""


class NothingToDoubt(Exception):
    """The identity is open already, or was proven."""


def lock(case: CaseFile) -> CaseFile:
    """Return the row, locked; two people who decide at the same moment decide one after the other."""
    return CaseFile.objects.select_for_update(of=("self",)).select_related("erasure", "customer", "cancellation").get(pk=case.pk)


def demand_open(case: CaseFile) -> None:
    ended = case.erasure is not None and case.erasure.state in (ErasureRequest.State.WITHDRAWN, ErasureRequest.State.COMPLETED)
    if case.state != State.OPEN or ended:
        raise Closed


@transaction.atomic
def assign(*, cases: Iterable[CaseFile], to: User | None, by: User, at: datetime.datetime) -> int:
    """Give open requests to a member of staff, or to nobody; return how many changed hands. What has ended stays as it is."""
    changed = 0
    for case in CaseFile.objects.open().filter(pk__in=[case.pk for case in cases]):
        if CaseFile.objects.filter(pk=case.pk).exclude(assigned_to=to).update(assigned_to=to):
            write_event(case, "case.assigned" if to else "case.unassigned", by=by, at=at)
            changed += 1
    return changed


@transaction.atomic
def add_note(*, case: CaseFile, text: str, by: User, at: datetime.datetime) -> CaseNote:
    return CaseNote.objects.create(case=case, text=text.strip(), by_name=by.full_name, at=at)


@transaction.atomic
def doubt(*, case: CaseFile, reason: str, by: User, at: datetime.datetime) -> CaseFile:
    """Ask the sender to prove who he is, for a reason (Art. 12(6) GDPR); a deletion that waits or runs is paused meanwhile."""
    case = lock(case)
    demand_open(case)
    if case.identity != Identity.CLEAR:
        raise NothingToDoubt
    case.identity, case.doubt = Identity.OPEN, reason
    case.save(update_fields=["identity", "doubt"])
    if case.erasure is not None:
        steering.pause(request=case.erasure, why=ErasureRequest.Pause.IDENTITY, by=by, at=at)
    write_event(case, "identity.doubted", by=by, at=at, detail=reason)
    answers.send(case, answers.question(case))
    return case


@transaction.atomic
def ask(*, case: CaseFile, by: User, at: datetime.datetime) -> CaseFile:
    """Ask the sender, once, to remove the doubt with which the portal itself opened the file (Art. 12(6) GDPR). Raises NothingToDoubt.

    The doubt stays the one that it was: no other reason can make a proof count that does not remove it.
    """
    case = lock(case)
    demand_open(case)
    if not can_be_asked(case):
        raise NothingToDoubt
    write_event(case, "identity.doubted", by=by, at=at, detail=case.doubt)
    answers.send(case, answers.question(case))
    return case


def can_be_asked(case: CaseFile) -> bool:
    """Say whether the sender can be written to about an open doubt and was not yet; a mailbox is asked for with the receipt."""
    is_in_doubt = case.identity == Identity.OPEN and case.doubt != CaseFile.Doubt.MAILBOX
    return is_in_doubt and bool(answers.addresses_of(case)) and not case.events.filter(code="identity.doubted").exists()


@transaction.atomic
def settle_identity(*, case: CaseFile, proof: str, by: User, at: datetime.datetime) -> CaseFile:
    """Note how the doubt was removed, or who wants a start at once proved it; a deletion that was paused for the doubt goes on."""
    case = lock(case)
    demand_open(case)
    if case.identity != Identity.OPEN and not case.lacks_proof_for_start:
        raise NothingToDoubt
    case.identity, case.proof = Identity.PROVEN, proof
    case.save(update_fields=["identity", "proof"])
    if case.erasure is not None and case.erasure.paused_why == ErasureRequest.Pause.IDENTITY:
        steering.resume(request=case.erasure, by=by, at=at)
    write_event(case, "identity.proven", by=by, at=at, detail=proof)
    return case


@transaction.atomic
def extend(*, case: CaseFile, reason: str, by: User, at: datetime.datetime) -> CaseFile:
    """Take the two further months of Art. 12(3) GDPR and tell the sender why. Raises TooLateToExtend."""
    case = lock(case)
    demand_open(case)
    if not case.can_be_extended(timezone.localdate(at)):
        raise TooLateToExtend
    case.due_date = deadlines.extended_due_date(received_at=case.received_at, country=country_of_provider())
    case.extended_at, case.extended_by, case.extension = at, by, reason
    case.save(update_fields=["due_date", "extended_at", "extended_by", "extension"])
    if case.erasure is not None:
        ErasureRequest.objects.filter(pk=case.erasure.pk).update(due_date=case.due_date)
    write_event(case, "deadline.extended", by=by, at=at, detail=reason)
    answers.send(case, answers.extension(case, reason=reason, due_date=case.due_date))
    return case


@transaction.atomic
def reject(*, case: CaseFile, reason: str, explanation: str, by: User, at: datetime.datetime) -> CaseFile:
    """Refuse with the reason and the remedies (Art. 12(4) GDPR); a deletion that was begun or approved is not refused, it is paused or held."""
    case = lock(case)
    demand_open(case)
    if case.erasure is not None:
        raise Closed
    case.state, case.refusal, case.ended_at, case.ended_by = State.REJECTED, reason, at, by
    case.save(update_fields=["state", "refusal", "ended_at", "ended_by"])
    write_event(case, "case.rejected", by=by, at=at, detail=reason)
    answers.send(case, answers.refusal(case, reason=reason, explanation=explanation))
    handling.forget_identifier(case)
    return case


def subscriptions_of(case: CaseFile) -> int:
    return Subscription.objects.filter(customer=case.customer).count() if case.customer else 0


def needs_second_person(case: CaseFile) -> bool:
    """Say whether the account is so large that who recorded the request may not approve it."""
    return case.kind == CaseFile.Kind.ACCOUNT and subscriptions_of(case) > settings.ERASURE_SECOND_PERSON_ABOVE


def needs_doubt(case: CaseFile) -> bool:
    """Say whether somebody gave a messenger's identifier, which others may know, and nobody has made sure yet that it is theirs."""
    is_unasked = case.is_about_subscriber and case.state == State.OPEN and case.identity == Identity.CLEAR
    return is_unasked and any(row.channel_type.kind == ChannelType.Kind.MESSENGER for row in handling.subscriptions_of(case.person))


def may_approve(case: CaseFile, by: User) -> bool:
    """Say whether this person may approve: below the limit whoever starts deletions, above it a second one with the right to."""
    if not needs_second_person(case):
        return by.has_perm("deletion.run_casefile") or by.has_perm("deletion.approve_casefile")
    return by.has_perm("deletion.approve_casefile") and by.pk not in {case.recorded_by_id, *who_checked(case)}


def who_checked(case: CaseFile) -> list[int]:
    """Return who settled from whom the request came, and whose account it means."""
    references = case.events.filter(code__in=("identity.proven", "cancellation.linked")).exclude(by_reference=None).values("by_reference")
    return list(User.objects.filter(reference__in=references).values_list("pk", flat=True))


@transaction.atomic
def approve(*, case: CaseFile, by: User, at: datetime.datetime) -> CaseFile:
    """Approve the request after all checks. An account's deletion then waits until it can no longer be withdrawn.

    Raises Closed, IdentityOpen, SecondPersonNeeded, CustomerUnknown, ReturnUnsaid or AnotherIsOpen; being a duplicate spares no check.
    """
    case = lock(case)
    demand_open(case)
    if case.identity == Identity.OPEN or needs_doubt(case):
        raise IdentityOpen
    if not may_approve(case, by):
        raise SecondPersonNeeded
    if case.approved_at is not None:
        return case
    if case.kind == CaseFile.Kind.ACCOUNT:
        case.erasure = erasure_for(case, at)
    case.approved_at, case.approved_by = at, by
    case.save(update_fields=["erasure", "approved_at", "approved_by"])
    write_event(case, "case.approved", by=by, at=at)
    if case.erasure is not None:
        letters.tell_owners(case.erasure, "deletion_requested")
    return case


def erasure_for(case: CaseFile, at: datetime.datetime) -> ErasureRequest:
    if case.customer is None:
        raise CustomerUnknown if case.source == CaseFile.Source.CONTRACT else Closed
    if case.data_return == ErasureRequest.Return.UNSAID and case.source != CaseFile.Source.CONTRACT:
        raise ReturnUnsaid  # after a cancellation the data can be retrieved until the deletion begins, and a download is noted
    if ErasureRequest.objects.open().filter(customer_reference=case.customer.reference).exists():
        raise AnotherIsOpen
    return create_erasure(
        customer=case.customer,
        by=None,
        requested_at=case.received_at,
        not_before=begins_at(case, at),
        data_return=case.data_return,
        reference=case.reference,
        due_date=case.due_date,
    )


def begins_at(case: CaseFile, approved_at: datetime.datetime) -> datetime.datetime:
    """Return when the deletion begins by itself if it is approved at this moment, and until when owners can withdraw it."""
    if case.cancellation is None:
        return deadlines.end_of_grace_before(case.due_date, approved_at=approved_at)
    return deadlines.end_of_retrieval(ending.of(case.cancellation).retrieval, approved_at=approved_at)


def last_day_before(case: CaseFile, at: datetime.datetime) -> datetime.date | None:
    """Return the last whole day before the deletion that follows a cancelled contract would begin; None for other requests."""
    return timezone.localdate(begins_at(case, at) - datetime.timedelta(microseconds=1)) if case.cancellation else None


def run(*, case: CaseFile, by: User, at: datetime.datetime) -> CaseFile:
    """Start what was approved: at once where the company asked for that or its time to withdraw is over.

    A person's request is carried out here and now. Raises Closed, NotApproved, IdentityOpen, UnprovenWaiver or StillWithdrawable,
    and what ``handling.carry_out`` raises.
    """
    with transaction.atomic():
        case = lock(case)
        demand_open(case)
        if case.identity == Identity.OPEN:
            raise IdentityOpen
        if case.kind == CaseFile.Kind.ACCOUNT:
            start_erasure(case, at)
            write_event(case, "case.started", by=by, at=at)
            return case
        if case.approved_at is None:
            raise NotApproved
    try:
        return handling.carry_out(case, by=by, at=at)
    except handling.EndedMeanwhile:
        raise Closed from None


def start_erasure(case: CaseFile, at: datetime.datetime) -> None:
    erasure = case.erasure
    if erasure is None:
        raise NotApproved
    if erasure.state != ErasureRequest.State.REQUESTED:
        raise Closed
    if at < erasure.not_before:
        if case.lacks_proof_for_start:
            raise UnprovenWaiver
        if not (case.may_start_at_once and case.approved_at):
            raise StillWithdrawable
        ErasureRequest.objects.filter(pk=erasure.pk).update(not_before=at)
    put_first_slice(erasure)


def put_first_slice(erasure: ErasureRequest) -> None:
    """Have the engine look at the request now instead of at its next round; the kind is the one that deletion.tasks registers."""
    subject = f"{erasure.reference}/{erasure.slices}"
    jobs.services.put(kind="deletion.advance", key=f"erase:{subject}", subject=subject)
