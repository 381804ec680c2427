"""What the API takes and says about subscriptions."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from subscriptions.models import Activity, Subscription
from subscriptions.recording import MOST_AT_ONCE, Item

LONGEST_IDENTIFIER = 4000
OFFSET = "With an offset from UTC; a time without one is the local time of the portal."
SHA256 = re.compile(r"^[0-9a-f]{64}$")


class PlacedSerializer(serializers.Serializer):  # type: ignore[type-arg]  # not subscriptable at run time
    """An identifier on a channel (its public identifier) or on a type of channel (its key)."""

    channel = serializers.UUIDField(required=False)
    channel_type = serializers.SlugField(required=False, max_length=40)
    identifier = serializers.CharField(max_length=LONGEST_IDENTIFIER)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if bool(attrs.get("channel")) == bool(attrs.get("channel_type")):
            raise serializers.ValidationError(_("Name either the channel or the type of channel."))
        return attrs


class OptInSerializer(PlacedSerializer):
    """One opt-in with its proof: when, to which topic, and which text was shown."""

    registered_at = serializers.DateTimeField(help_text=OFFSET)
    topic = serializers.CharField(required=False, allow_blank=True, max_length=100, default="")
    opt_in_version = serializers.CharField(required=False, allow_blank=True, max_length=20, default="")
    opt_in_label = serializers.CharField(required=False, allow_blank=True, max_length=60, default="")
    opt_in_sha256 = serializers.RegexField(SHA256, required=False, default="")
    is_renewed = serializers.BooleanField(required=False, default=False)


class OptInsSerializer(serializers.Serializer):  # type: ignore[type-arg]
    items = serializers.ListField(child=OptInSerializer(), allow_empty=False, max_length=MOST_AT_ONCE)


class CancellationsSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """Subscriptions that ended, and why."""

    items = serializers.ListField(child=PlacedSerializer(), allow_empty=False, max_length=MOST_AT_ONCE)
    why = serializers.ChoiceField(choices=Subscription.Why.choices)


class LookUpSerializer(serializers.Serializer):  # type: ignore[type-arg]
    identifier = serializers.CharField(max_length=LONGEST_IDENTIFIER)


class ActivitySerializer(serializers.Serializer):  # type: ignore[type-arg]
    """A message that was shown or clicked."""

    subscription = serializers.IntegerField(min_value=1)
    kind = serializers.ChoiceField(choices=Activity.Kind.choices)
    message = serializers.CharField(required=False, allow_blank=True, max_length=60, default="")
    at = serializers.DateTimeField(help_text=OFFSET)


class ActivitiesSerializer(serializers.Serializer):  # type: ignore[type-arg]
    items = serializers.ListField(child=ActivitySerializer(), allow_empty=False, max_length=MOST_AT_ONCE)


class ResultSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """What became of one item, in the order in which they came."""

    status = serializers.CharField()
    number = serializers.IntegerField(allow_null=True)


class ResultsSerializer(serializers.Serializer):  # type: ignore[type-arg]
    results = ResultSerializer(many=True)


class SubscriptionSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
    """A subscription with its proof of opt-in, without the identifier."""

    number = serializers.IntegerField(source="pk")
    channel_type = serializers.CharField(source="channel_type.key")
    channel = serializers.UUIDField(source="channel.public_id", default=None)
    opt_in_version = serializers.CharField(source="opt_in_text_version.number", default=None)

    class Meta:
        model = Subscription
        fields = [
            "number",
            "channel_type",
            "channel",
            "topic",
            "registered_at",
            "opt_in_version",
            "opt_in_label",
            "opt_in_sha256",
            "cancelled_at",
            "cancelled_through",
            "cancelled_why",
        ]


def items_of(given: dict[str, Any], at: Any = None) -> list[Item]:
    """Return the items of a checked request."""
    return [
        Item(**{**row, "channel": str(row.get("channel") or ""), **({"registered_at": at} if at is not None else {})})
        for row in given["items"]
    ]
