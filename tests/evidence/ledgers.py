"""Ledgers for the tests: written through the services, read back as the verification reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from evidence import services
from evidence.export import stored_ledger
from evidence.models import Event
from evidence.verification import Ledger, Report, verify

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
BASIS = "Art. 17 (1) (a) GDPR"


def write_event(number: int = 0, **changes: object) -> Event:
    given = {
        "kind": "dpa.accepted",
        "subject": f"customer:{number}",
        "happened_at": NOON + timedelta(seconds=number),
        "facts": {"number": number},
    }
    return services.record(**(given | changes))  # type: ignore[arg-type]


def write_ledger(events: int, *, batches: int = 7) -> None:
    """Write events, each tenth with personal data, every hundredth of these redacted, sealed in uneven batches."""
    for number in range(events):
        personal = {"name": f"Person {number}", "email": f"{number}@example.com"} if number % 10 == 0 else None
        event = write_event(number, personal=personal)
        if number % 100 == 50 and event.commitment:
            services.redact(commitment=event.commitment, legal_basis=BASIS, at=NOON)
        if number % (events // batches) == number // (events // batches):
            services.seal(at=NOON)
    services.seal(at=NOON)


def read_ledger() -> Ledger:
    """Return the stored ledger in memory, so that it can be changed and read again."""
    return Ledger(*(list(part) for part in stored_ledger()))


def verify_stored() -> Report:
    return verify(stored_ledger())
