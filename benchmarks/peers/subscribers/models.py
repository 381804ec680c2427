"""Subscribers with two rows of activity each, twice alike; the second pair is registered with django-gdpr-assist."""

from __future__ import annotations

from django.db import models


class Row(models.Model):
    customer_id = models.BigIntegerField()
    channel_type_id = models.BigIntegerField(db_index=True)
    identifier = models.TextField()
    identifier_sha256 = models.CharField(max_length=64)
    registered_at = models.DateTimeField()
    topic = models.CharField(max_length=100)

    class Meta:
        abstract = True
        indexes = [
            models.Index(fields=["customer_id", "id"], name="%(class)s_by_account"),
            models.Index(fields=["identifier_sha256"], name="%(class)s_by_identifier"),
        ]


class Subscription(Row):
    pass


class Registered(Row):
    class PrivacyMeta:
        fields = ["identifier"]


class Shown(models.Model):
    """One thing that a subscriber was shown."""

    customer_id = models.BigIntegerField()
    kind = models.CharField(max_length=10)

    class Meta:
        abstract = True
        indexes = [models.Index(fields=["customer_id", "id"], name="%(class)s_by_account")]


class Activity(Shown):
    owner = models.ForeignKey(Subscription, models.CASCADE)


class RegisteredActivity(Shown):
    owner = models.ForeignKey(Registered, models.CASCADE)
