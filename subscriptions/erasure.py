"""What the deletion of an account does to subscriptions: they are processed for the company alone and go with it (Art. 28(3)(g) GDPR)."""

from __future__ import annotations

from django.db.models import Model

from subscriptions.models import Activity, StatisticsSwitch, Subscription, Suppression

ERASES: tuple[type[Model], ...] = (Activity, Subscription, Suppression, StatisticsSwitch)
KEEPS: dict[type[Model], tuple[str, str, str]] = {}
