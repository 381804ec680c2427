"""Who a session belongs to."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from customers.models import User


class PersonBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth brings no types
    """Load the person together with the company, so that a page asks the database once for both."""

    def get_user(self, user_id: Any) -> User | None:
        user = User.objects.select_related("customer").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None
