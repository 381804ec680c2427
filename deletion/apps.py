from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeletionConfig(AppConfig):
    name = "deletion"
    verbose_name = _("Deletion")

    def ready(self) -> None:
        from deletion import coverage  # noqa: F401  # registers the checks of the erasure's coverage
