"""What people enter about themselves, their company, and who may act for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allauth.account import forms as account_forms
from allauth.account.adapter import get_adapter
from allauth.account.utils import setup_user_email
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from customers.countries import country_choices
from customers.models import Customer, Invitation, Role, Scope, User
from customers.services import CompanyDetails, EmailTaken, PersonDetails, register

NAME_ATTRIBUTES = {"spellcheck": "false"}
TOKEN_DAYS = (30, 90, 180, 365)


def refuse_addresses(value: str) -> None:
    """Refuse names that carry a web address: names stand in mails, and mails must not advertise."""
    if "://" in value or "www." in value.lower():
        raise ValidationError(_("Enter a name without a web address."), code="address")


class PersonFields(forms.Form):
    """Name and function, as the agreement prints them beside a signature."""

    full_name = forms.CharField(
        label=_("First name and surname"),
        max_length=150,
        validators=[refuse_addresses],
        error_messages={"required": _("Enter your first name and surname")},
        widget=forms.TextInput({"autocomplete": "name", **NAME_ATTRIBUTES}),
    )
    function = forms.CharField(
        label=_("Function in the company"),
        help_text=_("For example: managing director"),
        max_length=150,
        error_messages={"required": _("Enter your function in the company")},
        widget=forms.TextInput({"autocomplete": "organization-title"}),
    )


class CompanyFields(forms.Form):
    """The company as a party of the agreement."""

    legal_name = forms.CharField(
        label=_("Company, as registered"),
        max_length=200,
        validators=[refuse_addresses],
        error_messages={"required": _("Enter the company’s registered name")},
        widget=forms.TextInput({"autocomplete": "organization", **NAME_ATTRIBUTES}),
    )
    street = forms.CharField(
        label=_("Street and number"),
        max_length=200,
        error_messages={"required": _("Enter street and number")},
        widget=forms.TextInput({"autocomplete": "address-line1", **NAME_ATTRIBUTES}),
    )
    postcode = forms.CharField(
        label=_("Postcode"),
        max_length=20,
        error_messages={"required": _("Enter the postcode")},
        widget=forms.TextInput({"autocomplete": "postal-code"}),
    )
    city = forms.CharField(
        label=_("City"),
        max_length=100,
        error_messages={"required": _("Enter the city")},
        widget=forms.TextInput({"autocomplete": "address-level2", **NAME_ATTRIBUTES}),
    )
    country = forms.ChoiceField(
        label=_("Country"),
        choices=country_choices,
        initial="DE",
        error_messages={"required": _("Choose the country")},
        widget=forms.Select({"autocomplete": "country"}),
    )
    register_number = forms.CharField(
        label=_("Register number"),
        help_text=_("For example: Amtsgericht Hamburg, HRB 12345"),
        max_length=100,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", **NAME_ATTRIBUTES}),
    )
    vat_number = forms.CharField(
        label=_("VAT number"),
        help_text=_("For example: DE123456789"),
        max_length=20,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", **NAME_ATTRIBUTES}),
    )
    acts_as = forms.ChoiceField(
        label=_("Whose data does the company process with the service?"),
        choices=[
            (Customer.ActsAs.CONTROLLER.value, _("Its own subscribers’ data (controller)")),
            (Customer.ActsAs.PROCESSOR.value, _("Subscribers’ data of its clients, for example as an agency (processor)")),
        ],
        initial=Customer.ActsAs.CONTROLLER.value,
        error_messages={"required": _("Choose whose data the company processes")},
        widget=forms.RadioSelect,
    )

    def company(self) -> CompanyDetails:
        return CompanyDetails(**{name: self.cleaned_data[name] for name in CompanyFields.base_fields})


class CompanyForm(CompanyFields):
    """The owner mends the company's details."""

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        kwargs["initial"] = {name: getattr(customer, name) for name in CompanyFields.base_fields}
        super().__init__(*args, **kwargs)


class LabelledFields:
    """Texts for allauth's fields: a label and a hint stay visible while one types, a placeholder does not."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name in LABELS:
                field.label, field.error_messages["required"] = LABELS[name]
            if name == "password1":
                field.help_text = _("At least 12 characters. A sentence is easy to remember and hard to guess.")
            elif name in ("password", "oldpassword"):
                field.help_text = ""
            if isinstance(field, forms.EmailField):
                field.error_messages["invalid"] = _("Enter the e-mail address in the format name@example.com")
                field.widget.attrs["spellcheck"] = "false"


LABELS = {
    "login": (_("E-mail address"), _("Enter your e-mail address")),
    "email": (_("E-mail address"), _("Enter your e-mail address")),
    "password": (_("Password"), _("Enter your password")),
    "password1": (_("Password"), _("Enter a password")),
    "password2": (_("Password once more"), _("Enter the password once more")),
    "oldpassword": (_("Current password"), _("Enter your current password")),
    "code": (_("Code"), _("Enter the code")),
}


class RegistrationForm(LabelledFields, CompanyFields, PersonFields, account_forms.SignupForm):
    """A person and a company register together, in one form and one transaction."""

    field_order = ["full_name", "function", "email", "password1", *CompanyFields.base_fields]

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponseBase | None]:
        """Register, or answer a taken address exactly as a free one; two submissions of the same form make one company."""
        try:
            user, response = super().try_save(request)
        except EmailTaken:
            self.account_already_exists = True
            user, response = super().try_save(request)
        return user, response

    @transaction.atomic
    def save(self, request: HttpRequest) -> User:
        entered = self.cleaned_data
        person = PersonDetails(entered["full_name"], entered["function"], entered["email"], entered["password1"], get_language() or "de")
        user = register(person=person, company=self.company(), at=timezone.now())
        setup_user_email(request, user, [])
        return user


class InvitedPersonForm(LabelledFields, PersonFields):
    """Somebody invited registers; company and address are known from the invitation."""

    password1 = account_forms.SetPasswordField()

    def clean_password1(self) -> str:
        password: str = get_adapter().clean_password(self.cleaned_data["password1"])
        return password

    def person(self, invitation: Invitation) -> PersonDetails:
        entered = self.cleaned_data
        return PersonDetails(entered["full_name"], entered["function"], invitation.email, entered["password1"], get_language() or "de")


class LoginForm(LabelledFields, account_forms.LoginForm):
    pass


class ChangeEmailForm(LabelledFields, account_forms.AddEmailForm):
    pass


class ChangePasswordForm(LabelledFields, account_forms.ChangePasswordForm):
    pass


class SetPasswordForm(LabelledFields, account_forms.SetPasswordForm):
    pass


class ResetPasswordForm(LabelledFields, account_forms.ResetPasswordForm):
    pass


class ResetPasswordKeyForm(LabelledFields, account_forms.ResetPasswordKeyForm):
    pass


class ReauthenticateForm(LabelledFields, account_forms.ReauthenticateForm):
    pass


class SecondFactorForm(LabelledFields, mfa_forms.AuthenticateForm):
    pass


class SecondFactorAgainForm(LabelledFields, mfa_forms.ReauthenticateForm):
    pass


class ActivateAppForm(LabelledFields, ActivateTOTPForm):
    pass


class ProfileForm(PersonFields, forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """A person's own name, function and language."""

    language = forms.ChoiceField(
        label=_("Language of mails to you"), choices=[("de", "Deutsch"), ("en", "English")], widget=forms.RadioSelect
    )

    class Meta:
        model = User
        fields = ("full_name", "function", "language")


class RolesForm(forms.Form):
    """What a person may do for the company."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=Role.choices,
        error_messages={"required": _("Choose at least one role")},
        widget=forms.CheckboxSelectMultiple,
    )


class InvitationForm(RolesForm):
    """Whom the owner invites."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        error_messages={"required": _("Enter the e-mail address"), "invalid": _("Enter the e-mail address in the format name@example.com")},
        widget=forms.EmailInput({"autocomplete": "off", **NAME_ATTRIBUTES}),
    )
    field_order = ["email", "roles"]


class TokenForm(forms.Form):
    """A new token for one of the company's systems."""

    name = forms.CharField(
        label=_("Name"),
        help_text=_("Which system uses the token, for example: shop, production"),
        max_length=100,
        error_messages={"required": _("Enter a name")},
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What the token may do"),
        help_text=_("Choose only what the system needs. “Read” and “Look” change nothing; everything else acts for your company."),
        choices=Scope.choices,
        error_messages={"required": _("Choose what the token may do")},
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.TypedChoiceField(
        label=_("The token expires after"),
        choices=lambda: [(days, _("%(days)d days") % {"days": days}) for days in TOKEN_DAYS],
        coerce=int,
        initial=90,
    )

    def lifetime(self) -> timedelta:
        return timedelta(days=self.cleaned_data["days"])
