"""Give the portal's database role its rights, or check them."""

from __future__ import annotations

import sys
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DEFAULT_DB_ALIAS, connections, transaction

from evidence import grants


class Command(BaseCommand):
    help = "Run as the owner of the tables after each migrate: grants DATABASE_APP_ROLE what the portal needs, and no change of evidence."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; name each deviation and end with status 1")

    def handle(self, *_arguments: Any, check: bool, **_options: Any) -> None:
        role = settings.DATABASE_APP_ROLE
        found = [deviation for alias in settings.DATABASES for deviation in self.secure(alias, role, check=check)]
        for deviation in found:
            self.stderr.write(deviation)
        if found:
            sys.exit(1)
        self.stdout.write(f"The rights of {role} are as they should be.")

    def secure(self, alias: str, role: str, *, check: bool) -> list[str]:
        with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
            if not check and alias == DEFAULT_DB_ALIAS:
                grants.let_read(cursor, settings.DATABASE_VERIFIER_ROLE)
                self.grant_of_apps(cursor)
            found = list(grants.deviations(cursor, role)) if check else self.grant(cursor, role)
            return found + (self.deviations_of_apps(cursor) if alias == DEFAULT_DB_ALIAS else [])

    def grant_of_apps(self, cursor: Any) -> None:
        """Let each app give rights to roles of its own, of which this one knows nothing."""
        for config in apps.get_app_configs():
            if hasattr(config, "grant_rights"):
                try:
                    config.grant_rights(cursor)
                except Exception as error:
                    raise CommandError(f"{config.label}: {error}.") from error

    def deviations_of_apps(self, cursor: Any) -> list[str]:
        configs = (config for config in apps.get_app_configs() if hasattr(config, "rights_deviations"))
        return [sentence for config in configs for sentence in config.rights_deviations(cursor)]

    def grant(self, cursor: Any, role: str) -> list[str]:
        try:
            grants.grant(cursor, role)
        except grants.RoleTooPowerful as error:
            raise CommandError(f"Refused: {error}.") from error
        return list(grants.deviations(cursor, role))
