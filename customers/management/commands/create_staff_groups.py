"""Create the staff groups; run after each migrate."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from customers.services import create_staff_groups


class Command(BaseCommand):
    help = "Create the groups editor, approver, support, legal and admin, and give each its permissions."

    def handle(self, *args: Any, **options: Any) -> None:
        create_staff_groups()
        self.stdout.write("The staff groups hold their permissions.")
