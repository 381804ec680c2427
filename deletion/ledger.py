"""The ledger of erasures: a second database with a backup of its own, written before the first row is deleted.

It holds numbers, random references and times, and nothing that could say whom they belonged to.
"""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model

from customers.ledger import ALIAS
from deletion.models import ErasureCertificate, ErasureRequest, LedgerCertificate, LedgerEntry, LedgerHold, LegalHold, Tombstone

__all__ = ["ALIAS", "Router", "bring_back_holds", "enter", "forget_certificates", "holds_lacking", "keep_certificates", "keep_holds"]
TABLES = ("ledgerentry", "ledgercertificate", "ledgererasure", "ledgerhold")


class Router:
    """Send the ledger's tables to their own database, and everything else to the other one."""

    def db_for_read(self, model: type[Model], **_hints: Any) -> str | None:
        return ALIAS if getattr(model, "in_ledger", False) else None

    db_for_write = db_for_read

    def allow_migrate(self, db: str, _app_label: str, model_name: str | None = None, **hints: Any) -> bool:
        return (db == ALIAS) == (model_name in TABLES or bool(hints.get(ALIAS)))


SAME = "ERASURE_LEDGER_URL leads to the database of DATABASE_URL: a restored backup would take back both."
HINT = "Name a second database, on another server with a backup of its own."
IDENTITY = "SELECT oid, pg_postmaster_start_time(), inet_server_port() FROM pg_database WHERE datname = current_database()"


@checks.register()
def check_addresses(**_options: Any) -> list[checks.CheckMessage]:
    """Refuse to start when the ledger is the portal's own database; outside demo and tests, warn of one on the same server."""
    (server, name), (ledgers_server, ledgers_name) = (place_of(alias) for alias in (DEFAULT_DB_ALIAS, ALIAS))
    if (server, name) == (ledgers_server, ledgers_name):
        return [checks.Error(SAME, hint=HINT, id="deletion.E002")]
    if server == ledgers_server and not (settings.DEMO or settings.TESTING):
        return [checks.Warning("The ledger of erasures is on the server of the database.", hint=HINT, id="deletion.W002")]
    return []


def place_of(alias: str) -> tuple[tuple[str, str], str]:
    """Return server and name of the configured database."""
    configured = settings.DATABASES[alias]
    server = (str(configured.get("HOST") or "localhost").lower(), str(configured.get("PORT") or "5432"))
    return server, str(configured["NAME"])


@checks.register(checks.Tags.database)
def check_identities(*, databases: Any = None, **_options: Any) -> list[checks.CheckMessage]:
    """Ask both databases who they are: two names may lead to one server. Runs with ``manage.py check --database default``."""
    if DEFAULT_DB_ALIAS not in (databases or []):
        return []
    return [checks.Error(SAME, hint=HINT, id="deletion.E003")] if identity_of(DEFAULT_DB_ALIAS) == identity_of(ALIAS) else []


def identity_of(alias: str) -> tuple[Any, ...]:
    with connections[alias].cursor() as cursor:
        cursor.execute(IDENTITY)
        return tuple(cursor.fetchone())


def enter(request: ErasureRequest) -> LedgerEntry:
    """Write the entry once per request and return it; whatever the other database raises stops the erasure."""
    entry, _is_new = LedgerEntry.objects.using(ALIAS).get_or_create(
        request_reference=request.reference,
        defaults={
            "customer_number": request.number,
            "customer_reference": request.customer_reference,
            "requested_at": request.requested_at,
            "due_date": request.due_date,
        },
    )
    return entry


def keep_certificates() -> int:
    """Copy every certificate that the ledger does not have yet, and return how many those were; safe to run again."""
    known = set(LedgerCertificate.objects.using(ALIAS).values_list("reference", flat=True))
    missing = ErasureCertificate.objects.exclude(reference__in=known).select_related("request", "supplements").order_by("pk")
    made = [copy_of(certificate) for certificate in missing]
    LedgerCertificate.objects.using(ALIAS).bulk_create(made, ignore_conflicts=True)
    return len(made)


def keep_holds() -> int:
    """Write whatever was done to a hold and the ledger does not have yet, and return how many acts; safe to run again."""
    made = holds_lacking()
    LedgerHold.objects.using(ALIAS).bulk_create(made, ignore_conflicts=True)
    return len(made)


def holds_lacking() -> list[LedgerHold]:
    """Return the placing, the last move of the review and the release of each hold, as far as the ledger lacks them."""
    known = {act_of(*act) for act in LedgerHold.objects.using(ALIAS).values_list("hold_reference", "is_release", "happened_at")}
    return [
        LedgerHold(
            hold_reference=hold.reference,
            customer_reference=hold.customer_reference,
            is_release=is_release,
            ground=hold.ground,
            review_date=hold.review_date,
            happened_at=moment,
        )
        for hold in LegalHold.objects.order_by("pk")
        for is_release, moment in ((False, hold.placed_at), (False, hold.review_moved_at), (True, hold.released_at))
        if moment is not None and act_of(hold.reference, is_release, moment) not in known
    ]


def act_of(hold: uuid.UUID, is_release: bool, moment: datetime.datetime) -> tuple[uuid.UUID, datetime.datetime | None]:  # noqa: FBT001
    """Return what makes an act one that is known: a release happens once, a review is moved as often as anybody moves it."""
    return hold, None if is_release else moment


def bring_back_holds() -> None:
    """Have the portal know each hold as the ledger does: placed or moved since the backup, or released since. No file number is there."""
    acts = LedgerHold.objects.using(ALIAS).order_by("happened_at", "pk")
    released = {act.hold_reference: act.happened_at for act in acts if act.is_release}
    for act in acts:
        if not act.is_release and act.hold_reference not in released:
            bring_back(act)
    for reference, moment in released.items():
        LegalHold.objects.filter(reference=reference, released_at=None).update(released_at=moment)


def bring_back(act: LedgerHold) -> None:
    """Place the hold of which the portal knows nothing, or move its review to where the ledger's later act has it."""
    facts = {"ground": act.ground, "file_number": "–", "placed_at": act.happened_at, "review_date": act.review_date}
    defaults = {"customer_reference": act.customer_reference, **facts}
    hold, is_new = LegalHold.objects.get_or_create(reference=act.hold_reference, defaults=defaults)
    if not is_new and act.happened_at > (hold.review_moved_at or hold.placed_at):
        LegalHold.objects.filter(pk=hold.pk).update(review_date=act.review_date, review_moved_at=act.happened_at)


def forget_certificates() -> int:
    """Erase copies of certificates whose file the portal has erased; this database refuses before three years are over."""
    copied = set(LedgerCertificate.objects.using(ALIAS).values_list("request_reference", flat=True))
    closed = copied & set(Tombstone.objects.filter(request_reference__in=copied).values_list("request_reference", flat=True))
    gone = closed - set(ErasureRequest.objects.filter(reference__in=closed).values_list("reference", flat=True))
    with connections[ALIAS].cursor() as cursor:
        cursor.execute("SELECT COALESCE(sum(deletion_ledger_erase(reference)), 0) FROM unnest(%s::text[]) AS reference", [sorted(gone)])
        (number,) = cursor.fetchone()
    return int(number)


def copy_of(certificate: ErasureCertificate) -> LedgerCertificate:
    return LedgerCertificate(
        reference=certificate.reference,
        request_reference=certificate.request.reference,
        kind=certificate.kind,
        supplements=certificate.supplements.reference if certificate.supplements else "",
        canonical=bytes(certificate.canonical),
        pdf_sha256=certificate.pdf_sha256,
        leaf_hash=certificate.leaf_hash,
        signature=certificate.signature,
        public_key=certificate.public_key,
        issued_at=certificate.issued_at,
        language=certificate.request.language,
        data_return=certificate.request.data_return,
    )
