"""Channels and their texts as the API shows them."""

from __future__ import annotations

from rest_framework import serializers


class ChannelTextStateSerializer(serializers.Serializer):  # type: ignore[type-arg]  # not subscriptable at run time
    """How one text stands; ``state`` is incomplete, update, own or current."""

    kind = serializers.CharField()
    language = serializers.CharField()
    number = serializers.IntegerField()
    state = serializers.CharField()
    sample_version = serializers.CharField(allow_null=True)
    missing = serializers.ListField(child=serializers.CharField())
    saved_at = serializers.DateTimeField()
    sha256 = serializers.CharField()
    url = serializers.URLField()


class ChannelSerializer(serializers.Serializer):  # type: ignore[type-arg]  # not subscriptable at run time
    """One channel with its texts; no person is named."""

    public_id = serializers.UUIDField()
    channel_type = serializers.CharField()
    name = serializers.CharField()
    address = serializers.CharField()
    active = serializers.BooleanField()
    texts = ChannelTextStateSerializer(many=True)
    embed = serializers.DictField(child=serializers.URLField())


class ActivationSerializer(serializers.Serializer):  # type: ignore[type-arg]  # not subscriptable at run time
    """What activation came to."""

    public_id = serializers.UUIDField()
    active = serializers.BooleanField()
