"""The filter of the register, and what people enter about announcements, objections and agreed terms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from subprocessors.countries import country_name, sort_key
from subprocessors.models import Objection, TermsDeviation


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


def words(label: Any, *, rows: int = 4, help_text: Any = "", required: Any = None, most: int = 4000) -> forms.CharField:
    """Return a field for a paragraph; without ``required``, the sentence that asks for it, it may stay empty."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=most,
        required=required is not None,
        error_messages={"required": required} if required else {},
        widget=forms.Textarea(attrs={"class": "input", "rows": rows}),
    )


class ObjectionForm(forms.Form):
    """The grounds of an objection."""

    grounds = words(
        _("What do you object to, and why?"),
        rows=6,
        help_text=_("Name the reason of data protection, so that a remedy can be found."),
        required=_("Say what you object to and why"),
    )


class AnnounceForm(forms.Form):
    """When the changes are to begin, and whether they are urgent; texts for each change are added by ``for_changes``."""

    starts_date = forms.DateField(
        label=_("Planned start"),
        widget=forms.DateInput(attrs={"class": "input", "type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Enter the planned start"), "invalid": _("Enter the planned start as a date")},
    )
    urgency_de = words(
        _("Reasons for the urgency (German)"), rows=3, help_text=_("Fill this in only for an imminent danger to security or availability.")
    )
    urgency_en = words(_("Reasons for the urgency (English)"), rows=3)

    def __init__(self, *args: Any, texts: dict[str, dict[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.slugs = list(texts)
        labels = {
            "features_de": _("Features concerned (German): %(name)s"),
            "features_en": _("Features concerned (English): %(name)s"),
            "retention_de": _("Retention (German): %(name)s"),
            "retention_en": _("Retention (English): %(name)s"),
        }
        for slug, initial in texts.items():
            for name, label in labels.items():
                field = words(label % {"name": initial["name"]}, rows=2, required=_("Say what recipients are to read"))
                field.initial = initial[name]
                self.fields[f"{slug}-{name}"] = field

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if bool(cleaned.get("urgency_de", "").strip()) != bool(cleaned.get("urgency_en", "").strip()):
            self.add_error("urgency_en", _("Give the reasons in both languages"))
        return cleaned

    @property
    def urgency(self) -> dict[str, str] | None:
        texts = {language: self.cleaned_data[f"urgency_{language}"].strip() for language in ("de", "en")}
        return texts if all(texts.values()) else None

    @property
    def details(self) -> dict[str, dict[str, str]]:
        names = ("features_de", "features_en", "retention_de", "retention_en")
        return {slug: {name: self.cleaned_data[f"{slug}-{name}"] for name in names} for slug in self.slugs}


class ReasonForm(forms.Form):
    """A reason that is recorded."""

    reason = words(_("Reason"), rows=3, required=_("Say why"), most=500)


class AnswerForm(forms.Form):
    """A proposed remedy."""

    text = words(_("Your answer with the remedy that you propose"), rows=6, required=_("Write the answer that the customer gets"))


class OutcomeForm(forms.Form):
    """How an objection ends."""

    state = forms.ChoiceField(
        label=_("Outcome"),
        choices=[
            (Objection.State.REMEDIED.value, _("settled: the customer accepted the remedy")),
            (Objection.State.UPHELD.value, _("upheld: the change does not apply to this customer")),
            (Objection.State.TERMINATED.value, _("the contract ends for the part concerned")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the outcome")},
    )
    outcome = words(_("What was agreed or decided"), required=_("Say in words what was agreed or decided"))


class DeviationForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """What was agreed with one customer alone."""

    class Meta:
        model = TermsDeviation
        fields = ("notice_days", "objection_days", "urgent_notice_days", "authorisation", "note")
        widgets = {
            **{name: forms.NumberInput(attrs={"class": "input"}) for name in ("notice_days", "objection_days", "urgent_notice_days")},
            "authorisation": forms.RadioSelect,
            "note": forms.TextInput(attrs={"class": "input"}),
        }
