"""Stop the writers first: from here on the account takes nothing any more, whoever asks.

Art. 17 GDPR is not met by deleting what something else writes again at the same moment.
"""

from __future__ import annotations

import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import DatabaseError
from django.db.models import QuerySet
from django.db.models.functions import Now

from customers.erasure import people_of, session_keys
from customers.models import ApiToken, Customer, Role, Scope, User
from deletion.models import ErasureContact, ErasureFence, ErasureRequest
from dpa.gate import write_standing

FENCED = "55000"  # the SQLSTATE of the trigger deletion_refuse_fenced


def raise_fence(request: ErasureRequest, *, at: datetime.datetime) -> None:
    """Close the account in the caller's transaction: no write, no session, no token; remember whom to send the certificate to.

    Waits for transactions that are writing rows of the account.
    """
    customer = Customer.objects.select_for_update(of=("self",)).filter(reference=request.customer_reference).first()
    if customer is None:
        return
    contacts = [ErasureContact(request=request, email=owner.email, language=owner.language) for owner in customer.people_with(Role.OWNER)]
    ErasureContact.objects.bulk_create(contacts, ignore_conflicts=True)
    hashes = {"token_hashes": hashes_of(customer.api_tokens.all()), "reader_hashes": hashes_of(readers(customer, at))}
    ErasureFence.objects.get_or_create(customer_number=customer.pk, defaults={"request": request, "raised_at": at, **hashes})
    Customer.objects.filter(pk=customer.pk, closed_at=None).update(closed_at=at)
    ApiToken.objects.filter(customer=customer, revoked_at=None).update(revoked_at=Now())
    people = list(people_of(customer.pk).values_list("pk", flat=True))
    User.objects.filter(pk__in=people).update(is_active=False)
    known = UserSession.objects.filter(user__in=people).values_list("session_key", flat=True)
    Session.objects.filter(pk__in=list(known)).delete()
    write_standing(customer.pk)


def readers(customer: Customer, at: datetime.datetime) -> QuerySet[ApiToken]:
    """Return the tokens that can read a deletion request now, and go on to do so behind the fence; see ``customers.authentication``."""
    live = customer.api_tokens.live(at).filter(scopes__contains=[Scope.DELETION], created_by__is_active=True)
    return live.filter(created_by__in=customer.memberships.values("user"))


def hashes_of(tokens: QuerySet[ApiToken]) -> list[str]:
    return list(tokens.order_by("pk").values_list("token_hash", flat=True))


def end_other_sessions(customer_id: int) -> None:
    """Delete sessions that are not listed by person, such as one that waits for a second factor.

    Every session of the portal is read for it, so this runs after the account is closed and holds no lock; its people cannot
    sign in any more, and the plan deletes and counts sessions again.
    """
    people = list(people_of(customer_id).values_list("pk", flat=True))
    Session.objects.filter(pk__in=list(session_keys(people))).delete()


def is_late_write(exception: BaseException | None) -> bool:
    """Say whether the database refused a row because its account is being erased."""
    return isinstance(exception, DatabaseError) and getattr(exception.__cause__, "pgcode", "") == FENCED


def is_fenced_token(token_hash: str) -> bool:
    """Say whether the token belonged to an account that is being or was erased: its system is told so by 410, not by 401."""
    return ErasureFence.objects.filter(token_hashes__contains=[token_hash]).exists()
