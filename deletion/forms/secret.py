"""The secret of a public form: it makes a second click the first one, and is the address of the page that confirms the receipt."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms

SECRET = r"^[A-Za-z0-9_-]{22}$"  # noqa: S105 - the shape of 128 random bits, not a secret


class SecretField(forms.RegexField):
    """A hidden field; each form that is shown has a new one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(SECRET, widget=forms.HiddenInput, initial=lambda: secrets.token_urlsafe(16), **options)
