from typing import Any

from django.core.management.base import BaseCommand

from compliance_portal import sample


class Command(BaseCommand):
    help = "Load the sample provider, people, companies, registers and agreement; what exists stays as it is."

    def handle(self, *args: Any, **options: Any) -> None:
        sample.load()
