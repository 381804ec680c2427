"""Make the archive that an owner asked for, hand it out, and delete it when its time is over."""

from __future__ import annotations

import datetime
import hashlib
import tempfile
from typing import IO

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone

import evidence.services
import jobs.services
from customers.models import Customer, User
from deletion import returning
from deletion.connectors.files import folder_of
from deletion.models import AccountExport, ErasureRequest
from jobs.models import Job

MAKE = "deletion.export"
LIMITS = {MAKE: 600, f"{MAKE}_of_an_hour": 3600, f"{MAKE}_of_hours": 21_600}
"""The time limits in seconds of the jobs that make archives: the first one that the number of rows fits into does it."""
SECONDS_FOR_A_MILLION = 120  # twice what was measured
CHUNK = 1 << 20

State = AccountExport.State


@transaction.atomic
def ask_for_export(*, customer: Customer, by: User, at: datetime.datetime) -> AccountExport:
    """Have an archive made; while one is being made, a second call returns it."""
    give_up_dead()
    waiting = AccountExport.objects.at_work().filter(customer=customer)
    if (found := waiting.first()) is not None:
        return found
    try:
        with transaction.atomic():
            made = AccountExport.objects.create(customer=customer, requested_by=by, requested_at=at)
    except IntegrityError:  # a second click was faster; its export may have ended by now
        return waiting.first() or AccountExport.objects.filter(customer=customer).latest("pk")
    put(made, MAKE)
    return made


def put(export: AccountExport, kind: str) -> None:
    jobs.services.put(kind=kind, key=key_of(export, kind), subject=str(export.reference))


def key_of(export: AccountExport, kind: str) -> str:
    return f"export:{export.reference}{kind.removeprefix(MAKE)}"


def give_up_dead() -> int:
    """Mark archives whose job had its last attempt, so that their owners can have another one made; return how many."""
    keys = {key_of(export, kind): export.pk for export in AccountExport.objects.at_work() for kind in LIMITS}
    dead = Job.objects.filter(key__in=keys, state=Job.State.DEAD).values_list("key", flat=True)
    return AccountExport.objects.at_work().filter(pk__in=[keys[key] for key in dead]).update(state=State.FAILED)


def kind_for(rows: int) -> str:
    """Return the kind of job whose time is enough for so many rows; the longest one where none is."""
    wanted = rows * SECONDS_FOR_A_MILLION / 1_000_000
    return next((kind for kind, seconds in LIMITS.items() if wanted <= seconds), list(LIMITS)[-1])


def path_of(export: AccountExport) -> str:
    return f"{folder_of(str(export.customer.reference))}/export-{export.reference}.zip"


def give_more_time(reference: str, kind: str) -> bool:
    """Leave the archive to the next kind of job, whose time is longer; False when this was the longest."""
    longer = next((each for each, seconds in LIMITS.items() if seconds > LIMITS[kind]), None)
    export = AccountExport.objects.at_work().filter(reference=reference).first()
    if longer is None or export is None:
        return False
    put(export, longer)
    return True


def make(reference: str, kind: str = MAKE) -> None:
    """Write the archive and note its hash; safe to run again, since a second run writes the file anew.

    An archive with more rows than the kind of job has time for is left to a kind that has more.
    """
    export = AccountExport.objects.at_work().select_related("customer", "requested_by").filter(reference=reference).first()
    if export is None or export.customer.closed_at is not None:
        return
    now, total = timezone.now(), returning.total(export.customer)
    AccountExport.objects.filter(pk=export.pk).update(state=State.WORKING, total=total, written=0)
    if LIMITS[kind_for(total)] > LIMITS[kind]:
        put(export, kind_for(total))
        return
    with tempfile.TemporaryFile() as file:
        returning.write(file, customer=export.customer, at=now, tell=lambda written: note_progress(export, written))
        sha256, size = digest_of(file), file.tell()
        file.seek(0)
        is_stored = store(export, file)
    if is_stored:
        finish(export, sha256, size, now)


def store(export: AccountExport, file: IO[bytes]) -> bool:
    """Save the archive and return True; where the account was closed meanwhile, leave no file: its deletion may be past the files."""
    if is_closed(export):
        return False
    default_storage.delete(path_of(export))
    default_storage.save(path_of(export), File(file))
    if is_closed(export):
        default_storage.delete(path_of(export))
        return False
    return True


def is_closed(export: AccountExport) -> bool:
    """Say whether the account has been closed or deleted since the export began, by the database and not by what was loaded."""
    return not Customer.objects.filter(pk=export.customer_id, closed_at=None).exists()


def note_progress(export: AccountExport, written: int) -> None:
    AccountExport.objects.filter(pk=export.pk).update(written=written)


def digest_of(file: IO[bytes]) -> str:
    file.seek(0)
    checksum = hashlib.sha256()
    while content := file.read(CHUNK):
        checksum.update(content)
    return checksum.hexdigest()


@transaction.atomic
def finish(export: AccountExport, sha256: str, size: int, at: datetime.datetime) -> None:
    AccountExport.objects.filter(pk=export.pk).update(state=State.DONE, sha256=sha256, size=size, finished_at=at)
    tell_request(AccountExport.objects.get(pk=export.pk))
    by = str(export.requested_by.reference) if export.requested_by else None
    evidence.services.record(
        kind="account.exported",
        facts={"by": by, "sha256": sha256, "size": size},
        subject=f"customer:{export.customer.reference}",
        happened_at=at,
    )


@transaction.atomic
def hand_out(*, export: AccountExport, by: User, at: datetime.datetime) -> IO[bytes]:
    """Open the file for the download and note the first one: it answers the question of the return of the data."""
    file: IO[bytes] = default_storage.open(path_of(export))
    if AccountExport.objects.filter(pk=export.pk, downloaded_at=None).update(downloaded_at=at):
        tell_request(AccountExport.objects.get(pk=export.pk))
        facts = {"by": str(by.reference), "sha256": export.sha256}
        evidence.services.record(kind="account.export_taken", facts=facts, subject=f"customer:{export.customer.reference}", happened_at=at)
    return file


def tell_request(export: AccountExport) -> None:
    """Note the archive on the deletion that waits: file and row go after a week, and the certificate still says what was handed out.

    One that was downloaded is not replaced by one that was not.
    """
    waiting = ErasureRequest.objects.filter(customer=export.customer, state=ErasureRequest.State.REQUESTED)
    if export.downloaded_at is None:
        waiting = waiting.filter(export_taken_at=None)
    waiting.update(**export.facts)


def forget_exports(*, at: datetime.datetime) -> int:
    """Delete archives seven days after they were asked for, file first; return how many went."""
    over = list(AccountExport.objects.over(at).select_related("customer"))
    for export in over:
        default_storage.delete(path_of(export))
        export.delete()
    return len(over)
