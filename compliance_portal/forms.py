"""The one form of the roof itself."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class AppearanceForm(forms.Form):
    """The choice between the system's theme, light and dark."""

    theme = forms.ChoiceField(
        label=_("Colours"),
        choices=[("", _("As set on my device")), ("light", _("Light")), ("dark", _("Dark"))],
        widget=forms.RadioSelect,
        required=False,
    )
