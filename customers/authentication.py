"""Systems of a company sign in to the API with a bearer token (RFC 6750)."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from customers.models import ApiToken, Membership, User
from customers.secrets import API_TOKEN_PREFIX, digest

USE_IS_NOTED_EVERY = timedelta(minutes=1)


class TokenAuthentication(BaseAuthentication):
    """Accept ``Authorization: Bearer cpt_…``; a token that is unknown, expired, revoked or orphaned is answered with 401."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return who created the token, and the token; None when the request carries no bearer token."""
        scheme, _, secret = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        now = timezone.now()
        token = live_token(secret.strip().decode("ascii", "replace"), now)
        if token is None:
            raise AuthenticationFailed
        note_use(token, now)
        user = token.created_by
        # Whoever created the token may work for another company by now; the token speaks for its own.
        user.customer, user.agreement_valid_until = token.customer, token.agreement_valid_until
        return user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def live_token(secret: str, now: datetime) -> ApiToken | None:
    """Return the token while it, its company, and its creator's membership are alive; one query."""
    if not secret.startswith(API_TOKEN_PREFIX):
        return None
    wanted = digest(secret)
    memberships = Membership.objects.filter(customer=OuterRef("customer"), user=OuterRef("created_by"))
    alive = Q(Exists(memberships), created_by__is_active=True, customer__closed_at=None)
    token = ApiToken.objects.live(now).filter(alive, token_hash=wanted).select_related("customer", "created_by").first()
    return token if token and hmac.compare_digest(token.token_hash, wanted) else None


def note_use(token: ApiToken, now: datetime) -> None:
    """Remember the use, at most once a minute, so that reading does not become writing."""
    if token.last_used_at is None or now - token.last_used_at >= USE_IS_NOTED_EVERY:
        unnoted = Q(last_used_at=None) | Q(last_used_at__lte=now - USE_IS_NOTED_EVERY)
        ApiToken.objects.filter(unnoted, pk=token.pk).update(last_used_at=now)
        token.last_used_at = now
