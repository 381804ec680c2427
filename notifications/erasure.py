"""What the deletion of an account does to deliveries: they go with the address that they were sent to (Art. 17(1) GDPR)."""

from __future__ import annotations

from django.db.models import Model
from django.utils.translation import gettext_noop as _

from notifications.models import Broadcast, Delivery, UpdateSubscription

ERASES: tuple[type[Model], ...] = (Delivery,)
KEEPS: dict[type[Model], tuple[str, str, str]] = {
    Broadcast: (
        _("What was announced to everybody alike; names no customer and none of its people."),
        _("not personal data of the customer"),
        _("as long as the portal is in use"),
    ),
    UpdateSubscription: (
        _("Made without an account and ended by the link in every mail; the deletion of a company’s account does not know of it."),
        _("Art. 6(1)(a) GDPR"),
        _("until the subscription is ended, which deletes it at once"),
    ),
}
