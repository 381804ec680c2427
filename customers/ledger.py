"""Enter single erasures in the ledger of erasures before the first row goes; without its answer nothing goes.

An account's own entries are deletion's. What is entered here is done again after a restored backup, and forgotten as soon as
no backup is left that could bring it back.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence

from django.conf import settings
from django.db import DatabaseError, connections, transaction
from django.utils.crypto import salted_hmac

from customers.models import LedgerErasure, SingleErasure

ALIAS = "ledger"
SALT = "customers.addresses"
LEAST_DAYS = 90  # the second database refuses to forget earlier
LOOKED_AT = 1000


class NotEntered(Exception):
    """The ledger of erasures did not acknowledge; nothing may be erased or ended without it."""


def kept_days() -> int:
    """Return for how many days the ledger keeps a keyed hash: as long as suppression lasts, or the oldest backup."""
    return max(LEAST_DAYS, int(settings.ERASURE_BACKUP_DAYS))


def digests_of_address(address: str) -> list[str]:
    """Return the keyed hash of an e-mail address under the present key and every earlier one that is still accepted."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [salted_hmac(SALT, address.strip().lower(), secret=key, algorithm="sha256").hexdigest() for key in keys]


def enter(entries: Sequence[LedgerErasure], *, at: datetime.datetime) -> uuid.UUID:
    """Note here that the erasure begins, then write its entries in the ledger; return their common reference.

    The note is committed first: an entry that the portal does not know of is one that a restored backup lost. Raises NotEntered.
    """
    reference = uuid.uuid4()
    with transaction.atomic(durable=True):
        SingleErasure.objects.create(reference=reference, begun_at=at)
    for entry in entries:
        entry.reference, entry.happened_at = reference, at
    try:
        LedgerErasure.objects.using(ALIAS).bulk_create(entries)
    except DatabaseError as error:
        raise NotEntered from error
    return reference


def unknown() -> list[uuid.UUID]:
    """Return the newest entries that the portal knows nothing of.

    A restored backup loses all that came after it, so that the newest entries tell; repeating notes them oldest first.
    """
    newest = list(LedgerErasure.objects.using(ALIAS).order_by("-pk").values_list("reference", flat=True)[:LOOKED_AT])
    known = set(SingleErasure.objects.filter(reference__in=newest).values_list("reference", flat=True))
    return sorted(set(newest) - known)


def forget(*, at: datetime.datetime) -> int:
    """Forget what no backup can bring back any more, and return how many entries that were."""
    with connections[ALIAS].cursor() as cursor:
        cursor.execute("SELECT customers_ledger_forget(%s)", [kept_days()])
        (gone,) = cursor.fetchone()
    SingleErasure.objects.filter(begun_at__lt=at - datetime.timedelta(days=kept_days() + 1)).delete()
    return int(gone)
