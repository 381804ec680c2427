"""Tokens with which a company's systems use the API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from customers.models import ApiToken, Customer, User
from customers.secrets import API_TOKEN_PREFIX, digest, new_secret
from customers.services.companies import subject_of
from customers.services.members import NotAMember
from evidence.services import record


@transaction.atomic
def issue_token(
    *, customer: Customer, name: str, scopes: Sequence[str], expires_at: datetime, by: User, at: datetime
) -> tuple[ApiToken, str]:
    """Return a new token and its secret, which cannot be shown again; raises NotAMember."""
    customer = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    if not by.roles_for(customer):
        raise NotAMember
    secret = API_TOKEN_PREFIX + new_secret()
    token = ApiToken.objects.create(
        customer=customer,
        name=name,
        token_hash=digest(secret),
        scopes=list(scopes),
        created_by=by,
        created_at=at,
        expires_at=expires_at,
        agreement_valid_until=customer.agreement_valid_until,
    )
    record(kind="customers.token_issued", facts={"token": token.pk, "by": str(by.reference)}, subject=subject_of(customer), happened_at=at)
    return token, secret


@transaction.atomic
def revoke_token(*, token: ApiToken, by: User, at: datetime) -> None:
    """Make the token useless from now on; revoking it again changes nothing."""
    if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at):
        facts = {"token": token.pk, "by": str(by.reference)}
        record(kind="customers.token_revoked", facts=facts, subject=subject_of(token.customer), happened_at=at)
