"""Erase again what a restored backup brought back."""

from __future__ import annotations

import datetime
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from deletion import replaying


class Command(BaseCommand):
    help = "Run after a backup was restored and before web and workers start: erases again every account of the ledger since the backup."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", required=True, help="when the backup was taken, for example 2026-11-25T03:00:00Z; rather too early")

    def handle(self, *_arguments: Any, since: str, **_options: Any) -> None:
        began = time.monotonic()
        done = replaying.replay(since=moment_of(since), at=timezone.now())
        for each in done:
            left = "held, goes on after the release" if each.is_held else "not counted" if each.left is None else str(each.left)
            self.stdout.write(f"{each.reference}: {each.resurrected} rows had come back, left: {left}")
        seconds = time.monotonic() - began
        open_ones = [each.reference for each in done if not each.is_done] + replaying.missing()
        if open_ones:
            raise CommandError(f"The portal stays closed. Not erased and verified: {', '.join(open_ones)}. Run this command again.")
        total, held = sum(each.resurrected for each in done), sum(each.is_held for each in done)
        kept = f"{held} held, " if held else ""
        self.stdout.write(
            f"{len(done) - held} erasures repeated and verified, {kept}{total} rows deleted again, in {seconds:.1f} s. The portal may open."
        )


def moment_of(text: str) -> datetime.datetime:
    moment = parse_datetime(text)
    if moment is None:
        raise CommandError("Write --since as date and time, for example 2026-11-25T03:00:00Z.")
    return moment if timezone.is_aware(moment) else moment.replace(tzinfo=datetime.UTC)
