"""Input of the publishing wizard: what kind of change it is, from when it applies, and what it says of itself."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from publishing.models import ChangeKind, PublishedVersion


class PlanForm(forms.Form):
    """The classification of a draft. A register asks for more by a subclass."""

    change_kind = forms.ChoiceField(
        label=_("Kind of change"),
        choices=[
            (ChangeKind.MATERIAL.value, _("Material: those concerned are told")),
            (ChangeKind.EDITORIAL.value, _("Editorial: nobody is told, the list of updates mentions it")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the kind of change")},
    )
    effective_date = forms.DateField(
        label=_("Applies from"),
        widget=forms.DateInput({"type": "date", "class": "input"}, format="%Y-%m-%d"),
        error_messages={"required": _("Enter the day from which the version applies"), "invalid": _("Enter the day as a date")},
    )
    change_note_de = forms.CharField(
        label=_("What changes? (German)"),
        max_length=2000,
        widget=forms.Textarea({"rows": 3, "class": "input", "lang": "de"}),
        error_messages={"required": _("Say in German what changes")},
    )
    change_note_en = forms.CharField(
        label=_("What changes? (English)"),
        max_length=2000,
        widget=forms.Textarea({"rows": 3, "class": "input", "lang": "en"}),
        error_messages={"required": _("Say in English what changes")},
    )

    def __init__(self, *args: Any, version: PublishedVersion, usual_date: datetime.date, today: datetime.date, **kwargs: Any) -> None:
        noted = {name: getattr(version, name) for name in ("change_kind", "change_note_de", "change_note_en")}
        planned = version.effective_date if version.effective_date and version.effective_date >= today else usual_date
        kwargs["initial"] = {**noted, "effective_date": planned}
        super().__init__(*args, **kwargs)
        self.version, self.today = version, today

    folded_label: Any = ""
    """What the fields are about that most changes leave empty."""
    folded: frozenset[str] = frozenset()
    """The names of those fields."""

    @property
    def main_fields(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name not in self.folded]

    @property
    def folded_fields(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name in self.folded]

    @property
    def is_unfolded(self) -> bool:
        """Say whether one of the folded fields has to be seen: it holds something, or an error."""
        return any(field.errors or field.value() for field in self.folded_fields)

    def clean_effective_date(self) -> datetime.date:
        day: datetime.date = self.cleaned_data["effective_date"]
        if day < self.today:
            raise forms.ValidationError(_("A version cannot apply before today"))
        return day
