"""The portal's choices for registration, login, the second factor and their mails, where allauth asks for them."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlsplit

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context as allauth_context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from customers import secrets, services
from customers.letters import letter_of

log = structlog.get_logger(__name__)
INCORRECT_CODE = _("This code is not correct. Codes change every 30 seconds; enter the one shown now.")


class AccountAdapter(DefaultAccountAdapter):
    """Registration and login."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The e-mail address or the password is not correct."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_password": _("The password is not correct."),
        "incorrect_code": INCORRECT_CODE,
        "too_many_login_attempts": _("There were too many attempts to sign in. Try again in five minutes."),
        "rate_limited": _("There were too many attempts. Try again in a few minutes."),
        "same_as_current": _("This is your current address already."),
        "duplicate_email": _("This address belongs to your account already."),
        "invalid_password_reset": _("This link has expired or was used. Ask for a new one."),
    }

    def is_safe_url(self, url: str) -> bool:
        """Follow paths of this portal alone, never an address with a host."""
        return url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Send staff to their work and customers to their account."""
        user = request.user
        is_staff_only = user.is_authenticated and user.is_staff and user.customer_id is None
        return reverse("manage") if is_staff_only else reverse(settings.LOGIN_REDIRECT_URL)

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return on_our_origin(super().get_email_confirmation_url(request, emailconfirmation))

    def get_reset_password_from_key_url(self, key: str) -> str:
        return on_our_origin(super().get_reset_password_from_key_url(key))

    def render_mail(
        self, template_prefix: str, email: str, context: dict[str, Any], headers: dict[str, str] | None = None
    ) -> EmailMultiAlternatives:
        """Build the mail from its two text templates."""
        subject = " ".join(render_to_string(f"{template_prefix}_subject.txt", context).split())
        text = render_to_string(f"{template_prefix}_message.txt", context, context.get("request"))
        return letter_of(subject=subject, text=text, to=email)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        letter = self.render_mail(template_prefix, email, {"request": allauth_context.request, "email": email, **context})
        services.post(letter=letter, at=timezone.now())

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Confirm the address and keep when."""
        is_confirmed = bool(super().confirm_email(request, email_address))
        if is_confirmed:
            services.note_confirmed_address(user=email_address.user, at=timezone.now())
        return is_confirmed

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Note the failure without the address: who was tried is nobody's business, how often is."""
        log.warning("login_failed")


class MFAAdapter(DefaultMFAAdapter):
    """The second factor; its secrets are encrypted, so that a stolen database opens no account."""

    error_messages: ClassVar[dict[str, Any]] = {**DefaultMFAAdapter.error_messages, "incorrect_code": INCORRECT_CODE}

    def encrypt(self, text: str) -> str:
        return secrets.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return secrets.decrypt(encrypted_text)


def on_our_origin(address: str) -> str:
    """Return the path below the configured origin: a forged Host header must not reach a mail."""
    return str(settings.PORTAL_ORIGIN) + urlsplit(address).path
