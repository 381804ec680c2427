"""A company's own data as one ZIP file: JSON for machines, PDF for people, a manifest and checksums for both."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.forms import model_to_dict

from customers.models import Customer
from deletion.models import Cancellation, ErasureRequest
from deletion.scope import deliveries_to
from dpa.models import Acceptance
from pdf import storage
from privacy_text.models import ChannelText, Placement, TextUpdate
from subprocessors.models import AgreedTerms
from subscriptions.models import StatisticsSwitch

FORMAT = "compliance-portal-account/1"

Rows = list[dict[str, Any]]


def company(customer: Customer) -> Rows:
    return [only(customer, *COMPANY)]


def people(customer: Customer) -> Rows:
    rows = customer.people_with_roles()
    return [only(person, *PERSON) | {"roles": [membership.role for membership in person.roles_here]} for person in rows]  # type: ignore[attr-defined]  # prefetched


def invitations(customer: Customer) -> Rows:
    return [
        only(row, "email", "roles", "language", "created_at", "expires_at", "accepted_at", "withdrawn_at")
        for row in customer.invitations.order_by("pk")
    ]


def tokens(customer: Customer) -> Rows:
    return [
        only(row, "name", "scopes", "created_at", "expires_at", "revoked_at", "last_used_at") for row in customer.api_tokens.order_by("pk")
    ]


def channels(customer: Customer) -> Rows:
    names = ("public_id", "channel_type", "name", "address", "privacy_url", "created_at", "activated_at", "removed_at")
    return [only(row, *names) for row in customer.channels.order_by("pk")]


def channel_texts(customer: Customer) -> Rows:
    """Return every saved state of every text, the oldest first; drafts are left out, since each is its author's alone."""
    rows = (
        ChannelText.objects.of_customer(customer).select_related("channel", "sample_text").order_by("channel", "kind", "language", "number")
    )
    names = ("kind", "language", "number", "wordings", "choices", "values", "origin", "saved_at", "sha256", "register_number")
    return [
        only(row, *names) | {"channel": row.channel.public_id, "sample_text": row.sample_text.number if row.sample_text else None}
        for row in rows
    ]


def passage_places(customer: Customer) -> Rows:
    rows = Placement.objects.filter(channel__customer=customer).select_related("channel").order_by("pk")
    names = ("updates", "page_url", "found", "checked_at", "taken_out_at")
    return [only(row, *names) | {"channel": row.channel.public_id} for row in rows]


def text_updates(customer: Customer) -> Rows:
    rows = TextUpdate.objects.of_customer(customer).select_related("channel", "sample_text").order_by("pk")
    names = ("kind", "language", "found_at", "applies_at", "settled_at")
    return [only(row, *names) | {"channel": row.channel.public_id, "sample_text": row.sample_text.number} for row in rows]


def acceptances(customer: Customer) -> Rows:
    found = customer.acceptances.select_related("version", "party", "executed").order_by("accepted_at", "pk")
    return [acceptance_row(acceptance) for acceptance in found]


def acceptance_row(acceptance: Acceptance) -> dict[str, Any]:
    """Return an acceptance with its party, as far as that is still kept, and the name of its document in the archive."""
    party, executed = getattr(acceptance, "party", None), getattr(acceptance, "executed", None)
    return only(acceptance, *ACCEPTANCE) | {
        "version": acceptance.version.number,
        "party": model_to_dict(party, exclude=["acceptance", "session_sha256"]) if party else None,
        "document": document_name(acceptance) if executed else None,
    }


def paper_agreements(customer: Customer) -> Rows:
    names = ("reference", "signed_date", "ends_date", "signed_for_customer_by", "note", "document_sha256", "imported_at")
    return [only(row, *names) | {"document": f"documents/{row.reference}.pdf"} for row in customer.paper_agreements.order_by("pk")]


def delegations(customer: Customer) -> Rows:
    names = ("email", "message", "created_at", "expires_at", "read_at", "withdrawn_at")
    return [only(row, *names) | {"is_accepted": row.acceptance_id is not None} for row in customer.delegations.order_by("pk")]


def declines(customer: Customer) -> Rows:
    rows = customer.declines.select_related("version").order_by("pk")
    return [only(row, "declined_at", "reason") | {"version": row.version.number} for row in rows]


def messages(customer: Customer) -> Rows:
    rows = deliveries_to(customer).order_by("created_at", "pk")
    return [only(row, "recipient", "kind", "language", "state", "created_at", "sent_at") for row in rows]


def deletion_requests(customer: Customer) -> Rows:
    names = ("reference", "requested_at", "state", "not_before", "due_date", "withdrawn_at")
    return [only(row, *names) for row in ErasureRequest.objects.filter(customer=customer).order_by("pk")]


def cancellations(customer: Customer) -> Rows:
    names = ("reference", "received_at", "kind", "reason", "name", "identification", "ends_date", "email", "language")
    return [only(row, *names) for row in Cancellation.objects.filter(customer=customer).order_by("pk")]


def notices(customer: Customer) -> Rows:
    """Return what the company was told of changes of subprocessors, with its objections."""
    told = ("told_date", "objection_ends_date", "may_start_date", "authorisation", "consented_at")
    said = ("reference", "grounds", "state", "raised_at", "answer", "answered_at", "outcome", "closed_at")
    rows = customer.notices.select_related("announcement").prefetch_related("objections").order_by("pk")
    return [
        only(row, *told) | {"announcement": row.announcement.reference, "objections": [only(each, *said) for each in row.objections.all()]}
        for row in rows
    ]


def terms(customer: Customer) -> Rows:
    names = ("notice_days", "objection_days", "urgent_notice_days", "authorisation")
    agreed = AgreedTerms.objects.filter(customer=customer)
    return [only(row, *names, "source", "source_number", "agreed_at") for row in agreed] + [
        only(row, *names, "note", "recorded_at", "ended_at") for row in customer.terms_deviations.order_by("pk")
    ]


def statistics(customer: Customer) -> Rows:
    return [only(row, "is_on", "changed_at") for row in StatisticsSwitch.objects.filter(customer=customer)]


COMPANY = (
    "reference",
    "legal_name",
    "street",
    "postcode",
    "city",
    "country",
    "register_number",
    "vat_number",
    "acts_as",
    "language",
    "agreement_valid_until",
    "created_at",
    "closed_at",
)
PERSON = ("reference", "email", "full_name", "function", "language", "is_active", "created_at", "last_login")
ACCEPTANCE = (
    "reference",
    "language",
    "text_sha256",
    "shown_sha256",
    "pdf_sha256",
    "measures_number",
    "measures_sha256",
    "subprocessors_number",
    "subprocessors_sha256",
    "accepted_at",
    "channel",
    "served_at",
    "pdf_served_at",
    "button_label",
    "statement_sha256",
    "event_id",
    "leaf_hash",
    "commitment",
)
FILES: dict[str, Callable[[Customer], Rows]] = {
    "company.json": company,
    "people.json": people,
    "invitations.json": invitations,
    "tokens.json": tokens,
    "channels.json": channels,
    "channel_texts.json": channel_texts,
    "passage_places.json": passage_places,
    "text_updates.json": text_updates,
    "acceptances.json": acceptances,
    "paper_agreements.json": paper_agreements,
    "delegations.json": delegations,
    "declines.json": declines,
    "notifications.json": messages,
    "deletion_requests.json": deletion_requests,
    "cancellations.json": cancellations,
    "subprocessor_notices.json": notices,
    "subprocessor_terms.json": terms,
    "statistics.json": statistics,
}


def documents(customer: Customer) -> dict[str, bytes]:
    """Return the concluded agreements; one that is still being made is missing and named without document."""
    executed = customer.acceptances.exclude(executed=None).select_related("executed")
    files = {document_name(acceptance): storage.read(acceptance.executed.sha256) for acceptance in executed}
    return files | {f"documents/{row.reference}.pdf": storage.read(row.document_sha256) for row in customer.paper_agreements.all()}


def document_name(acceptance: Acceptance) -> str:
    return f"documents/{acceptance.reference}.pdf"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def only(row: Model, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def as_json(content: Any) -> bytes:
    return (json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2) + "\n").encode()
