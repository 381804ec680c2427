"""Input of the desk: which identifier to look for, and why a subscription ends."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from subscriptions.models import Subscription


class LookUpForm(forms.Form):
    """The whole identifier; parts of one are not searched, so that nobody can leaf through subscribers."""

    identifier = forms.CharField(
        label=_("Identifier"),
        help_text=_("The whole push endpoint, device token or messenger number. Spaces and line breaks in it do not matter."),
        max_length=4000,
        error_messages={"required": _("Enter the identifier")},
        widget=forms.Textarea({"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
    )


class CancelForm(forms.Form):
    why = forms.ChoiceField(
        label=_("Why does the subscription end?"),
        choices=Subscription.Why,
        error_messages={"required": _("Choose why the subscription ends")},
        widget=forms.RadioSelect,
    )
