"""What a company's system says when it asks for a deletion, and what it is told (OpenDSR 2.0)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from notifications.fetching import AddressRefused, target_of

IDENTITY = "controller_customer_id"
MOST_ADDRESSES = 3


class IdentitySerializer(serializers.Serializer[Any]):
    identity_type = serializers.ChoiceField(choices=[IDENTITY])
    identity_value = serializers.UUIDField(help_text="The company's reference: to name it is to confirm what is to be deleted.")
    identity_format = serializers.ChoiceField(choices=["raw"])


class RequestSerializer(serializers.Serializer[Any]):
    """A request; fields that are not named here are refused, in the identity too, so that nothing personal is sent along."""

    regulation = serializers.ChoiceField(choices=["gdpr"])
    subject_request_id = serializers.UUIDField()
    subject_request_type = serializers.ChoiceField(choices=["erasure"])
    subject_identities = serializers.ListField(child=IdentitySerializer(), min_length=1, max_length=1)
    data_return = serializers.ChoiceField(
        choices=["taken", "waived"], help_text="Whether the export was downloaded before, or no copy is wanted (Art. 28(3)(g) GDPR)."
    )
    status_callback_urls = serializers.ListField(child=serializers.CharField(max_length=500), max_length=MOST_ADDRESSES, default=list)
    submitted_time = serializers.DateTimeField(required=False)
    api_version = serializers.ChoiceField(choices=["2.0"], default="2.0")

    def validate_status_callback_urls(self, addresses: list[str]) -> list[str]:
        for address in addresses:
            try:
                target_of(address)
            except AddressRefused as error:
                raise serializers.ValidationError(_("This address cannot be called."), code=error.reason) from error
        return sorted(set(addresses))

    def validate(self, attributes: dict[str, Any]) -> dict[str, Any]:
        unknown = set(self.initial_data) - set(self.fields)
        for identity in self.initial_data["subject_identities"]:
            unknown |= set(identity) - set(IdentitySerializer().fields)
        if unknown:
            raise serializers.ValidationError({name: [_("This field is not known.")] for name in sorted(unknown)})
        return attributes


class ReceiptSerializer(serializers.Serializer[Any]):
    controller_id = serializers.UUIDField()
    subject_request_id = serializers.UUIDField()
    received_time = serializers.CharField()
    expected_completion_time = serializers.CharField()
    encoded_request = serializers.CharField(help_text="What was asked, in base64: the signature covers it.")


class StatusSerializer(serializers.Serializer[Any]):
    controller_id = serializers.UUIDField()
    subject_request_id = serializers.UUIDField()
    reference = serializers.CharField()
    request_status = serializers.ChoiceField(choices=["pending", "in_progress", "completed", "cancelled"])
    state = serializers.CharField(help_text="The portal's own word, which also knows blocked and waiting.")
    results_count = serializers.IntegerField()
    withdrawable_until = serializers.CharField(allow_null=True)
    expected_completion_time = serializers.CharField()
    certificate = serializers.CharField(allow_null=True)


class DiscoverySerializer(serializers.Serializer[Any]):
    api_version = serializers.CharField()
    supported_identities = serializers.ListField(child=serializers.DictField())
    supported_subject_request_types = serializers.ListField(child=serializers.CharField())
    signing_keys = serializers.ListField(child=serializers.DictField())
