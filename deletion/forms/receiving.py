"""Input of requests: what support records, what visitors ask for, and the code of a status page."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from deletion.forms.secret import SecretField
from deletion.intake import Asked, ExportNotTaken, demand_download
from deletion.models import CaseFile, ErasureRequest
from publishing.periods import end_of_day

PLAIN = {"autocomplete": "off", "spellcheck": "false"}


class RecordForm(forms.Form):
    """A request that reached support by letter, mail or telephone."""

    kind = forms.ChoiceField(
        label=_("What is asked for?"),
        choices=CaseFile.Kind.choices,
        initial=CaseFile.Kind.ACCOUNT,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what is asked for")},
    )
    source = forms.ChoiceField(
        label=_("How did it arrive?"),
        choices=[choice for choice in CaseFile.Source.choices if choice[0] in ("letter", "email", "phone")],
        error_messages={"required": _("Choose how it arrived")},
        widget=forms.RadioSelect,
    )
    received_date = forms.DateField(
        label=_("Received on"),
        help_text=_("The deadline runs from this day."),
        initial=timezone.localdate,
        error_messages={"required": _("Enter the day of receipt"), "invalid": _("Enter the day in the format 2027-01-31")},
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    company = forms.CharField(
        label=_("Company"),
        help_text=_("For the deletion of an account: the name as it is registered, or the customer’s reference."),
        max_length=250,
        required=False,
        widget=forms.TextInput(PLAIN),
    )
    name = forms.CharField(label=_("Who asks? Name"), max_length=200, required=False, widget=forms.TextInput(PLAIN))
    email = forms.EmailField(
        label=_("E-mail address for the answer"),
        required=False,
        error_messages={"invalid": _("Enter the e-mail address in the format name@example.com")},
        widget=forms.EmailInput(PLAIN),
    )
    language = forms.ChoiceField(
        label=_("Language of our letters"),
        help_text=_("The one in which the person wrote or speaks."),
        choices=[("", _("the company’s, else German")), *settings.LANGUAGES],
        required=False,
    )
    identifier = forms.CharField(
        label=_("Identifier"),
        help_text=_("For a subscriber: the whole push endpoint, device token or messenger number."),
        max_length=4000,
        required=False,
        widget=forms.Textarea({"rows": 2, **PLAIN}),
    )
    data_return = forms.ChoiceField(
        label=_("Return of the data (for an account)"),
        choices=[
            (ErasureRequest.Return.UNSAID.value, _("not asked yet; needed before the approval")),
            (ErasureRequest.Return.TAKEN.value, ErasureRequest.Return.TAKEN.label),
            (ErasureRequest.Return.WAIVED.value, ErasureRequest.Return.WAIVED.label),
        ],
        required=False,
        initial=ErasureRequest.Return.UNSAID.value,
    )
    waives_grace = forms.BooleanField(
        label=_("The company expressly asks for the deletion at once, without the time to withdraw"), required=False
    )

    def clean_received_date(self) -> datetime.date:
        day: datetime.date = self.cleaned_data["received_date"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("Enter a day that is not in the future"))
        return day

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        kind = given.get("kind", "")
        if kind == CaseFile.Kind.ACCOUNT:
            self.find_company(given.get("company", "").strip())
            self.demand_download()
        if kind.startswith("subscriber") and not given.get("identifier", "").strip():
            self.add_error("identifier", _("Enter the identifier: nothing else says which subscriptions are meant"))
        if kind.startswith("person") and not given.get("email"):
            self.add_error("email", _("Enter the e-mail address with which the person signs in"))
        return given

    def find_company(self, text: str) -> None:
        found = list(Customer.objects.open().filter(legal_name__iexact=text)[:2]) if text else []
        if len(found) != 1:
            found = list(Customer.objects.open().filter(reference=text)) if is_uuid(text) else []
        if len(found) != 1:
            self.add_error("company", _("Enter the registered name of one company, or its reference"))
        else:
            self.cleaned_data["customer"] = found[0]

    def demand_download(self) -> None:
        """Refuse to certify a return of the data that the portal has not seen."""
        given = self.cleaned_data
        if given.get("data_return") == ErasureRequest.Return.TAKEN and "customer" in given:
            try:
                demand_download(given["customer"])
            except ExportNotTaken:
                message = _("No download of the export is on record. Have an owner download it, or choose what the company said instead")
                self.add_error("data_return", message)

    def asked(self) -> Asked:
        given = self.cleaned_data
        names = ("kind", "source", "name", "email", "identifier", "waives_grace")
        return Asked(
            **{name: given[name] for name in names},
            data_return=given["data_return"] or ErasureRequest.Return.UNSAID,
            customer=given.get("customer"),
            language=given["language"] or (given["customer"].language if "customer" in given else "de"),
        )

    def received_at(self, now: datetime.datetime) -> datetime.datetime:
        """Return the last moment of the day of receipt, or now when that is today."""
        day = self.cleaned_data["received_date"]
        return min(now, end_of_day(day) - datetime.timedelta(minutes=1))


def is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


class PublicRequestForm(forms.Form):
    """What a visitor can ask for without signing in."""

    KINDS = (
        (CaseFile.Kind.SUBSCRIBER_ERASURE.value, _("Delete what is stored about my subscription")),
        (CaseFile.Kind.SUBSCRIBER_ACCESS.value, _("Give me a copy of what is stored about my subscription")),
        (CaseFile.Kind.PERSON_ERASURE.value, _("Delete my login to this portal")),
        (CaseFile.Kind.PERSON_ACCESS.value, _("Give me a copy of what is stored about my login")),
    )
    kind = forms.ChoiceField(
        label=_("What do you want?"), choices=KINDS, error_messages={"required": _("Choose what you want")}, widget=forms.RadioSelect
    )
    email = forms.EmailField(
        label=_("E-mail address for the answer"),
        help_text=_("For your login: the address with which you sign in."),
        error_messages={
            "required": _("Enter the e-mail address for the answer"),
            "invalid": _("Enter the e-mail address in the format name@example.com"),
        },
        widget=forms.EmailInput({"autocomplete": "email", "spellcheck": "false"}),
    )
    identifier = forms.CharField(
        label=_("Identifier of the subscription"),
        help_text=_(
            "For a subscription: the push endpoint, device token or messenger number. The page or app on which you subscribed shows it."
        ),
        max_length=4000,
        required=False,
        widget=forms.Textarea({"rows": 3, **PLAIN}),
    )
    message = forms.CharField(label=_("What else we should know"), max_length=2000, required=False, widget=forms.Textarea({"rows": 3}))
    secret = SecretField()

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("kind", "").startswith("subscriber") and not given.get("identifier", "").strip():
            self.add_error("identifier", _("Enter the identifier: nothing else says which subscription is yours"))
        return given

    def asked(self) -> Asked:
        given = self.cleaned_data
        names = ("kind", "email", "identifier", "message")
        return Asked(**{name: given[name] for name in names}, source=CaseFile.Source.PUBLIC, language=(get_language() or "de")[:2])


class StatusForm(forms.Form):
    """The code that was mailed; with the reference in the address it opens the status page."""

    code = forms.CharField(
        label=_("Code from our e-mail"),
        max_length=20,
        error_messages={"required": _("Enter the code from our e-mail")},
        widget=forms.TextInput({"autocomplete": "one-time-code", "spellcheck": "false", "class": "mono"}),
    )

    def clean_code(self) -> str:
        return "".join(self.cleaned_data["code"].upper().split()).translate(str.maketrans("ILOUZ", "110V2"))
