"""Check the whole ledger again; the exit status tells the result."""

from __future__ import annotations

import sys
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, transaction

from evidence import merkle
from evidence.export import stored_ledger
from evidence.verification import HeldRoot, Report, verify


def held_root(text: str) -> HeldRoot:
    """Read SIZE:ROOT, the root as 64 hexadecimal digits."""
    size, _, digits = text.partition(":")
    try:
        held = HeldRoot(int(size), bytes.fromhex(digits))
    except ValueError as error:
        raise ArgumentTypeError("write it as SIZE:ROOT, for example 17:9f86…") from error
    if held.size < 1 or len(held.root) != merkle.HASH_LENGTH:
        raise ArgumentTypeError("the size is 1 or more, the root has 64 hexadecimal digits")
    return held


class Command(BaseCommand):
    help = (
        "Verify the evidence ledger. Exit status: 0 valid, 10 valid with an unsealed tail, 20 valid with redacted items, "
        "30 diverges from the root you hold, 40 broken."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--held", type=held_root, metavar="SIZE:ROOT", help="a root that was kept outside this database")

    def handle(self, *_arguments: Any, held: HeldRoot | None, **_options: Any) -> None:
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            report = verify(stored_ledger(), held=held)
        self.tell(report)
        if report.exit_code:
            sys.exit(report.exit_code)

    def tell(self, report: Report) -> None:
        for fault in report.faults:
            self.stderr.write(str(fault))
        if report.faults_in_all > len(report.faults):
            self.stderr.write(f"… and {report.faults_in_all - len(report.faults)} more")
        if report.diverges:
            self.stderr.write("the ledger diverges from the root you hold")
        verdict = "BROKEN" if report.faults_in_all else "DIVERGES" if report.diverges else "valid"
        counts = f"{report.sealed} sealed, {report.unsealed} unsealed, {report.redacted} redacted"
        self.stdout.write(f"{verdict}: {counts}, root {report.root.hex()}")
