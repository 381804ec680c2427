"""What a company can ask for when it leaves: deletion of its account, its withdrawal, a cancellation, its own data."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

import evidence.services
from customers.ledger import NotEntered
from customers.models import Customer, Role, User
from customers.secrets import digest
from deletion import calling, deadlines, handing_over, intake, letters, transitions
from deletion.deciding import (
    AnotherIsOpen,
    Closed,
    CustomerUnknown,
    IdentityOpen,
    NotApproved,
    NothingToDoubt,
    ReturnUnsaid,
    SecondPersonNeeded,
    StillWithdrawable,
    TooLateToExtend,
    UnprovenWaiver,
    add_note,
    approve,
    ask,
    assign,
    doubt,
    extend,
    reject,
    run,
    settle_identity,
)
from deletion.handling import LastOwner, NobodyFound, OnHold
from deletion.handwork import NotFailed, SamePerson, confirm_hand_work, enter_hand_work, retry_step
from deletion.intake import Asked, ExportNotTaken, ReceivedInTheFuture, confirm_mailbox, receive_request, record_case
from deletion.linking import CustomerSettled, link_cancellation
from deletion.models import AccountExport, Cancellation, CaseFile, ErasureRequest, MachineRequest
from deletion.proving import Residue, Uncounted
from deletion.steering import (
    AlreadyConfirmed,
    AlreadyReleased,
    NeverTold,
    NotBlocked,
    move_review,
    note_confirmation,
    note_told,
    pause,
    place_hold,
    release_hold,
    resume,
    retry,
    verify_again,
    wake,
)
from publishing.references import new_reference

__all__ = [
    "AlreadyConfirmed",
    "AlreadyReleased",
    "AnotherIsOpen",
    "Asked",
    "Closed",
    "CustomerSettled",
    "CustomerUnknown",
    "Declaration",
    "ExportNotTaken",
    "IdentityOpen",
    "LastOwner",
    "NeverTold",
    "NobodyFound",
    "NotAnOwner",
    "NotApproved",
    "NotBlocked",
    "NotEntered",
    "NotFailed",
    "NothingToDoubt",
    "OnHold",
    "OtherWords",
    "ReceivedInTheFuture",
    "Residue",
    "ReturnUnsaid",
    "SamePerson",
    "SecondPersonNeeded",
    "StillWithdrawable",
    "TooLateToExtend",
    "TooLateToWithdraw",
    "Uncounted",
    "UnprovenWaiver",
    "add_note",
    "approve",
    "ask",
    "assign",
    "cancel_contract",
    "confirm_hand_work",
    "confirm_mailbox",
    "doubt",
    "enter_hand_work",
    "export_account",
    "extend",
    "link_cancellation",
    "move_review",
    "note_confirmation",
    "note_told",
    "pause",
    "place_hold",
    "receive_request",
    "record_case",
    "reject",
    "release_hold",
    "request_by_system",
    "request_erasure",
    "resume",
    "retry",
    "retry_step",
    "run",
    "settle_identity",
    "verify_again",
    "wake",
    "withdraw_erasure",
]


class NotAnOwner(Exception):
    """Only an owner of the account may have it deleted or take its data."""


class OtherWords(Exception):
    """The number of the request was used before, by somebody else or for something else."""


class TooLateToWithdraw(Exception):
    """The time to withdraw is over, or the request was withdrawn before."""


@transaction.atomic
def request_erasure(
    *,
    customer: Customer,
    by: User,
    at: datetime.datetime,
    data_return: str = ErasureRequest.Return.UNSAID,
    source: str = CaseFile.Source.OWNER,
) -> ErasureRequest:
    """Note that the account is to be deleted; while one request is open, a second call returns it.

    Nothing is erased here: the erasure begins by itself at ``not_before`` and is due on ``due_date``.
    Raises NotAnOwner, or ExportNotTaken where the data are said to be taken along and no archive was downloaded.
    """
    customer = Customer.objects.select_for_update(of=("self",)).get(pk=customer.pk)
    demand_owner(customer, by)
    open_request = ErasureRequest.objects.open().filter(customer_reference=customer.reference).first()
    if open_request is not None:
        return open_request
    if data_return == ErasureRequest.Return.TAKEN:
        intake.demand_download(customer)
    request = intake.create_erasure(
        customer=customer, by=by, requested_at=at, not_before=deadlines.end_of_grace(at), data_return=data_return
    )
    intake.open_for(request, source=source, by=by, at=at)
    record_about(request, "deletion.requested", by, at, due_date=request.due_date.isoformat(), not_before=request.not_before.isoformat())
    letters.tell_owners(request, "deletion_requested")
    letters.tell_provider_of_request(request)
    return request


@transaction.atomic
def request_by_system(
    *, customer: Customer, by: User, number: uuid.UUID, body_sha256: str, callback_urls: list[str], data_return: str, at: datetime.datetime
) -> MachineRequest:
    """Note what a company's system asked under its own number; the same again returns the first.

    Raises NotAnOwner, OtherWords or ExportNotTaken.
    """
    customer = Customer.objects.select_for_update(of=("self",)).get(pk=customer.pk)
    demand_owner(customer, by)
    earlier = MachineRequest.objects.select_related("request").filter(subject_request_id=number).first()
    if earlier is not None:
        if (earlier.body_sha256, earlier.request.customer_reference) != (body_sha256, customer.reference):
            raise OtherWords
        return earlier
    request = request_erasure(customer=customer, by=by, at=at, data_return=data_return, source=CaseFile.Source.API)
    made = MachineRequest.objects.create(
        subject_request_id=number, request=request, body_sha256=body_sha256, received_at=at, callback_urls=callback_urls
    )
    calling.announce(request)
    return made


@transaction.atomic
def withdraw_erasure(*, request: ErasureRequest, by: User, at: datetime.datetime) -> ErasureRequest:
    """Take the request back. Raises NotAnOwner, or TooLateToWithdraw when the time for it is over.

    After a contract was cancelled the data have to go all the same (Art. 28(3)(g) GDPR): the file stays open with its day, to be approved anew.
    """
    request = ErasureRequest.objects.select_for_update(of=("self",)).select_related("customer").get(pk=request.pk)
    if request.customer is None or not request.can_be_withdrawn(at):
        raise TooLateToWithdraw
    demand_owner(request.customer, by)
    transitions.move(request, ErasureRequest.State.WITHDRAWN, at=at, withdrawn_at=at, withdrawn_by=by)
    decided_anew = intake.note_withdrawal(request, by=by, at=at)
    letters.tell_owners(request, "deletion_withdrawn", is_decided_anew=int(decided_anew is not None))
    letters.tell_provider_of_request(request, decided_anew=decided_anew.reference if decided_anew else "")
    return request


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """What somebody declares who cancels; without ``ends_date`` the contract is to end as soon as possible."""

    kind: str
    reason: str = ""
    name: str
    identification: str
    ends_date: datetime.date | None = None
    email: str


def cancel_contract(
    *, declaration: Declaration, secret: str, language: str, received_at: datetime.datetime, customer: Customer | None = None
) -> Cancellation:
    """Receive a cancellation and confirm it at once in text form (§ 312k(4) BGB); the same secret returns the first one.

    The deletion that follows the end of the contract is put on the desk with the day that the confirmation names.
    """
    earlier = Cancellation.objects.filter(secret_sha256=digest(secret))
    if not earlier.exists():
        cancellation = Cancellation(
            reference=new_reference("KU", timezone.localdate(received_at).year),
            secret_sha256=digest(secret),
            customer=customer,
            customer_reference=customer.reference if customer else None,
            received_at=received_at,
            language=language,
            **vars(declaration),
        )
        try:
            return receive(cancellation)
        except IntegrityError:  # a second click was faster; its cancellation is the one
            pass
    return earlier.get()


@transaction.atomic
def receive(cancellation: Cancellation) -> Cancellation:
    facts = {
        "kind": cancellation.kind,
        "ends_date": cancellation.ends_date.isoformat() if cancellation.ends_date else None,
        "customer": str(cancellation.customer.reference) if cancellation.customer else None,
    }
    personal = {name: getattr(cancellation, name) for name in ("name", "identification", "email", "reason")}
    event = evidence.services.record(
        kind="cancellation.received",
        facts=facts,
        subject=cancellation.reference,
        happened_at=cancellation.received_at,
        personal=personal,
    )
    cancellation.commitment = bytes(event.commitment or b"").hex()
    cancellation.save(force_insert=True)
    intake.open_for_cancellation(cancellation, at=cancellation.received_at)
    letters.confirm(cancellation)
    letters.tell_provider_of_cancellation(cancellation)
    return cancellation


@transaction.atomic
def export_account(*, customer: Customer, by: User, at: datetime.datetime) -> AccountExport:
    """Have the company's own data made into a ZIP file by a job; one at a time. Raises NotAnOwner."""
    demand_owner(customer, by)
    return handing_over.ask_for_export(customer=customer, by=by, at=at)


def demand_owner(customer: Customer, by: User) -> None:
    if not by.has_role(customer, Role.OWNER):
        raise NotAnOwner


def record_about(request: ErasureRequest, kind: str, by: User, at: datetime.datetime, **facts: str) -> None:
    about = {"customer": str(request.customer_reference), "by": str(by.reference), **facts}
    evidence.services.record(kind=kind, facts=about, subject=request.reference, happened_at=at)
