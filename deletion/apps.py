from django.apps import AppConfig


class DeletionConfig(AppConfig):
    name = "deletion"

    def ready(self) -> None:
        from deletion import coverage  # noqa: F401  # registers the checks of the erasure's coverage
