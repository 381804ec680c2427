"""The registry of datasets: for each table that is erased, how its rows of one account are found.

The predicate is one constant: the deletion, the estimate and every verification use the same text, so that none can be
right while another is wrong. It names the account by the plan's numbers and keyed hashes alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import models
from django.db.models import Model

from customers.models import ApiToken, Channel, Customer, Invitation, Membership, User
from deletion.models import AccountExport
from deletion.plan import decisions
from dpa.models import Decline, Delegation
from notifications.models import Delivery
from privacy_text.models import ChannelText, ChannelTextDraft, Placement, TextUpdate
from subprocessors.models import AgreedTerms, Notice, Objection, Override, TermsDeviation
from subscriptions.models import Activity, StatisticsSwitch, Subscription, Suppression

STORE = "database"
OF_ACCOUNT = "customer_id = %(account)s"
OF_PEOPLE = "user_id = ANY(%(people)s)"
TO_ADDRESSES = "encode(sha256(convert_to(%(salt)s || lower(recipient), 'UTF8')), 'hex') = ANY(%(addresses)s)"
TO_OWNERS = "(kind = ANY(%(told_owners)s) AND split_part(key, ':', 2) = ANY(%(requests)s))"
TO_WHO_ASKED = (
    "(kind = 'case_letter' AND split_part(key, ':', 3) IN"
    " (SELECT f.reference FROM deletion_caseperson p JOIN deletion_casefile f ON f.id = p.case_id))"
)
"""A letter about the request of a person: it has to arrive whatever becomes of the account, and goes with who asked (Art. 12(3) GDPR)."""
MAILS = f"(customer_id = %(account)s OR (customer_id IS NULL AND ({TO_ADDRESSES} OR {TO_OWNERS}) AND NOT {TO_WHO_ASKED}))"
"""A mail that names a company is that one's, whoever else knows the address; one that names none goes with the address."""
ABOUT_ACCOUNT = (
    "((content_type_id = %(customer_type)s AND object_id = %(account)s::text)"
    " OR (content_type_id = %(person_type)s AND object_id = ANY(%(people)s::text[])) OR user_id = ANY(%(people)s))"
)
OF_THEIR_ADDRESSES = "email_address_id IN (SELECT id FROM account_emailaddress WHERE user_id = ANY(%(people)s))"
OF_NOTICES = "notice_id IN (SELECT id FROM subprocessors_notice WHERE customer_id = %(account)s)"
OF_CHANNELS = "channel_id IN (SELECT id FROM customers_channel WHERE customer_id = %(account)s)"
NAMES_ACCOUNT = re.compile(r"%\((account|people|addresses|requests|sessions)\)s")
LETTERS_OF_THE_END = ("deletion_started", "deletion_completed")
"""Mails that the erasure itself sends; they name no company, and go with the contact after their time."""
LETTERS_TO_OWNERS = ("deletion_requested", "deletion_reminder", "deletion_withdrawn")
"""Mails about a request to those who own the account, whose key names the request."""

WHERE: dict[type[Model], str] = {
    Activity: OF_ACCOUNT,
    AccountExport: OF_ACCOUNT,
    Subscription: OF_ACCOUNT,
    Suppression: OF_ACCOUNT,
    StatisticsSwitch: OF_ACCOUNT,
    Delegation: OF_ACCOUNT,
    Decline: OF_ACCOUNT,
    Override: OF_NOTICES,
    Objection: OF_NOTICES,
    Notice: OF_ACCOUNT,
    AgreedTerms: OF_ACCOUNT,
    TermsDeviation: OF_ACCOUNT,
    Delivery: f"({MAILS} AND NOT kind = ANY(%(letters)s))",
    Session: "session_key = ANY(%(sessions)s)",
    UserSession: OF_PEOPLE,
    Authenticator: OF_PEOPLE,
    EmailConfirmation: OF_THEIR_ADDRESSES,
    EmailAddress: OF_PEOPLE,
    LogEntry: ABOUT_ACCOUNT,
    ChannelTextDraft: OF_CHANNELS,
    TextUpdate: OF_CHANNELS,
    Placement: OF_CHANNELS,
    ChannelText: OF_CHANNELS,
    Channel: OF_ACCOUNT,
    ApiToken: "(customer_id = %(account)s OR created_by_id = ANY(%(people)s))",
    Invitation: OF_ACCOUNT,
    Membership: "(customer_id = %(account)s OR user_id = ANY(%(people)s))",
    User.groups.through: OF_PEOPLE,
    User.user_permissions.through: OF_PEOPLE,
    User: "id = ANY(%(people)s)",
    Customer: "id = %(account)s",
}

FUNCTIONS: dict[type[Model], tuple[str, tuple[type[Model], ...]]] = {Subscription: ("deletion_erase_subscriptions", (Activity,))}
"""Tables whose rows go by a function of the database (account, above, up to) once all that refers to them is gone; what that is."""


class NoAccountNamed(Exception):
    """A statement would reach rows of every account; it is refused before it is made."""


class UnknownDataset(LookupError):
    """A plan names a dataset that this version of the portal does not know: another version froze it."""


class Dataset(NamedTuple):
    """One table and the predicate that finds its rows of an account."""

    key: str
    model: type[Model]
    where: str

    @property
    def table(self) -> str:
        return self.model._meta.db_table  # noqa: SLF001  # Django documents _meta as an API

    @property
    def primary_key(self) -> str:
        return str(self.model._meta.pk.column)  # noqa: SLF001

    @property
    def key_type(self) -> str:
        """Return the type that a stored position is read back as."""
        field = self.model._meta.pk  # noqa: SLF001
        if isinstance(field, models.UUIDField):
            return "uuid"
        if isinstance(field, models.BinaryField):
            return "bytea"
        return "text" if isinstance(field, models.CharField) else "bigint"

    @property
    def function(self) -> str:
        """Return the function that deletes a range of its rows without looking for references to each; "" when there is none."""
        return FUNCTIONS.get(self.model, ("", ()))[0]

    @property
    def referring(self) -> list[str]:
        """Return the keys of the datasets that have to be gone before the function may be used."""
        return [model._meta.label_lower for model in FUNCTIONS.get(self.model, ("", ()))[1]]  # noqa: SLF001

    @property
    def label(self) -> str:
        return str(self.model._meta.verbose_name_plural)  # noqa: SLF001


def dataset_of(model: type[Model]) -> Dataset:
    """Return the dataset of an erased model. Raises KeyError without a predicate, NoAccountNamed for one that names no account."""
    where = WHERE[model]
    if not NAMES_ACCOUNT.search(where):
        raise NoAccountNamed(model._meta.label)  # noqa: SLF001
    return Dataset(model._meta.label_lower, model, where)  # noqa: SLF001


def datasets() -> list[Dataset]:
    """Return what is erased in the order of the plan: rows before the rows they refer to, the company last."""
    return [dataset_of(model) for model, kept in decisions() if kept is None]


def find(key: str) -> Dataset:
    """Return the dataset of a frozen step; raises UnknownDataset when this version of the portal knows it no more."""
    for dataset in datasets():
        if dataset.key == key:
            return dataset
    raise UnknownDataset(key)


def nulled(dataset: Dataset) -> list[tuple[str, str]]:
    """Return table and column of every reference that outlives a row of the dataset and is emptied with it."""
    relations = dataset.model._meta.get_fields(include_hidden=True)  # noqa: SLF001
    emptied = (relation for relation in relations if isinstance(relation, models.ManyToOneRel) and relation.on_delete is models.SET_NULL)
    return [(relation.related_model._meta.db_table, str(relation.field.column)) for relation in emptied]  # noqa: SLF001


def registry_sha256(stores: Mapping[str, Any]) -> str:
    """Return the hash of everything that was known when a plan was made: datasets with predicates, what stays, other stores."""
    lines = [f"{dataset.key} {dataset.where}" for dataset in datasets()]
    lines += [f"keeps {model._meta.label_lower}" for model, kept in decisions() if kept is not None]  # noqa: SLF001
    lines += [f"store {name}" for name in sorted(stores)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
