"""The rows of a draft, files with many of them, evidence and reviews."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.contrib.postgres.forms import SimpleArrayField
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from toms import exchange, legal_terms
from toms.files import LARGEST, UnfitFile, type_of
from toms.models import Category, Control, Measure


def lines(label: Any, help_text: Any = "") -> SimpleArrayField:
    """Return a field for a list, one item a line; names of companies hold commas."""
    widget = forms.Textarea({"rows": 3, "class": "input"})
    return SimpleArrayField(
        forms.CharField(max_length=200), delimiter="\n", label=label, help_text=help_text, required=False, widget=widget
    )


def words(language: str, rows: int = 3) -> forms.Textarea:
    return forms.Textarea({"rows": rows, "class": "input", "lang": language})


DAY = {"type": "date", "class": "input"}


class RowChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable at run time
    """A row above, by its name in the reader's language."""

    def label_from_instance(self, obj: Any) -> str:
        label = str(obj.label(get_language() or "de"))
        return f"{obj.code} {label}" if isinstance(obj, Control) else label


class CategoryForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    class Meta:
        model = Category
        fields = ["label_de", "label_en", "key"]
        help_texts = {"key": _("In lower case; stands in addresses and stays the same in every version.")}


class ControlForm(forms.ModelForm):  # type: ignore[type-arg]
    """A control: its lasting code, its names and aims, and what it answers."""

    art32 = forms.MultipleChoiceField(
        label=_("Letters of Art. 32(1) GDPR"),
        choices=[(letter, f"({letter})") for letter in legal_terms.LETTERS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    sdm = forms.MultipleChoiceField(label=_("Protection goals"), required=False, widget=forms.CheckboxSelectMultiple)
    iso27001 = SimpleArrayField(
        forms.CharField(max_length=120),
        label=_("Controls of ISO/IEC 27001:2022, Annex A"),
        help_text=_("Numbers, separated by commas, such as 7.1, 7.2"),
        required=False,
    )

    category = RowChoice(label=_("Category"), queryset=Category.objects.none())

    class Meta:
        model = Control
        fields = ["code", "label_de", "label_en", "aim_de", "aim_en", "art32", "iso27001", "sdm", "category"]
        widgets = {"aim_de": words("de"), "aim_en": words("en")}
        help_texts = {"code": _("In capitals, such as PHYS; stays the same in every version.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or "de"
        goals, category = self.fields["sdm"], self.fields["category"]
        assert isinstance(goals, forms.MultipleChoiceField)
        assert isinstance(category, forms.ModelChoiceField)
        goals.choices = [(key, legal_terms.protection_goal(key, language)) for key in legal_terms.PROTECTION_GOALS]
        category.queryset = Category.objects.filter(measure_set=self.instance.measure_set)

    def clean_iso27001(self) -> list[str]:
        return [item.strip() for item in self.cleaned_data["iso27001"] if item.strip()]


class MeasureForm(forms.ModelForm):  # type: ignore[type-arg]
    """A measure: what readers see, and apart from it what stays inside."""

    subprocessor_names = lines(_("Subprocessors that implement it"), _("Only for measures by subprocessors; one company a line."))
    is_verified = forms.BooleanField(
        label=_("In place as described"), help_text=_("Without this mark readers see that nobody has verified the measure."), required=False
    )

    control = RowChoice(label=pgettext_lazy("of measures", "Control"), queryset=Control.objects.none())

    class Meta:
        model = Measure
        fields = [
            "key",
            "text_de",
            "text_en",
            "implemented_by",
            "subprocessor_names",
            "status",
            "scc_heading",
            "control",
            "is_verified",
            "internal_detail",
            "owner",
            "next_review_date",
        ]
        widgets = {
            "text_de": words("de"),
            "text_en": words("en"),
            "internal_detail": forms.Textarea({"rows": 3, "class": "input"}),
            "implemented_by": forms.RadioSelect,
            "status": forms.RadioSelect,
            "next_review_date": forms.DateInput(DAY, format="%Y-%m-%d"),
        }
        help_texts = {
            "key": _("Such as PHYS-01; stays the same in every version, so that versions can be compared."),
            "text_de": _("Say in one or two sentences what is done, concretely."),
            "status": _("Only implemented measures are published."),
        }

    def __init__(self, *args: Any, at: datetime.datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.at = at
        controls = self.fields["control"]
        assert isinstance(controls, forms.ModelChoiceField)
        controls.queryset = Control.objects.filter(measure_set=self.instance.measure_set)
        self.fields["is_verified"].initial = self.instance.last_verified_at is not None

    def clean_subprocessor_names(self) -> list[str]:
        return [name.strip() for name in self.cleaned_data["subprocessor_names"] if name.strip()]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        verified = self.instance.last_verified_at
        self.instance.last_verified_at = (verified or self.at) if cleaned.get("is_verified") else None
        return cleaned


class ImportForm(forms.Form):
    """A CSV file of measures, read and checked line by line."""

    file = forms.FileField(label=_("CSV file"), error_messages={"required": _("Choose the CSV file")})
    lines: list[exchange.Line]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise ValidationError(_("Choose a file of at most 10 MB"))
        try:
            self.lines = exchange.read(file.read())
        except exchange.LinesRefused as refusal:
            raise ValidationError(refusal.reasons) from refusal
        return file


class EvidenceForm(forms.Form):
    """A file that shows that a measure is in place."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("At most 10 MB: PDF, PNG, JPEG, TXT, CSV, DOCX or XLSX without macros. Staff alone can read it."),
        error_messages={"required": _("Choose a file")},
    )
    note = forms.CharField(label=_("What does it show?"), max_length=300, required=False)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        self.content = file.read(LARGEST + 1)
        try:
            type_of(file.name, self.content)
        except UnfitFile:
            raise ValidationError(
                _("Choose a file of at most 10 MB that is what its name says: PDF, PNG, JPEG, TXT, CSV, DOCX or XLSX without macros")
            ) from None
        return file


class ReviewForm(forms.Form):
    """A measure was looked at and found in place."""

    next_review_date = forms.DateField(
        label=_("Next review"),
        widget=forms.DateInput(DAY, format="%Y-%m-%d"),
        error_messages={"required": _("Enter the day of the next review"), "invalid": _("Enter the day as a date")},
    )
    note = forms.CharField(label=_("What was found?"), max_length=500, required=False)

    def __init__(self, *args: Any, today: datetime.date, **kwargs: Any) -> None:
        kwargs["initial"] = {"next_review_date": today + datetime.timedelta(days=365)}
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_next_review_date(self) -> datetime.date:
        day: datetime.date = self.cleaned_data["next_review_date"]
        if day <= self.today:
            raise ValidationError(_("The next review lies after today"))
        return day
