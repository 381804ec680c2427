"""What the deletion of an account does to deliveries: they go with the address that they were sent to (Art. 17(1) GDPR)."""

from __future__ import annotations

from django.db.models import Model

from notifications.models import Delivery

ERASES: tuple[type[Model], ...] = (Delivery,)
KEEPS: dict[type[Model], tuple[str, str, str]] = {}


def erase_deliveries(*, address: str) -> int:
    """Delete every delivery to the address, sent or not, and return how many; what was told stays proven in the ledger."""
    deleted, _by_model = Delivery.objects.to(address).delete()
    return deleted
