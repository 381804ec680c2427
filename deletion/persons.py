"""Everything that is stored about one person: found by login and address, copied (Art. 15 GDPR), erased (Art. 17) and counted.

``deletion.fields`` holds one decision for each field that can name a person; copy, erasure and count follow it.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import Model, Q, QuerySet

from customers.erasure import session_keys
from customers.ledger import digests_of_address
from customers.models import ApiToken, Invitation, Membership, User
from deletion import answers, fields, proving
from deletion.models import Cancellation, CaseFile, CaseNote, CasePerson, ErasureContact
from dpa.models import AcceptanceParty, Decline, Delegation, PaperAgreement
from notifications.models import Delivery, UpdateSubscription
from privacy_text.models import ChannelTextDraft
from subprocessors.models import Objection

Rows = list[dict[str, Any]]


class Who(NamedTuple):
    """A person as the portal knows it: an address, and the login under it where there is one.

    ``request`` is the reference of the request that is carried out; what is younger than ``until`` is somebody's new beginning.
    """

    email: str
    user: User | None
    until: datetime.datetime | None = None
    request: str = ""

    @property
    def number(self) -> int:
        """The number of the login; 0 is nobody's."""
        return self.user.pk if self.user else 0


def who_is(email: str, *, request: str = "") -> Who:
    """Return the person with this address; staff are employees and are no subject of requests on the desk."""
    address = email.strip().lower()
    user = User.objects.filter(email__iexact=address, is_staff=False).first() if address else None
    return Who(address, user, request=request)


# --- where the address stands -----------------------------------------------------------------------------------------


def unanswered(who: Who) -> list[str]:
    """Return the person's requests that are not answered, this one too: their letters have to reach the person (Art. 12(3) GDPR)."""
    asked = CaseFile.objects.filter(person__email__iexact=who.email).with_status()
    return list(asked.filter(Q(closed_at=None) | Q(reference=who.request)).values_list("reference", flat=True))


def mails_to(who: Who) -> QuerySet[Delivery]:
    rows = Delivery.objects.to(who.email)
    for reference in unanswered(who):
        rows = rows.exclude(key__startswith=answers.KEY, key__contains=reference)
    return rows


def requests_of(who: Who) -> QuerySet[CasePerson]:
    """Return who asked in requests that were answered."""
    return CasePerson.objects.filter(email__iexact=who.email).exclude(case__reference__in=unanswered(who))


class Held(NamedTuple):
    """Rows that go with the address, whether or not somebody signs in with it, and the field that says since when they are there."""

    rows_of: Callable[[Who], QuerySet[Any]]
    since: str


BY_ADDRESS: dict[str, Held] = {
    "notifications.delivery.recipient": Held(mails_to, "created_at"),
    "notifications.updatesubscription.email": Held(lambda who: UpdateSubscription.objects.filter(email__iexact=who.email), "asked_at"),
    "customers.invitation.email": Held(lambda who: Invitation.objects.filter(email__iexact=who.email), "created_at"),
    "dpa.delegation.email": Held(lambda who: Delegation.objects.filter(email__iexact=who.email), "created_at"),
    "deletion.caseperson.email": Held(requests_of, "case__received_at"),
}


def held(label: str, who: Who) -> QuerySet[Any]:
    """Return the rows that go with the person's address."""
    rows = BY_ADDRESS[label].rows_of(who)
    return rows.filter(**{f"{BY_ADDRESS[label].since}__lte": who.until}) if who.until else rows


# --- erasing and counting ---------------------------------------------------------------------------------------------


def log_of(who: Who) -> QuerySet[LogEntry]:
    about = ContentType.objects.get_for_model(User)
    return LogEntry.objects.filter(Q(user=who.number) | Q(content_type=about, object_id=str(who.number)))


def erase(who: Who) -> int:
    """Erase the login with roles, sessions and factors, and whatever is stored under the address; return how many rows went."""
    number = 0
    if who.user is not None:
        number += Session.objects.filter(pk__in=list(session_keys([who.user.pk]))).delete()[0]
        number += log_of(who).delete()[0]
    for label in BY_ADDRESS:
        number += held(label, who).delete()[0]
    if who.user is not None:
        number += User.objects.filter(pk=who.user.pk).delete()[0]
    return number


def is_stored(who: Who) -> bool:
    """Say whether anything is there that an erasure would take."""
    return who.user is not None or any(held(label, who).exists() for label in BY_ADDRESS)


def left_of(who: Who) -> int:
    """Count, as the role that verifies, what is left in every field that is to be erased or emptied. Raises proving.Uncounted."""
    left = 0
    with proving.as_verifier():
        for label, decision in fields.DECISIONS.items():
            if decision.fate in (fields.ERASED, fields.EMPTIED, fields.STAFF):
                model, name = field_of(label)
                proving.refuse_hidden_rows(model._meta.db_table)  # noqa: SLF001  # Django documents _meta as an API
                left += rows_left(model, name, label, who)
        left += Session.objects.filter(pk__in=list(session_keys([who.number]))).count() if who.number else 0
    return left


def rows_left(model: type[Model], name: str, label: str, who: Who) -> int:
    if label in BY_ADDRESS:
        return held(label, who).count()
    field = model._meta.get_field(name)  # noqa: SLF001
    rows = model._default_manager  # noqa: SLF001
    if field.related_model is User:
        return rows.filter(**{name: who.number}).count() if who.number else 0
    if decided_by_address(label):
        return rows.filter(**{f"{name}__iexact": who.email}).count()
    return 0


def decided_by_address(label: str) -> bool:
    """Say whether the field holds the person's own address, where staff of the same name cannot stand."""
    return label == "account.emailaddress.email"


def field_of(label: str) -> tuple[type[Model], str]:
    app, model, name = label.split(".")
    return apps.get_model(app, model), name


# --- copying ----------------------------------------------------------------------------------------------------------


def listed(rows: QuerySet[Any], *names: str) -> Rows:
    """Return the rows with these fields, each called by its last word."""
    words = [{"legal_name": "company"}.get(word, word) for word in (name.rpartition("__")[2] for name in names)]
    return [dict(zip(words, values, strict=True)) for values in rows.order_by("pk").values_list(*names)]


def acceptances_of(who: Who) -> Rows:
    """Return what the proof of each agreement says about the person who accepted it, address and browser included."""
    rows = AcceptanceParty.objects.filter(Q(person_email__iexact=who.email) | Q(acceptance__accepted_by=who.number or None))
    names = ("person_name", "person_function", "person_email", "person_email_confirmed_at", "statement")
    machine = ("ip_address", "user_agent", "authentication", "session_sha256")
    return listed(rows, "acceptance__reference", "acceptance__accepted_at", "legal_name", *names, *machine)


def on_paper(who: Who) -> Rows:
    """Return agreements on paper that name the person, as far as they are of a company that the person acts for."""
    if who.user is None or not who.user.full_name:
        return []
    rows = PaperAgreement.objects.filter(customer__in=who.user.companies(), signed_for_customer_by__icontains=who.user.full_name)
    return listed(rows, "reference", "signed_date", "signed_for_customer_by", "note")


def of_user(model: type[Model], field: str, *names: str) -> Callable[[Who], Rows]:
    return lambda who: listed(model._default_manager.filter(**{field: who.number}), *names) if who.number else []  # noqa: SLF001


def of_address(model: type[Model], field: str, *names: str) -> Callable[[Who], Rows]:
    return lambda who: listed(model._default_manager.filter(**{f"{field}__iexact": who.email}), *names)  # noqa: SLF001


def acts_of(who: Who) -> Rows:
    """Return where the person's number stands as the author of something that is the company's, and when that was."""
    found: Rows = []
    for label, decision in fields.DECISIONS.items():
        if decision.section == "acts" and who.number:
            model, name = field_of(label)
            rows = model._default_manager.filter(**{name: who.number}).order_by("pk")  # noqa: SLF001
            found += [{"what": label, "number": str(pk), "at": at} for pk, at in rows.values_list("pk", decision.when)]
    return found


SECTIONS: dict[str, Callable[[Who], Rows]] = {
    "roles": of_user(Membership, "user", "customer__legal_name", "role", "created_at"),
    "addresses": of_user(EmailAddress, "user", "email", "verified"),
    "sign_ins": of_user(UserSession, "user", "ip", "user_agent", "created_at", "last_seen_at"),
    "second_factors": of_user(Authenticator, "user", "type", "created_at", "last_used_at"),
    "tokens": of_user(ApiToken, "created_by", "customer__legal_name", "name", "created_at", "expires_at"),
    "drafts": of_user(ChannelTextDraft, "user", "channel__name", "kind", "language", "fields", "kept_at"),
    "objections": of_user(Objection, "raised_by", "reference", "notice__customer__legal_name", "grounds", "raised_at"),
    "refusals": of_user(Decline, "declined_by", "customer__legal_name", "reason", "declined_at"),
    "mails": of_address(Delivery, "recipient", "kind", "created_at", "sent_at", "context"),
    "invitations": of_address(Invitation, "email", "customer__legal_name", "roles", "created_at", "accepted_at", "withdrawn_at"),
    "forwarded_agreements": of_address(Delegation, "email", "customer__legal_name", "message", "created_at", "read_at"),
    "updates": of_address(UpdateSubscription, "email", "topics", "language", "asked_at", "confirmed_at"),
    "requests": of_address(CasePerson, "email", "case__reference", "case__kind", "case__received_at", "name", "identifier", "message"),
    "notes": of_address(CaseNote, "case__person__email", "case__reference", "text", "at"),
    "cancellations": of_address(Cancellation, "email", "reference", "received_at", "name", "identification", "email", "reason"),
    "certificates": of_address(ErasureContact, "email", "request__reference"),
    "acceptances": acceptances_of,
    "paper_agreements": on_paper,
    "administration": lambda who: listed(log_of(who), "action_time", "object_repr", "change_message") if who.number else [],
    "acts": acts_of,
}
"""The parts of the copy beside the login itself."""


def copy(who: Who) -> Rows:
    """Return all that is stored about the person as one record (Art. 15(1) and (3) GDPR); none where nothing is stored."""
    names = ("email", "full_name", "function", "language", "created_at", "last_login", "email_confirmed_at")
    login: dict[str, Any] = {name: getattr(who.user, name) for name in names} if who.user else {"email": who.email}
    parts = {name: rows_of(who) for name, rows_of in SECTIONS.items()}
    own_request_alone = {"requests", "mails", "notes"}
    is_known = who.user is not None or any(rows for name, rows in parts.items() if name not in own_request_alone)
    return [login | parts] if is_known else []


def of_addresses(hashes: Iterable[str]) -> list[str]:
    """Return the stored addresses that have one of the keyed hashes; each address is read once, in any table."""
    wanted, found = set(hashes), set()
    columns = [field_of(label) for label in (*BY_ADDRESS, "customers.user.email")]
    for model, name in columns:
        for address in model._default_manager.order_by().values_list(name, flat=True).distinct().iterator():  # noqa: SLF001
            if address and wanted.intersection(digests_of_address(address)):
                found.add(address.lower())
    return sorted(found)
