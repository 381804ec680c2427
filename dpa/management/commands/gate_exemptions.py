from typing import Any

from django.core.management.base import BaseCommand

from dpa.exemptions import EXEMPT


class Command(BaseCommand):
    help = "Print the views that stay open without an accepted agreement, each with its reason."

    def handle(self, *args: Any, **options: Any) -> None:
        width = max(map(len, EXEMPT))
        for name, reason in sorted(EXEMPT.items()):
            self.stdout.write(f"{name:<{width}}  {reason}")
