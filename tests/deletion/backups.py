"""Backups of the portal's database that are taken and restored while the ledger of erasures goes on."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.conf import settings as configured
from django.db import connection
from django.utils import timezone

from deletion import granting, replaying
from tests.factories import customers as people
from tests.own_database import copy as copy_database
from tests.own_database import drop as drop_database


class Backup:
    """Copies of the portal's database; the ledger has a backup of its own and is not touched."""

    def __init__(self) -> None:
        self.name, self.taken = "", timezone.now()

    def take(self) -> None:
        self.name, self.taken = f"{connection.settings_dict['NAME']}_{uuid4().hex[:4]}", timezone.now()
        self.copy(str(connection.settings_dict["NAME"]), self.name)

    def restore(self) -> None:
        lost = str(connection.settings_dict["NAME"])
        connection.close()
        drop_database(lost)
        self.copy(self.name, lost)

    def copy(self, source: str, target: str) -> None:
        connection.close()
        copy_database(source, target)

    def drop(self) -> None:
        if self.name:
            drop_database(self.name)


@pytest.fixture
def backup(own_database: str, own_ledger: str) -> Iterator[Backup]:
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {configured.DATABASE_VERIFIER_ROLE}")
        granting.grant(cursor)
    people.provider()
    made = Backup()
    yield made
    made.drop()
    replaying.DOOR.is_closed = False
