"""The classification of a set in the publishing wizard, with reasons for what is removed or weakened."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from publishing.forms import PlanForm
from toms import weakening
from toms.models import Measure, MeasureSet
from toms.weakening import Statement


class MeasuresPlanForm(PlanForm):
    """The classification, with a reason and a replacement for each measure that is removed or weakened."""

    version: MeasureSet
    folded_label = _("Does a reworded measure protect less than before?")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        current, language = MeasureSet.objects.current(), get_language() or "de"
        promised = weakening.implemented(self.version).values()
        self.replacements = [("", _("Choose a measure")), *((each.key, f"{each.key}: {each.text(language)[:90]}") for each in promised)]
        self.stated = {row.measure_key: row for row in self.version.weakenings.all()}
        self.needed = {measure.key: measure for measure in weakening.to_be_justified(current, self.version)}
        self.asked = {m.key: m for m in weakening.reworded(current, self.version) if m.key not in self.needed}
        for measure in self.needed.values():
            self.add_reason(measure, required=True)
        for measure in self.asked.values():
            label = _("%(key)s protects less than before") % {"key": measure.key}
            said = measure.key in self.stated
            self.fields[f"weaker-{measure.key}"] = forms.BooleanField(
                label=label, help_text=measure.text(language), required=False, initial=said
            )
            self.add_reason(measure, required=False)
        self.folded = frozenset(f"{kind}-{key}" for key in self.asked for kind in ("weaker", "reason", "replacement"))

    def add_reason(self, measure: Measure, *, required: bool) -> None:
        stated = self.stated.get(measure.key)
        self.fields[f"reason-{measure.key}"] = forms.CharField(
            label=_("Why is %(key)s removed or weakened?") % {"key": measure.key},
            help_text=measure.text(get_language() or "de") if required else "",
            required=required,
            max_length=1000,
            initial=stated.reason if stated else "",
            widget=forms.Textarea({"rows": 2, "class": "input"}),
            error_messages={"required": _("Say why the measure is removed or weakened")},
        )
        self.fields[f"replacement-{measure.key}"] = forms.ChoiceField(
            label=_("What replaces %(key)s?") % {"key": measure.key},
            choices=[choice for choice in self.replacements if choice[0] != measure.key],
            required=required,
            initial=stated.replacement_key if stated else "",
            widget=forms.Select({"class": "input"}),
            error_messages={"required": _("Choose the measure that replaces it")},
        )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for key in self.asked:
            if cleaned.get(f"weaker-{key}"):
                if not cleaned.get(f"reason-{key}"):
                    self.add_error(f"reason-{key}", _("Say why the measure is weakened"))
                if not cleaned.get(f"replacement-{key}"):
                    self.add_error(f"replacement-{key}", _("Choose the measure that makes up for it"))
        return cleaned

    @property
    def weakenings(self) -> list[Statement]:
        keys = [*self.needed, *(key for key in self.asked if self.cleaned_data[f"weaker-{key}"])]
        return [Statement(key, self.cleaned_data[f"reason-{key}"], self.cleaned_data[f"replacement-{key}"]) for key in keys]
