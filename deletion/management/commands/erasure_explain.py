"""The dry run of an erasure: every decision, counted now, with nothing deleted."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from deletion import explaining


class Command(BaseCommand):
    help = "Say for each kind of data what the erasure of an account does with it and how many there are now; deletes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("reference", help="of a deletion request (LA-…), or the random reference of a company")

    def handle(self, *_arguments: Any, reference: str, **_options: Any) -> None:
        try:
            request = explaining.meant(reference)
        except explaining.NobodyMeant as error:
            raise CommandError(f"Neither a request nor a company has the reference {error}.") from error
        uncounted = 0
        for line in explaining.explain(request):
            number = "not counted" if line.number is None else str(line.number)
            uncounted += line.number is None
            self.stdout.write(f"{line.key:45} {line.decision:18} {number:>12}  {line.how}")
        if uncounted:
            self.stderr.write(f"{uncounted} kinds could not be counted: nothing would be certified.")
            sys.exit(1)
