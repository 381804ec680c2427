"""What the deletion of an account does to subscriptions: they are processed for the company alone and go with it (Art. 28(3)(g) GDPR)."""

from __future__ import annotations

from django.db.models import Model

from subscriptions.models import Subscription

ERASES: tuple[type[Model], ...] = (Subscription,)
KEEPS: dict[type[Model], tuple[str, str, str]] = {}
