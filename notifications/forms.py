"""What visitors enter to hear of updates, and what staff filter deliveries by."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from notifications.models import Delivery, Topic

ATTEMPTED_AGAIN = "retried"


class SubscribeForm(forms.Form):
    """One field: the address."""

    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        error_messages={
            "required": _("Enter your e-mail address"),
            "invalid": _("Enter the e-mail address in the form name@example.com"),
        },
        widget=forms.EmailInput(attrs={"class": "input", "autocomplete": "email", "spellcheck": "false"}),
    )


class SubscriptionForm(forms.Form):
    """What a subscriber hears of, and in which language."""

    topics = forms.MultipleChoiceField(
        label=_("Topics"),
        choices=Topic.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one topic, or end the subscription")},
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES, widget=forms.Select(attrs={"class": "input"}))


class DeliveryFilter(forms.Form):
    """Filters of the ledger of deliveries, kept in the address."""

    q = forms.CharField(
        label=_("Company, address or reference"), required=False, max_length=200, widget=forms.TextInput(attrs={"class": "input"})
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("all")), *Delivery.State.choices, (ATTEMPTED_AGAIN, _("being tried again"))],
        widget=forms.Select(attrs={"class": "input"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
