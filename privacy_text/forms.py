"""What readers choose and answer so that a sample text fits: all in the address, nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from customers.models import ChannelType
from privacy_text.composing import LONGEST_PROOF, SHORTEST_PROOF, Choices
from privacy_text.models import PassageSection, SampleTextPart
from privacy_text.questions import LONGEST_ANSWER, QUESTIONS

ON_OFF = [("on", _("Yes")), ("off", _("No"))]
ADDRESSES = ("privacy_url", "cancel_url")
LONGEST_NAME = 200
WITHOUT_CONSENT = _(
    "Without consent only if single clicks are not recorded and nothing is stored on the device or read from it for this (section 25 TDDDG)."
)
NAMES_NEED_CONSENT = _("The opt-in text then says so as well, since the consent has to cover it.")


class SwitchForm(forms.Form):
    """What the channel does. Where the address says nothing, the defaults of ``Choices`` hold."""

    statistics = forms.ChoiceField(
        label=_("Do you evaluate whether messages are displayed and clicked?"),
        help_text=WITHOUT_CONSENT,
        choices=[
            ("consent", _("Yes, per subscription, with consent")),
            ("interest", _("Only as counts for everybody together, on the basis of a legitimate interest")),
            ("off", _("No")),
        ],
        widget=forms.RadioSelect,
    )
    segments = forms.ChoiceField(
        label=_("Do you store topics, so that people receive what suits them?"), choices=ON_OFF, widget=forms.RadioSelect
    )
    profile = forms.ChoiceField(
        label=_("Do you store names or other details from the messenger?"),
        help_text=NAMES_NEED_CONSENT,
        choices=ON_OFF,
        widget=forms.RadioSelect,
    )
    recipients = forms.ChoiceField(
        label=_("How are subprocessors named?"),
        choices=[
            ("named", _("Each with address, task and basis of the transfer")),
            ("categories", _("By category, with a link to the register")),
        ],
        widget=forms.RadioSelect,
    )
    proof_years = forms.TypedChoiceField(
        label=_("How many calendar years do you keep the proof of consent after a cancellation?"),
        choices=[(number, str(number)) for number in range(SHORTEST_PROOF, LONGEST_PROOF + 1)],
        coerce=int,
        widget=forms.Select({"class": "input w-5"}),
    )

    def __init__(self, given: Mapping[str, str], channel_type: ChannelType, answers: Mapping[str, str]) -> None:
        """``given`` is the query of the address; ``answers`` fills in what the address leaves out."""
        known = {name: str(value) for name, value in (*defaults().items(), *answers.items())}
        self.given = {**known, **{name: value for name, value in given.items() if name in known}}
        super().__init__(self.given)
        if channel_type.kind != ChannelType.Kind.MESSENGER:
            del self.fields["profile"]
        for name, (label, hint, _gap) in QUESTIONS.items():
            self.fields[name] = question_field(name, str(label), str(hint))

    @property
    def choices(self) -> Choices:
        """The choices; while some are wrong, the defaults, so that the page can show a text beside the errors."""
        if not self.is_valid():
            return Choices()
        chosen = self.cleaned_data
        return Choices(
            statistics=chosen["statistics"],
            segments=chosen["segments"] == "on",
            profile=chosen.get("profile") == "on",
            recipients=chosen["recipients"],
            proof_years=chosen["proof_years"],
        )

    @property
    def answers(self) -> dict[str, str]:
        """Return the answers that are fit to be printed, by the name of their question."""
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in QUESTIONS}

    @property
    def query(self) -> str:
        """The query of an address that leads to the same text."""
        return urlencode({name: self.given[name] for name in self.fields if self.given[name]})

    @property
    def switch_fields(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in QUESTIONS]

    @property
    def question_fields(self) -> list[forms.BoundField]:
        return [field for field in self if field.name in QUESTIONS]


def defaults() -> dict[str, str]:
    choices = Choices()
    on_off = {name: "on" if getattr(choices, name) else "off" for name in ("segments", "profile")}
    texts = {"statistics": choices.statistics, "recipients": choices.recipients, "proof_years": str(choices.proof_years)}
    return {**texts, **on_off, **dict.fromkeys(QUESTIONS, "")}


def question_field(name: str, label: str, hint: str) -> forms.CharField:
    """Return the field of a question; none is required here, since an open place is what blocks handing out."""
    if name in ADDRESSES:
        return forms.CharField(
            label=label,
            help_text=hint,
            required=False,
            max_length=LONGEST_ANSWER,
            validators=[URLValidator(schemes=["https", "http"], message=_("Enter a complete address, beginning with https://"))],
            widget=forms.URLInput({"class": "input"}),
        )
    widget = forms.Textarea({"class": "input", "rows": 3}) if name == "content" else forms.TextInput({"class": "input"})
    longest = LONGEST_ANSWER if name == "content" else LONGEST_NAME
    return forms.CharField(label=label, help_text=hint, required=False, max_length=longest, widget=widget)


class PartForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """One text of a prompt in one language."""

    class Meta:
        model = SampleTextPart
        fields = ["text"]
        widgets = {"text": forms.Textarea({"class": "input", "rows": 6})}
        error_messages = {"text": {"required": _("Enter the text")}}


class SectionForm(forms.ModelForm):  # type: ignore[type-arg]
    """The words of a section in both languages; its key, its facts and its conditions stay."""

    class Meta:
        model = PassageSection
        fields = ["heading_de", "text_de", "item_de", "heading_en", "text_en", "item_en"]
        widgets = {
            **{name: forms.TextInput({"class": "input", "lang": name[-2:]}) for name in ("heading_de", "heading_en", "item_de", "item_en")},
            **{name: forms.Textarea({"class": "input", "rows": 12, "lang": name[-2:]}) for name in ("text_de", "text_en")},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.recipients:
            del self.fields["item_de"], self.fields["item_en"]
        for name in ("text_de", "text_en"):
            self.fields[name].help_text = _("An empty line parts paragraphs; lines that begin with • become a list.")
