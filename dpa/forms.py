"""Input of the agreement's pages, checked; every refusal says what to do."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dpa.coverage import ITEMS
from dpa.models import AgreementText, AgreementVersion, PaperAgreement
from dpa.services.paper import LARGEST
from publishing.forms import PlanForm
from publishing.models import ChangeKind
from publishing.periods import end_of_day

TIME_TO_ACCEPT = datetime.timedelta(days=28)


class AcceptanceForm(forms.Form):
    """Who accepts; the hidden fields carry what was shown."""

    name = forms.CharField(
        label=_("First and last name"),
        max_length=150,
        error_messages={"required": _("Enter your first and last name")},
        widget=forms.TextInput({"autocomplete": "name", "spellcheck": "false"}),
    )
    function = forms.CharField(
        label=_("Function in the company"),
        max_length=150,
        error_messages={"required": _("Enter your function in the company")},
        widget=forms.TextInput({"autocomplete": "organization-title"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
    language = forms.ChoiceField(choices=settings.LANGUAGES, widget=forms.HiddenInput)
    shown = forms.RegexField(r"^[0-9a-f]{64}$", widget=forms.HiddenInput)

    def text(self) -> AgreementText:
        """Return the text that was shown; Http404 for one that there never was."""
        wanted = {"version": self.cleaned_data["version"], "language": self.cleaned_data["language"]}
        return get_object_or_404(AgreementText.objects.select_related("version"), **wanted)


class ForwardingForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address of the person who may sign"),
        error_messages={
            "required": _("Enter the e-mail address of the person who may sign"),
            "invalid": _("Enter the e-mail address in the format name@example.com"),
        },
        widget=forms.EmailInput({"autocomplete": "email", "spellcheck": "false"}),
    )
    message = forms.CharField(label=_("Your message"), required=False, max_length=500, widget=forms.Textarea({"rows": 4}))


class DecliningForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), required=False, max_length=500, widget=forms.Textarea({"rows": 4}))


class VerificationForm(forms.Form):
    """A reference, and one of: the file's hash typed in, or the file itself."""

    reference = forms.CharField(label=_("Reference"), max_length=40, error_messages={"required": _("Enter the reference")})
    checksum = forms.CharField(label=_("SHA-256 of the file"), max_length=100, required=False)
    document = forms.FileField(label=_("or the PDF file"), required=False)

    def clean_checksum(self) -> str:
        checksum = "".join(str(self.cleaned_data["checksum"]).lower().split())
        if checksum and (len(checksum) != 64 or set(checksum) - set("0123456789abcdef")):
            raise forms.ValidationError(_("A SHA-256 has 64 characters, the digits and the letters a to f"))
        return checksum

    def clean_document(self) -> Any:
        document = self.cleaned_data["document"]
        if document and document.size > LARGEST:
            raise forms.ValidationError(_("The file is larger than 10 MB; enter its SHA-256 instead"))
        return document


class PaperForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    document = forms.FileField(label=_("Document (PDF)"), error_messages={"required": _("Choose the PDF of the signed agreement")})

    class Meta:
        model = PaperAgreement
        fields = ["signed_date", "ends_date", "signed_for_customer_by", "note"]
        widgets = {
            "signed_date": forms.DateInput({"type": "date"}),
            "ends_date": forms.DateInput({"type": "date"}),
            "note": forms.Textarea({"rows": 4}),
        }


class VersionForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """The fields of a draft that are the same in every language."""

    class Meta:
        model = AgreementVersion
        fields = [
            "prevailing_language",
            "is_body_locked",
            "parameters",
            "coverage",
        ]

    def clean_parameters(self) -> Any:
        parameters = self.cleaned_data["parameters"]
        if not isinstance(parameters, dict) or any(isinstance(value, dict | list) for value in parameters.values()):
            raise forms.ValidationError(_("Write the parameters as names with one value each"))
        return parameters

    def clean_coverage(self) -> Any:
        coverage = self.cleaned_data["coverage"]
        if not isinstance(coverage, dict) or not all(isinstance(keys, list) for keys in coverage.values()):
            raise forms.ValidationError(_("Write for each item of Art. 28(3) a list of section keys"))
        unknown = sorted(set(coverage) - set(ITEMS))
        if unknown:
            raise forms.ValidationError(_("Art. 28(3) has no item named %(items)s") % {"items": ", ".join(unknown)})
        return coverage


class AgreementPlanForm(PlanForm):
    """The classification, with the date by which customers must accept a material change."""

    must_accept_by = forms.DateTimeField(
        label=_("Must be accepted by"),
        required=False,
        help_text=_("Counts for a material change of a version that is in force; until then customers go on working."),
        widget=forms.DateTimeInput({"type": "datetime-local", "class": "input"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["must_accept_by"].initial = getattr(self.version, "must_accept_by", None) or self.usual_deadline()

    def usual_deadline(self) -> datetime.datetime | None:
        """Propose the end of the fourth week from the day on which the version applies; the first version is nobody's second."""
        if AgreementVersion.objects.current() is None:
            return None
        day: datetime.date = self.initial["effective_date"]
        return end_of_day(day + TIME_TO_ACCEPT) - datetime.timedelta(minutes=1)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("change_kind") == ChangeKind.EDITORIAL:
            cleaned["must_accept_by"] = None  # proposed for material changes; an editorial one is not accepted again
        if cleaned.get("change_kind") == ChangeKind.MATERIAL and not cleaned.get("must_accept_by") and AgreementVersion.objects.current():
            self.add_error("must_accept_by", _("Enter the date by which customers must accept"))
        if self.closes_too_early(cleaned):
            self.add_error(
                "must_accept_by", _("Customers can accept from the day from which the version applies, so the date lies after it")
            )
        return cleaned

    def closes_too_early(self, cleaned: dict[str, Any]) -> bool:
        """Say whether the gate would close before the version is published, which happens on its day."""
        deadline, day = cleaned.get("must_accept_by"), cleaned.get("effective_date")
        return bool(deadline and day and timezone.localdate(deadline) <= day)


class TextForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    class Meta:
        model = AgreementText
        fields = ["title", "body", "description"]
        widgets = {"body": forms.Textarea({"rows": 30}), "description": forms.Textarea({"rows": 14})}


class DayForm(forms.Form):
    """A day in the past or today, kept in the address."""

    day = forms.DateField(
        label=_("Day"),
        widget=forms.DateInput(attrs={"class": "input", "type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Enter a day"), "invalid": _("Enter the day as a date, such as 2026-11-25")},
    )
