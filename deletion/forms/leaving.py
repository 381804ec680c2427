"""Input of the pages on which a company leaves; every refusal says what to do."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.forms import refuse_addresses
from customers.models import Customer
from deletion.forms.secret import SecretField
from deletion.models import AccountExport, Cancellation, ErasureRequest
from deletion.services import Declaration

SOFT_HYPHEN = "\u00ad"


def as_compared(name: str) -> str:
    """Return the name as it is compared: however it was copied, spaces and hyphens that cannot be seen make no difference."""
    return " ".join(name.replace(SOFT_HYPHEN, "").split()).casefold()


class ErasureForm(forms.Form):
    """What becomes of the data, and the company's name, typed, so that nobody deletes the wrong account."""

    data_return = forms.ChoiceField(
        label=_("Did you take your data with you?"),
        choices=[
            (ErasureRequest.Return.TAKEN.value, _("We have downloaded the export")),
            (ErasureRequest.Return.WAIVED.value, _("We want no copy of the data")),
        ],
        error_messages={"required": _("Choose whether you want a copy of your data (Art. 28(3)(g) GDPR)")},
        widget=forms.RadioSelect,
    )
    company = forms.CharField(
        max_length=250,
        error_messages={"required": _("Enter the name of the company")},
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.customer = customer
        self.fields["company"].label = _("To confirm, enter: %(name)s") % {"name": customer.legal_name}

    def clean_data_return(self) -> str:
        choice: str = self.cleaned_data["data_return"]
        if choice == ErasureRequest.Return.TAKEN and not AccountExport.objects.taken_by(self.customer).exists():
            raise forms.ValidationError(_("Download the export first, or choose that you want no copy"))
        return choice

    def clean_company(self) -> str:
        company: str = self.cleaned_data["company"]
        if as_compared(company) != as_compared(self.customer.legal_name):
            raise forms.ValidationError(_("Enter the name of the company exactly as it stands above the field"))
        return company


class CertificateFileForm(forms.Form):
    """A file that may be a certificate, or its SHA-256."""

    checksum = forms.RegexField(
        r"^[0-9a-fA-F]{64}$",
        label=_("SHA-256 of the file"),
        required=False,
        error_messages={"invalid": _("A SHA-256 has 64 characters from 0 to 9 and a to f")},
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "class": "mono"}),
    )
    document = forms.FileField(label=_("or the file itself"), required=False, allow_empty_file=True)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and not given.get("checksum") and not given.get("document"):
            raise forms.ValidationError(_("Enter a SHA-256 or choose a file"))
        return given


class CancellationForm(forms.Form):
    """What § 312k(2) BGB has a cancellation ask for, and nothing else."""

    kind = forms.ChoiceField(
        label=_("How do you cancel?"),
        choices=Cancellation.Kind,
        initial=Cancellation.Kind.ORDINARY,
        error_messages={"required": _("Choose how you cancel")},
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Reason of a cancellation for cause"),
        help_text=_("Only for a cancellation for cause."),
        max_length=1000,
        required=False,
        validators=[refuse_addresses],
        widget=forms.Textarea({"rows": 4}),
    )
    name = forms.CharField(
        label=_("Who cancels? Name or company"),
        max_length=200,
        validators=[refuse_addresses],
        error_messages={"required": _("Enter your name or your company")},
        widget=forms.TextInput({"autocomplete": "organization", "spellcheck": "false"}),
    )
    identification = forms.CharField(
        label=_("Customer number or the e-mail address with which you sign in"),
        max_length=254,
        validators=[refuse_addresses],
        error_messages={"required": _("Enter your customer number or the e-mail address with which you sign in")},
        widget=forms.TextInput({"autocomplete": "username", "spellcheck": "false"}),
    )
    ends = forms.ChoiceField(
        label=_("When is the contract to end?"),
        choices=[("soonest", _("as soon as possible")), ("date", _("on a certain day"))],
        initial="soonest",
        error_messages={"required": _("Choose when the contract is to end")},
        widget=forms.RadioSelect,
    )
    ends_date = forms.DateField(
        label=_("Day"),
        help_text=_("Only if the contract is to end on a certain day."),
        required=False,
        error_messages={"invalid": _("Enter the day in the format 2027-01-31")},
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    email = forms.EmailField(
        label=_("E-mail address for the confirmation"),
        max_length=254,
        error_messages={
            "required": _("Enter the e-mail address for the confirmation"),
            "invalid": _("Enter the e-mail address in the format name@example.com"),
        },
        widget=forms.EmailInput({"autocomplete": "email", "spellcheck": "false"}),
    )
    secret = SecretField()

    def clean_ends_date(self) -> datetime.date | None:
        day: datetime.date | None = self.cleaned_data["ends_date"]
        if self.cleaned_data.get("ends") != "date":
            return None
        if day is None:
            raise forms.ValidationError(_("Enter the day on which the contract is to end"))
        if day < timezone.localdate():
            raise forms.ValidationError(_("Enter a day that is not in the past"))
        return day

    def clean(self) -> dict[str, Any]:
        entered = self.cleaned_data
        if entered.get("kind") == Cancellation.Kind.FOR_CAUSE and not entered.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _("Enter the reason for which you cancel"))
        return entered

    def declaration(self) -> Declaration:
        entered = self.cleaned_data
        return Declaration(
            kind=entered["kind"],
            reason=entered["reason"] if entered["kind"] == Cancellation.Kind.FOR_CAUSE else "",
            name=entered["name"],
            identification=entered["identification"],
            ends_date=entered["ends_date"],
            email=entered["email"],
        )
