"""Open the desk's file of a request: of an owner in the account, of a visitor with the public form, of somebody who wrote to support."""

from __future__ import annotations

import datetime
import re
import secrets
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

import evidence.services
from customers.models import Customer, Provider, Role, User
from customers.secrets import digest
from deletion import answers, deadlines, ending
from deletion.models import AccountExport, Cancellation, CaseEvent, CaseFile, CasePerson, ErasureRequest
from publishing.references import new_reference

Kind, Source, Identity = CaseFile.Kind, CaseFile.Source, CaseFile.Identity
CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXY"
CODE_LENGTH = 10  # fifty bits; guesses are throttled
LONGEST_NUMBER = 20  # digits of a phone or chat number; device tokens are longer


class ReceivedInTheFuture(Exception):
    """A request cannot have come in later than now."""


class ExportNotTaken(Exception):
    """Somebody says that the data were taken along, and no archive was downloaded."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What somebody asked for, as it was received; ``identifier`` is a subscriber's, ``email`` gets the answer."""

    kind: str
    source: str
    name: str = ""
    email: str = ""
    identifier: str = ""
    message: str = ""
    language: str = "de"
    customer: Customer | None = None
    waives_grace: bool = False
    data_return: str = ErasureRequest.Return.UNSAID


@transaction.atomic
def create_erasure(
    *,
    customer: Customer,
    by: User | None,
    requested_at: datetime.datetime,
    not_before: datetime.datetime,
    data_return: str,
    reference: str = "",
    due_date: datetime.date | None = None,
) -> ErasureRequest:
    """Write the request that the engine carries out; it begins by itself at ``not_before``."""
    export = AccountExport.objects.handed_out(customer).first()
    if not reference or ErasureRequest.objects.filter(reference=reference).exists():  # of the same file, and was withdrawn
        reference = new_reference("LA", timezone.localdate(requested_at).year)
    return ErasureRequest.objects.create(
        **(export.facts if export else {}),
        reference=reference,
        customer=customer,
        customer_reference=customer.reference,
        customer_number=customer.pk,
        language=customer.language,
        requested_by=by,
        requested_at=requested_at,
        not_before=not_before,
        due_date=due_date or deadlines.due_date(received_at=requested_at, country=country_of_provider()),
        data_return=data_return,
    )


def country_of_provider() -> str:
    provider = Provider.objects.first()
    return provider.country if provider else ""


@transaction.atomic
def open_for(erasure: ErasureRequest, *, source: str, by: User | None, at: datetime.datetime) -> CaseFile:
    """Open the file of a deletion that an owner asked for after signing in again: nothing is left to check."""
    case = CaseFile.objects.create(
        reference=erasure.reference,
        kind=Kind.ACCOUNT,
        source=source,
        language=erasure.language,
        customer=erasure.customer,
        customer_reference=erasure.customer_reference,
        erasure=erasure,
        received_at=erasure.requested_at,
        recorded_at=max(at, erasure.requested_at),
        due_date=erasure.due_date,
        data_return=erasure.data_return,
    )
    write_event(case, "case.opened", by=by, at=at, detail=source)
    return case


def receive_request(*, asked: Asked, secret: str, at: datetime.datetime) -> CaseFile:
    """Open the file of what a visitor sent; the same form sent twice, of which the secret is one, makes one file and one code."""
    earlier = CaseFile.objects.filter(secret_sha256=digest(secret))
    if not earlier.exists():
        try:
            return record_case(asked=asked, received_at=at, by=None, at=at, secret=secret)[0]
        except IntegrityError:  # a second click was faster; its file is the one
            pass
    return earlier.get()


@transaction.atomic
def record_case(
    *, asked: Asked, received_at: datetime.datetime, by: User | None, at: datetime.datetime, secret: str = ""
) -> tuple[CaseFile, str]:
    """Open the file of a request and return it with the code of its status page ("" where nobody can be written to).

    The same request twice makes two files: the second names the first and has to pass the same checks.
    Raises ReceivedInTheFuture, or ExportNotTaken where the data are said to be handed out and no download is on record.
    """
    if received_at > at:
        raise ReceivedInTheFuture
    if asked.data_return == ErasureRequest.Return.TAKEN:
        demand_download(asked.customer)
    earlier, doubt, code = looks_like(asked), doubt_about(asked), new_code() if asked.email else ""
    case = CaseFile.objects.create(
        reference=new_reference("LA" if asked.kind == Kind.ACCOUNT else "BA", timezone.localdate(received_at).year),
        kind=asked.kind,
        source=asked.source,
        language=asked.language,
        customer=asked.customer,
        customer_reference=asked.customer.reference if asked.customer else None,
        received_at=received_at,
        recorded_at=at,
        recorded_by=by,
        due_date=deadlines.due_date(received_at=received_at, country=country_of_provider()),
        identity=Identity.OPEN if doubt else Identity.CLEAR,
        doubt=doubt,
        waives_grace=asked.waives_grace,
        data_return=asked.data_return,
        duplicate_of=earlier,
        code_sha256=digest(code) if code else "",
        secret_sha256=digest(secret) if secret else "",
    )
    CasePerson.objects.create(case=case, name=asked.name, email=asked.email, identifier=asked.identifier.strip(), message=asked.message)
    write_event(case, "case.opened", by=by, at=at, detail=asked.source)
    answers.acknowledge(case, code)
    answers.tell_provider(case)
    return case, code


@transaction.atomic
def open_for_cancellation(cancellation: Cancellation, *, at: datetime.datetime) -> CaseFile:
    """Open the file of the deletion that follows a cancelled contract, due on the day that the confirmation names (Art. 28(3)(g) GDPR).

    Who cancelled from the account is known. Of who used the public page neither company nor authority is settled.
    """
    company = cancellation.customer
    asked = Asked(kind=Kind.ACCOUNT, source=Source.CONTRACT, customer=company)
    case = CaseFile.objects.create(
        reference=new_reference("LA", timezone.localdate(cancellation.received_at).year),
        kind=asked.kind,
        source=asked.source,
        language=cancellation.language,
        cancellation=cancellation,
        customer=company,
        customer_reference=company.reference if company else None,
        received_at=cancellation.received_at,
        recorded_at=at,
        due_date=ending.of(cancellation).erased,
        identity=Identity.CLEAR if company else Identity.OPEN,
        doubt="" if company else CaseFile.Doubt.NO_AUTHORITY,
        duplicate_of=looks_like(asked) if company else None,
    )
    CasePerson.objects.create(case=case, name=cancellation.name, email=cancellation.email)
    write_event(case, "case.opened", by=None, at=at, detail=asked.source)
    return case


def demand_download(customer: Customer | None) -> None:
    """Raise ExportNotTaken unless somebody of the company downloaded an archive of its data: what is certified was seen here."""
    if customer is None or not AccountExport.objects.taken_by(customer).exists():
        raise ExportNotTaken


def new_code() -> str:
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def looks_like(asked: Asked) -> CaseFile | None:
    """Return an open request about the same company or person, to be seen beside this one."""
    rows = CaseFile.objects.open().filter(kind=asked.kind)
    if asked.customer is not None:
        rows = rows.filter(customer=asked.customer)
    elif asked.identifier:
        rows = rows.filter(person__identifier=asked.identifier.strip())
    elif asked.email:
        rows = rows.filter(person__email__iexact=asked.email)
    else:
        return None
    return rows.first()


def doubt_about(asked: Asked) -> str:
    """Return why the sender's identity is open, or "" where nothing speaks against it (Art. 12(6) GDPR).

    An owner's address on a letter clears no more than the usual way, in which every owner is told and can withdraw.
    Who knows a push endpoint or a device token holds the device (Art. 11 GDPR); a phone or chat number others know as well.
    An address that anybody could type has to be confirmed.
    """
    if asked.kind == Kind.ACCOUNT:
        owners = asked.customer.people_with(Role.OWNER) if asked.customer else User.objects.none()
        return "" if owners.filter(email__iexact=asked.email).exists() else CaseFile.Doubt.NO_AUTHORITY
    if asked.kind in (Kind.PERSON_ERASURE, Kind.PERSON_ACCESS):
        return CaseFile.Doubt.MAILBOX
    return CaseFile.Doubt.NUMBER if is_known_to_others(asked.identifier) else ""


def is_known_to_others(identifier: str) -> bool:
    """Say whether the identifier is a number or a name; by its shape alone, so that no answer tells what is stored."""
    bare = re.sub(r"[\s()+./-]", "", identifier)
    return (bare.isdigit() and len(bare) <= LONGEST_NUMBER) or bare.startswith("@")


@transaction.atomic
def confirm_mailbox(*, case: CaseFile, at: datetime.datetime) -> CaseFile:
    """Note that the code which was mailed came back: whoever entered it reads the mailbox. Twice changes nothing."""
    doubted = Q(identity=Identity.OPEN, doubt=CaseFile.Doubt.MAILBOX)
    urgent = Q(kind=Kind.ACCOUNT, identity=Identity.CLEAR, waives_grace=True)  # clear: the address is an owner's
    waiting = CaseFile.objects.open().filter(doubted | urgent, pk=case.pk).values("pk")
    if CaseFile.objects.filter(pk__in=waiting).update(identity=Identity.PROVEN, proof=CaseFile.Proof.MAILBOX):
        write_event(case, "identity.proven", by=None, at=at, detail=CaseFile.Proof.MAILBOX)
    case.refresh_from_db()
    return case


def note_withdrawal(erasure: ErasureRequest, *, by: User, at: datetime.datetime) -> CaseFile | None:
    """Write on the file that an owner took the deletion back; return it where it is to be decided anew, since a cancelled contract ends."""
    case = CaseFile.objects.filter(erasure=erasure).first()
    if case is None:
        return None
    write_event(case, "request.withdrawn", by=by, at=at)
    if case.cancellation_id is None:
        return None
    case.erasure = case.approved_at = case.approved_by = None
    case.save(update_fields=["erasure", "approved_at", "approved_by"])
    return case


def write_event(case: CaseFile, code: str, *, by: User | None, at: datetime.datetime, detail: str = "") -> None:
    """Append to the file's timeline and to the ledger; both hold codes and random references, nobody's name but staff's."""
    add_to_timeline(case, code, by=by, at=at, detail=detail)
    facts = {
        "kind": case.kind,
        "detail": detail,
        "by": str(by.reference) if by is not None else None,
        "customer": str(case.customer_reference) if case.customer_reference else None,
    }
    evidence.services.record(kind=f"desk.{code}", facts=facts, subject=case.reference, happened_at=at)


def add_to_timeline(case: CaseFile, code: str, *, by: User | None, at: datetime.datetime, detail: str = "") -> None:
    """Append to the file's timeline what stands in the ledger already."""
    name = by.full_name if by is not None and by.is_staff else ""
    reference = by.reference if by is not None else None
    CaseEvent.objects.create(case=case, code=code, detail=detail, by_reference=reference, by_name=name, at=at)
