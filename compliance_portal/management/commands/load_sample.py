from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from compliance_portal import sample, sample_desk


class Command(BaseCommand):
    help = "Load the sample provider, people, companies, registers and agreement; what exists stays as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--with-desk", action="store_true", help="also subscribers, requests and a cancellation, on a desk that is empty"
        )

    def handle(self, *args: Any, with_desk: bool, **options: Any) -> None:
        sample.load()
        if with_desk:
            sample_desk.load(timezone.now())
