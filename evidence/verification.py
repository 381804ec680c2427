"""Check the whole ledger again from its bytes: each event, the order, every seal, every commitment.

It reads an exported structure, so that the same functions judge the database, a backup and the tests' forgeries.
What it cannot see alone is a tail that was removed together with its seals, or a ledger written anew from the first
event: for that, hand it a root that somebody outside holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from evidence import canonical, merkle

FAULTS_NAMED = 100


class StoredEvent(NamedTuple):
    """A row of evidence_event, as far as it can be checked."""

    event_id: int
    canonical: bytes
    leaf_hash: bytes
    commitment: bytes | None


class StoredPlace(NamedTuple):
    """A row of evidence_place with the event it names, or None when there is no such event."""

    sequence: int
    event_id: int
    event: StoredEvent | None


class StoredSeal(NamedTuple):
    """A row of evidence_seal."""

    size: int
    root: bytes
    frontier: bytes


class StoredPersonal(NamedTuple):
    """A row of evidence_personal."""

    commitment: bytes
    salt: bytes
    content: bytes


class Ledger(NamedTuple):
    """All four tables of one moment; places and seals in their order."""

    places: Iterable[StoredPlace]
    seals: Iterable[StoredSeal]
    unplaced: Iterable[StoredEvent]
    personal: Iterable[StoredPersonal]


class HeldRoot(NamedTuple):
    """A root that somebody outside kept, with the number of events it covers."""

    size: int
    root: bytes


class Fault(NamedTuple):
    """One deviation: the place and the event it was found at, as far as they are known, and what is wrong."""

    sequence: int | None
    event_id: int | None
    what: str

    def __str__(self) -> str:
        named = [("place", self.sequence), ("event", self.event_id)]
        return ", ".join([*(f"{name} {number}" for name, number in named if number is not None), self.what])


@dataclass
class Report:
    """What a verification found."""

    faults: list[Fault] = field(default_factory=list)
    faults_in_all: int = 0
    sealed: int = 0
    unsealed: int = 0
    redacted: int = 0
    diverges: bool = False
    root: bytes = merkle.EMPTY_ROOT

    @property
    def exit_code(self) -> int:
        """0 valid, 10 with an unsealed tail, 20 with redacted items, 30 diverges from the held root, 40 broken."""
        states = ((self.faults_in_all, 40), (self.diverges, 30), (self.redacted, 20), (self.unsealed, 10))
        return next((code for found, code in states if found), 0)

    def note(self, faults: Iterable[Fault]) -> None:
        for fault in faults:
            self.faults_in_all += 1
            if len(self.faults) < FAULTS_NAMED:
                self.faults.append(fault)


class Commitments:
    """Which commitments the events made, and which of them they declared redacted."""

    def __init__(self) -> None:
        self.made: dict[bytes, int] = {}
        self.redacted: set[bytes] = set()

    def add(self, event: StoredEvent) -> None:
        if event.commitment is not None:
            self.made[event.commitment] = event.event_id
        if b'"kind":"redacted"' in event.canonical:
            self.redacted.add(redacted_commitment(event.canonical))


def redacted_commitment(stored: bytes) -> bytes:
    """Return the commitment that a 'redacted' event names; empty bytes for any other event."""
    try:
        content = canonical.parse_event(stored)
        return bytes.fromhex(content["facts"]["commitment"]) if content["kind"] == "redacted" else b""
    except (ValueError, KeyError, TypeError):
        return b""  # its fault is reported where the event itself is checked


def verify(ledger: Ledger, *, held: HeldRoot | None = None) -> Report:
    """Check everything; the order matters only for memory: the unsealed tail is short, the rest streams."""
    report, commitments = Report(), Commitments()
    tail = unsealed_leaves(ledger.unplaced, report, commitments)
    check_sealed(ledger, report, commitments, tail=tail, held=held)
    report.note(personal_faults(ledger.personal, report, commitments))
    return report


def unsealed_leaves(events: Iterable[StoredEvent], report: Report, commitments: Commitments) -> set[bytes]:
    """Check the events without a place and return their hashes."""
    leaves: set[bytes] = set()
    for event in events:
        report.unsealed += 1
        report.note(event_faults(event, sequence=None))
        if event.leaf_hash in leaves:
            report.note([Fault(None, event.event_id, "the same event is stored twice")])
        leaves.add(event.leaf_hash)
        commitments.add(event)
    return leaves


def check_sealed(ledger: Ledger, report: Report, commitments: Commitments, *, tail: set[bytes], held: HeldRoot | None) -> None:
    """Walk through the order once, from seal to seal, and compute every root again."""
    places = iter(ledger.places)
    frontier: list[bytes] = []
    stops: Iterator[StoredSeal | HeldRoot] = iter(with_held(ledger.seals, held))
    for stop in stops:
        leaves = take(places, report, commitments, until=stop.size, tail=tail)
        frontier = merkle.extend(frontier, report.sealed, leaves)
        report.sealed += len(leaves)
        if isinstance(stop, HeldRoot):
            report.diverges = (report.sealed, merkle.root(frontier)) != stop
        else:
            report.note(seal_faults(stop, frontier, report.sealed))
    report.root = merkle.root(frontier)
    for place in places:
        report.note([Fault(place.sequence, place.event_id, "has a place, but no seal covers it")])


def with_held(seals: Iterable[StoredSeal], held: HeldRoot | None) -> list[StoredSeal | HeldRoot]:
    """Return the seals in order of their size with the held root among them."""
    stops: list[StoredSeal | HeldRoot] = [*seals]
    if held is not None:
        stops.append(held)
    return sorted(stops, key=lambda stop: stop.size)


def take(places: Iterator[StoredPlace], report: Report, commitments: Commitments, *, until: int, tail: set[bytes]) -> list[bytes]:
    """Check the next places up to the size of a seal and return the leaf hashes that their bytes really have."""
    leaves: list[bytes] = []
    for expected, place in zip(range(report.sealed, until), places, strict=False):  # in this order no place is lost
        report.note(place_faults(place, expected, tail))
        leaves.append(merkle.leaf(place.event.canonical if place.event else b""))
        if place.event is not None:
            commitments.add(place.event)
    return leaves


def place_faults(place: StoredPlace, expected: int, tail: set[bytes]) -> Iterator[Fault]:
    if place.sequence != expected:
        yield Fault(expected, None, f"expected here, found place {place.sequence}")
    if place.event is None:
        yield Fault(place.sequence, place.event_id, "the event is missing")
        return
    if place.event.event_id != place.event_id:
        yield Fault(place.sequence, place.event_id, f"leads to event {place.event.event_id}")
    if place.event.leaf_hash in tail:
        yield Fault(place.sequence, place.event_id, "the same event is stored twice")
    yield from event_faults(place.event, sequence=place.sequence)


def event_faults(event: StoredEvent, *, sequence: int | None) -> Iterator[Fault]:
    """Check one event for itself: hash, canonical form, commitment."""
    if event.leaf_hash != merkle.leaf(event.canonical):
        yield Fault(sequence, event.event_id, "the leaf hash is not that of the stored bytes")
    try:
        content = canonical.parse_event(event.canonical)
    except canonical.NotCanonical as error:
        yield Fault(sequence, event.event_id, str(error))
        return
    if content.get("commitment") != (event.commitment.hex() if event.commitment is not None else None):
        yield Fault(sequence, event.event_id, "the column and the event name different commitments")


def seal_faults(stored: StoredSeal, frontier: list[bytes], size: int) -> Iterator[Fault]:
    if size != stored.size:
        yield Fault(size, None, f"the place is missing, but seal {stored.size} covers it")
    if stored.root != merkle.root(frontier):
        yield Fault(None, None, f"seal {stored.size}: the root is not that of the events")
    if stored.frontier != b"".join(frontier):
        yield Fault(None, None, f"seal {stored.size}: the subtree roots are not those of the events")


def personal_faults(rows: Iterable[StoredPersonal], report: Report, commitments: Commitments) -> Iterator[Fault]:
    """Check that personal data match their commitment, and that none is gone without a 'redacted' event."""
    missing = dict(commitments.made)
    for row in rows:
        event_id = missing.pop(row.commitment, None)
        if event_id is None:
            yield Fault(None, None, f"personal data {row.commitment.hex()}: no event commits to them")
        if canonical.commitment_of(salt=row.salt, content=row.content) != row.commitment:
            yield Fault(None, event_id, "the personal data are not those that the event commits to")
        if row.commitment in commitments.redacted:
            yield Fault(None, event_id, "redacted personal data are back; redact them again")
    for commitment, event_id in missing.items():
        if commitment in commitments.redacted:
            report.redacted += 1
        else:
            yield Fault(None, event_id, "the personal data are gone without a 'redacted' event")
