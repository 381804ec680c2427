"""What companies enter about their channels and the texts of these."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.models import ChannelType
from customers.services import ChannelDetails
from privacy_text.composing import LONGEST_PROOF, SHORTEST_PROOF, Choices
from privacy_text.forms import NAMES_NEED_CONSENT, WITHOUT_CONSENT
from privacy_text.merging import Wording
from privacy_text.models import Placement, SampleText, TextKind
from privacy_text.questions import LONGEST_ANSWER, QUESTIONS, question
from privacy_text.reading import OPT_IN_KEYS, label_of
from privacy_text.services import Edited

INPUT = {"class": "input"}
LONGEST_TEXT, MOST_PARAGRAPHS = 10_000, 80
SHORT_PARTS = ("title", "allow", "later")
KEY = re.compile(r"^text_([a-z0-9][a-z0-9-]{0,40})$")
OWN_KEY = re.compile(r"^own-(\d+)$")
STATISTICS = [("off", _("not at all")), ("consent", _("yes, by consent")), ("interest", _("yes, by legitimate interest"))]
RECIPIENTS = [("named", _("by name")), ("categories", _("as categories, with a link to the register"))]


class ChannelForm(forms.Form):
    """Name, address and privacy notice of a channel; for a new one its type, and whether to begin with the template."""

    channel_type = forms.ChoiceField(label=_("Type of channel"), widget=forms.RadioSelect, error_messages={"required": _("Choose a type")})
    name = forms.CharField(
        label=_("Name"),
        help_text=_("How you call the channel, for example: News in the browser"),
        max_length=100,
        error_messages={"required": _("Enter a name")},
        widget=forms.TextInput(INPUT),
    )
    address = forms.URLField(
        label=_("Address of the website or app"),
        required=False,
        assume_scheme="https",
        max_length=200,
        error_messages={"invalid": _("Enter the complete address, beginning with https://")},
        widget=forms.URLInput({**INPUT, "inputmode": "url", "spellcheck": "false"}),
    )
    privacy_url = forms.URLField(
        label=_("Address of your privacy notice"),
        help_text=_("The texts of the channel lead there."),
        required=False,
        assume_scheme="https",
        max_length=200,
        error_messages={"invalid": _("Enter the complete address, beginning with https://")},
        widget=forms.URLInput({**INPUT, "inputmode": "url", "spellcheck": "false"}),
    )
    with_template = forms.BooleanField(
        label=_("Insert the sample text"),
        help_text=_("Sample without legal advice. We do not guarantee that it is correct and complete."),
        required=False,
    )

    def __init__(self, *args: Any, types: Sequence[ChannelType] = (), language: str = "de", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        if types:
            chosen = self.fields["channel_type"]
            assert isinstance(chosen, forms.ChoiceField)
            chosen.choices = [(row.key, row.label(language)) for row in types]
        else:
            del self.fields["channel_type"], self.fields["with_template"]

    def details(self) -> ChannelDetails:
        return ChannelDetails(**{name: self.cleaned_data[name] for name in ("name", "address", "privacy_url")})


class NeededLaterField(forms.CharField):
    """May stay empty while somebody saves; a text is handed out only when it is filled."""

    def validate(self, value: Any) -> None:
        return


class ChannelTextForm(forms.Form):
    """A whole text: answers, choices, and the words of each paragraph under its key."""

    based_on = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    statistics = forms.ChoiceField(
        label=_("Do you evaluate display and clicks?"), help_text=WITHOUT_CONSENT, choices=STATISTICS, widget=forms.Select(INPUT)
    )
    segments = forms.BooleanField(label=_("We store topics and send messages by topic"), required=False)
    profile = forms.BooleanField(label=_("We store names from the messenger"), help_text=NAMES_NEED_CONSENT, required=False)
    recipients = forms.ChoiceField(label=_("How does the passage name recipients?"), choices=RECIPIENTS, widget=forms.Select(INPUT))
    proof_years = forms.IntegerField(
        label=_("Calendar years for which you keep the proof of consent after a cancellation"),
        min_value=SHORTEST_PROOF,
        max_value=LONGEST_PROOF,
        widget=forms.NumberInput({**INPUT, "inputmode": "numeric"}),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        kind: str,
        language: str,
        wordings: Sequence[Wording],
        asked: Sequence[str],
        answers: Mapping[str, str],
        choices: Choices,
        is_messenger: bool,
        based_on: int,
    ) -> None:
        self.kind, self.language, self.asked = kind, language, list(asked)
        self.keys = self.keys_of(data, [wording.key for wording in wordings])
        initial: dict[str, Any] = {**vars(choices), "based_on": based_on}
        initial |= {f"answer_{name}": answers.get(name, "") for name in asked}
        for wording in wordings:
            initial |= {f"text_{wording.key}": wording.text, f"heading_{wording.key}": wording.heading}
        super().__init__(data, initial=initial)
        self.use_required_attribute = False
        for name in self.absent(is_messenger):
            del self.fields[name]
        self.choices = choices
        self.add_questions()
        self.add_paragraphs()

    def keys_of(self, data: Mapping[str, Any] | None, keys: list[str]) -> list[str]:
        """Return the paragraphs in order: those of the text, those that were sent, and an empty one to begin an own paragraph."""
        if self.kind == TextKind.OPT_IN:
            return list(OPT_IN_KEYS)
        sent = [found.group(1) for name in data or () if (found := KEY.match(name))]
        known = list(dict.fromkeys([*keys, *sent]))[:MOST_PARAGRAPHS]
        if data is not None:
            return known
        taken = [int(found.group(1)) for key in known if (found := OWN_KEY.match(key))]
        return [*known, f"own-{max(taken, default=0) + 1}"]

    def absent(self, is_messenger: bool) -> list[str]:  # noqa: FBT001  # what the type is
        names = [] if is_messenger else ["profile"]
        return names if self.kind == TextKind.PASSAGE else [*names, "recipients", "proof_years"]

    def add_questions(self) -> None:
        for name in self.asked:
            asked = question(name)
            self.fields[f"answer_{name}"] = NeededLaterField(
                label=asked.label,
                help_text=asked.hint,
                max_length=LONGEST_ANSWER,
                widget=forms.Textarea({**INPUT, "rows": 2}) if name == "content" else forms.TextInput(INPUT),
            )

    def add_paragraphs(self) -> None:
        for key in self.keys:
            is_short = self.kind == TextKind.OPT_IN and key in SHORT_PARTS
            label = label_of(key, self.language) if self.kind == TextKind.OPT_IN else _("Text")
            rows = 6 if self.kind == TextKind.PASSAGE or key == "message" else 5
            widget = forms.TextInput(INPUT) if is_short else forms.Textarea({**INPUT, "rows": rows, "lang": self.language})
            self.fields[f"text_{key}"] = NeededLaterField(label=label, max_length=LONGEST_TEXT, widget=widget)
            if self.kind == TextKind.PASSAGE:
                self.fields[f"heading_{key}"] = forms.CharField(
                    label=_("Heading"), required=False, max_length=200, widget=forms.TextInput({**INPUT, "lang": self.language})
                )

    def edited(self) -> Edited:
        """Return what was entered; choices that the page does not ask about stay as they were."""
        given = self.cleaned_data
        wordings = [
            Wording(key, str(given.get(f"heading_{key}", "")).strip(), given[f"text_{key}"].replace("\r\n", "\n").strip())
            for key in self.keys
        ]
        choices = Choices(**{name: given.get(name, value) for name, value in vars(self.choices).items()})
        return Edited(wordings, choices, {name: given[f"answer_{name}"] for name in self.asked})

    # what templates ask for

    @property
    def question_fields(self) -> list[forms.BoundField]:
        return [self[f"answer_{name}"] for name in self.asked]

    @property
    def choice_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("statistics", "segments", "profile", "recipients", "proof_years") if name in self.fields]

    @property
    def paragraph_fields(self) -> list[dict[str, Any]]:
        return [
            {
                "key": key,
                "text": self[f"text_{key}"],
                "heading": self[f"heading_{key}"] if f"heading_{key}" in self.fields else None,
                "is_own": bool(OWN_KEY.match(key)),
                "title": self[f"heading_{key}"].value() if f"heading_{key}" in self.fields else "",
            }
            for key in self.keys
        ]


def asked_of(kind: str) -> list[str]:
    """Return the questions that texts of the kind may ask; cancelling is explained in the passage alone."""
    return [name for name in QUESTIONS if kind == TextKind.PASSAGE or name != "cancel_url"]


class PlacementForm(forms.Form):
    """Where the passage stands, and how its embedded copy stays current."""

    page_url = forms.URLField(
        label=_("Address of the page with the passage"),
        help_text=_("We can look whether the passage stands there and whether it is current."),
        required=False,
        assume_scheme="https",
        max_length=2000,
        error_messages={"invalid": _("Enter the complete address, beginning with https://")},
        widget=forms.URLInput({**INPUT, "inputmode": "url", "spellcheck": "false"}),
    )
    updates = forms.ChoiceField(label=_("How are updates taken over?"), choices=Placement.Updates.choices, widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False


class ChannelFilter(forms.Form):
    """Filters of the vendor's list of channels, kept in the address."""

    q = forms.CharField(label=_("Company or channel"), required=False, max_length=200, widget=forms.TextInput(INPUT))
    channel_type = forms.ChoiceField(label=_("Type of channel"), required=False, widget=forms.Select(INPUT))
    version = forms.ChoiceField(label=_("Version of the sample texts"), required=False, widget=forms.Select(INPUT))
    state = forms.ChoiceField(label=_("State"), required=False, widget=forms.Select(INPUT))

    def __init__(
        self, *args: Any, types: Sequence[ChannelType], versions: Sequence[SampleText], states: Sequence[tuple[str, str]], language: str
    ) -> None:
        super().__init__(*args)
        self.use_required_attribute = False
        every = ("", _("all"))
        given = {
            "channel_type": [(row.key, row.label(language)) for row in types],
            "version": [(version.number, version.number) for version in versions],
            "state": states,
        }
        for name, options in given.items():
            chosen = self.fields[name]
            assert isinstance(chosen, forms.ChoiceField)
            chosen.choices = [every, *options]
