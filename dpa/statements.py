"""The sentence and the button that a person accepts with; what is shown is what is stored."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import override

from customers.models import Customer
from dpa.models import AgreementVersion


def statement(version: AgreementVersion, customer: Customer, language: str) -> str:
    """Return the statement of authority and acceptance, in the language of the text."""
    with override(language):
        return _(
            "I confirm that I am authorised to conclude the data processing agreement (version %(number)s) for %(company)s, and I accept it."
        ) % {"number": version.number, "company": customer.legal_name}


def button_label(language: str) -> str:
    with override(language):
        return _("Accept the agreement")
