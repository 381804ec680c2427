"""The deletion of one company's rows as django-data-purger wants it declared."""

from __future__ import annotations

import datetime
from typing import Any

from django_data_purger.data_purger import DataPurger

from subscribers.models import Subscription


class Purger(DataPurger):
    expected_delete_models = ("subscribers.Subscription", "subscribers.Activity")

    def run(self, *, now: datetime.datetime) -> list[Any]:
        return self._delete_queryset_in_batch(Subscription.objects.filter(customer_id=1))
