"""The filter of the register."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from subprocessors.countries import country_name, sort_key


class FilterForm(forms.Form):
    """Search words and a country, kept in the address so that a filtered list can be passed on."""

    q = forms.CharField(
        label=_("Search"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "class": "input", "autocomplete": "off"}),
    )
    country = forms.ChoiceField(label=_("Country"), required=False, widget=forms.Select(attrs={"class": "input"}))

    def __init__(self, *args: object, countries: Iterable[str], language: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        named = sorted(((code, country_name(code, language)) for code in set(countries)), key=lambda choice: sort_key(choice[1]))
        field = self.fields["country"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("All countries")), *named]
