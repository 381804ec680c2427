from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeletionConfig(AppConfig):
    name = "deletion"
    verbose_name = _("Deletion")

    def ready(self) -> None:
        from deletion import coverage, ledger  # noqa: F401  # they register the checks of coverage and ledger

    def grant_rights(self, cursor: Any) -> None:
        """Give the role that deletes its rights; ``manage.py secure_database`` asks each app."""
        from deletion import granting

        granting.grant(cursor)

    def rights_deviations(self, cursor: Any) -> Iterator[str]:
        from deletion import granting

        return granting.deviations(cursor)
