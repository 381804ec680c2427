"""After a restored backup: erase again what single subscribers and people had erased since, and end what was cancelled since."""

from __future__ import annotations

import datetime
import uuid
from typing import NamedTuple

from django.db import transaction

import subscriptions.ledger
from customers import ledger
from customers.models import LedgerErasure, SingleErasure, User
from deletion import handling, persons, proving
from deletion.models import CaseFile

Kind = LedgerErasure.Kind


class Repeated(NamedTuple):
    """What the repetition of one erasure found and left; ``left`` is None when it was not counted."""

    reference: str
    resurrected: int
    left: int | None


def unknown() -> list[str]:
    """Return the single erasures that the ledger has entered and the portal does not know."""
    return [str(reference) for reference in ledger.unknown()]


def repeat(*, since: datetime.datetime, at: datetime.datetime) -> list[Repeated]:
    """Do again what was entered since, and whatever the portal does not know, in its order. Safe to repeat.

    What follows one that is not at zero is done, and stays unknown: so the newest entries always tell whether something is missing.
    """
    entered: dict[uuid.UUID, list[LedgerErasure]] = {}
    for entry in LedgerErasure.objects.using(ledger.ALIAS).order_by("written_at", "pk").iterator():
        entered.setdefault(entry.reference, []).append(entry)
    known = set(SingleErasure.objects.values_list("reference", flat=True))
    wanted = {ref: group for ref, group in entered.items() if ref not in known or group[0].written_at >= since}
    addresses = addresses_of([entry for group in wanted.values() for entry in group])
    done = []
    for reference, group in wanted.items():
        parts = [once_more(entry, addresses, at) for entry in group]
        lefts = [left for _number, left in parts]
        left = None if None in lefts else sum(number for number in lefts if number)
        done.append(Repeated(str(reference), sum(number for number, _left in parts), left))
        if all(each.left == 0 for each in done):
            SingleErasure.objects.get_or_create(reference=reference, defaults={"begun_at": group[0].happened_at})
    return done


def addresses_of(entries: list[LedgerErasure]) -> dict[int, list[str]]:
    """Return the stored addresses of each entry about a person; the tables are read once for all of them."""
    people = [entry for entry in entries if entry.kind == Kind.PERSON]
    hashes = {text for entry in people for text in entry.hashes}
    stored = {address: set(ledger.digests_of_address(address)) for address in persons.of_addresses(hashes)} if hashes else {}
    return {entry.pk: [address for address, texts in stored.items() if texts.intersection(entry.hashes)] for entry in people}


def once_more(entry: LedgerErasure, addresses: dict[int, list[str]], at: datetime.datetime) -> tuple[int, int | None]:
    """Repeat one entry and count. A request that the backup shows as open is closed with it."""
    if entry.kind == Kind.PERSON:
        number, left = again_for_person(entry, addresses[entry.pk])
    else:
        number, left = subscriptions.ledger.repeat(entry, at=at), left_of(entry)
    if left == 0 and entry.case_reference:
        close(entry.case_reference, number, at)
    return number, left


def left_of(entry: LedgerErasure) -> int | None:
    try:
        with proving.as_verifier():
            proving.refuse_hidden_rows(subscriptions.ledger.TABLE)
            return subscriptions.ledger.back(entry).count()
    except proving.Uncounted:
        return None


def again_for_person(entry: LedgerErasure, addresses: list[str]) -> tuple[int, int | None]:
    """Erase the login with the entry's reference, and what stands under the address since before; a later login is somebody's own."""
    user = User.objects.filter(reference=entry.person_reference, is_staff=False).first() if entry.person_reference else None
    everyone = [persons.Who(address, None, entry.happened_at, entry.case_reference) for address in addresses]
    if user is not None:
        everyone.append(persons.Who(user.email, user, entry.happened_at, entry.case_reference))
    with transaction.atomic():
        number = sum(persons.erase(who) for who in everyone)
    try:
        return number, sum(persons.left_of(who) for who in everyone)
    except proving.Uncounted:
        return number, None


def close(reference: str, number: int, at: datetime.datetime) -> None:
    """Close the request that the backup does not know as carried out, and answer it."""
    case = CaseFile.objects.filter(reference=reference, state=CaseFile.State.OPEN).exclude(approved_at=None).first()
    if case is not None:
        handling.add_affected(case, number)
        handling.finish(case, by=None, at=at)
