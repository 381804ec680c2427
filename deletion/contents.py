"""What the archive of an account holds and what it does not: one list for the page, the manifest and the test that compares it with the plan."""

from __future__ import annotations

from typing import NamedTuple

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.models import ApiToken, Channel, Customer, Invitation, Membership, User
from deletion.models import (
    AccountExport,
    Cancellation,
    CaseEvent,
    CaseFile,
    CaseNote,
    CasePerson,
    ErasureContact,
    ErasureRequest,
    LegalHold,
    MachineRequest,
    StatusCall,
)
from dpa.models import Acceptance, AcceptanceParty, Decline, Delegation, ExecutedAgreement, PaperAgreement, Serving
from evidence.models import Personal
from notifications.models import Delivery
from privacy_text.models import ChannelText, ChannelTextDraft, Placement, TextUpdate
from subprocessors.models import AgreedTerms, Notice, Objection, Override, TermsDeviation
from subscriptions.models import Activity, StatisticsSwitch, Subscription, Suppression


class Part(NamedTuple):
    """A part of the archive in the customer's words, its files (a folder ends in a stroke) and the models whose rows it holds."""

    words: Promise
    files: tuple[str, ...]
    models: tuple[type[Model], ...]


class Omission(NamedTuple):
    """What the archive leaves out, in the customer's words, and the models whose rows are meant."""

    words: Promise
    models: tuple[type[Model], ...]


HOLDS: tuple[Part, ...] = (
    Part(
        _("the subscriptions to your channels with their identifiers, proofs of consent and activity"),
        ("subscriptions.csv", "subscriptions.jsonl", "activity.csv"),
        (Subscription, Activity),
    ),
    Part(_("whether activity is recorded"), ("statistics.json",), (StatisticsSwitch,)),
    Part(
        _("the company, its people with their roles, invitations and tokens without their secrets"),
        ("company.json", "people.json", "invitations.json", "tokens.json"),
        (Customer, User, Membership, Invitation, ApiToken),
    ),
    Part(
        _("your channels with every saved version of their texts, the places of the passages and the updates that were found"),
        ("channels.json", "channel_texts.json", "passage_places.json", "text_updates.json"),
        (Channel, ChannelText, Placement, TextUpdate),
    ),
    Part(
        _("acceptances of the agreement with all details, concluded agreements, forwarded and declined ones"),
        ("acceptances.json", "paper_agreements.json", "delegations.json", "declines.json", "documents/"),
        (Acceptance, AcceptanceParty, ExecutedAgreement, PaperAgreement, Delegation, Decline),
    ),
    Part(
        _("what you were told of changes of subprocessors, your objections and the periods that were agreed"),
        ("subprocessor_notices.json", "subprocessor_terms.json"),
        (Notice, Objection, AgreedTerms, TermsDeviation),
    ),
    Part(_("which e-mails the portal sent to whom and when"), ("notifications.json",), (Delivery,)),
    Part(
        _("deletion requests and cancellations"),
        ("deletion_requests.json", "cancellations.json"),
        (ErasureRequest, Cancellation),
    ),
)

NOT_INCLUDED: tuple[Omission, ...] = (
    Omission(_("passwords and other secrets, and the wording of e-mails"), (EmailConfirmation, Authenticator, Session)),
    Omission(_("drafts of texts that were not saved, since each is its author’s alone"), (ChannelTextDraft,)),
    Omission(_("keyed hashes of identifiers that ended, since they say nothing without our key"), (Suppression,)),
    Omission(_("what is one person’s own: records of sign-ins, and requests to us"), (UserSession, CasePerson)),
    Omission(
        _("our own records: the ledger of evidence, jobs and logs, files and notes of our support"),
        (Personal, LogEntry, Override, CaseEvent, CaseFile, CaseNote, LegalHold, User.groups.through, User.user_permissions.through),
    ),
    Omission(
        _("what would stand there twice: addresses of people, times of showing, earlier exports, and calls between our systems"),
        (EmailAddress, ErasureContact, Serving, AccountExport, MachineRequest, StatusCall),
    ),
)

CSV_RULE = _(
    "In the CSV files an apostrophe stands before whatever a spreadsheet could take for a formula, also before a telephone number"
    " with a plus sign, and control characters are left out. subscriptions.jsonl holds the same subscriptions unchanged:"
    " take that file into other systems."
)
