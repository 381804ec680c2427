"""Accept, decline, and note that a text was shown (Art. 28(3) and (9), Art. 5(2) GDPR)."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.db import connection, transaction

from customers.models import Customer, User
from dpa.composition import shown_sha256
from dpa.gate import write_standing
from dpa.models import Acceptance, AcceptanceParty, AgreementText, AgreementVersion, Decline, Delegation, Serving
from dpa.standing import terms_of
from dpa.statements import button_label, statement
from evidence.services import record
from jobs.services import put
from publishing.canonical import canonical_text
from publishing.models import State
from publishing.references import new_reference
from subprocessors.services import agree_on_terms

SIGNING_ROLES = ("owner", "signatory")
AGENT_LENGTH = 500


class VersionSuperseded(Exception):
    """The version is a draft or no longer the current one; nothing was accepted."""


class TextChanged(Exception):
    """The text that the form carried is not the text that would be accepted, for example because the company's name changed."""


class NotShown(Exception):
    """The text was never sent to this customer, so nobody can have read it."""


class MayNotSign(Exception):
    """The person has no role that may sign for this customer."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who accepts, at an address that was confirmed before signing in or reached by a forwarded link."""

    name: str
    function: str
    email: str
    email_confirmed_at: datetime.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """How it was accepted; address and agent are shortened or left out as the setting EVIDENCE_ADDRESSES says."""

    channel: str
    request_id: str
    ip_address: str = ""
    user_agent: str = ""
    authentication: str = ""
    session_sha256: str = ""

    def minimised(self) -> tuple[str, str]:
        """Return address and agent as they may be stored."""
        if settings.EVIDENCE_ADDRESSES == "off":
            return "", ""
        agent = " ".join(self.user_agent.split())[:AGENT_LENGTH]
        if settings.EVIDENCE_ADDRESSES == "full" or not self.ip_address:
            return self.ip_address, agent
        prefix = 24 if ip_address(self.ip_address).version == 4 else 48
        return str(ip_network(f"{self.ip_address}/{prefix}", strict=False)), agent.split(" ")[0]


@transaction.atomic
def note_serving(*, customer: Customer, text: AgreementText, form: str, at: datetime.datetime) -> None:
    """Write once per customer, text and form that the text was sent, with its place in the ledger."""
    _row, is_new = Serving.objects.get_or_create(customer=customer, text=text, form=form, defaults={"first_served_at": at})
    if is_new:
        facts = {"version": text.version.number, "language": text.language, "text_sha256": text.sha256, "form": form}
        record(kind="agreement.served", facts=facts, subject=str(customer.reference), happened_at=at)


@transaction.atomic
def accept(
    *,
    customer: Customer,
    text: AgreementText,
    shown: str,
    person: Person,
    by: User | Delegation,
    accepted_at: datetime.datetime,
    circumstances: Circumstances,
) -> Acceptance:
    """Accept the text whose SHA-256 is ``shown`` for the customer; a second call returns the first acceptance.

    Raises MayNotSign, VersionSuperseded, TextChanged or NotShown; then nothing was written.
    """
    state = state_under_share_lock(text.version_id)  # before the customer's row, as a publication takes them
    customer = Customer.objects.select_for_update(of=("self",)).get(pk=customer.pk)
    demand_right_to_sign(customer, by)
    earlier = Acceptance.objects.filter(customer=customer, version=text.version_id).first()
    if earlier is not None:
        return earlier
    if state != State.PUBLISHED:
        raise VersionSuperseded
    if shown_sha256(text, customer) != shown:
        raise TextChanged
    acceptance = write_acceptance(customer, text, shown, person, by, accepted_at, circumstances)
    write_standing(customer.pk)
    agree_on_terms(customer=customer, source="agreement", source_number=text.version.number, at=accepted_at, **terms_of(text))
    put(kind="dpa.seal", key=f"dpa.seal:{acceptance.reference}", subject=acceptance.reference)
    put(kind="dpa.execute", key=f"dpa.execute:{acceptance.reference}", subject=acceptance.reference)
    return acceptance


def demand_right_to_sign(customer: Customer, by: User | Delegation) -> None:
    """A forwarded link signs for its own customer alone; a member needs a signing role there."""
    allowed = by.customer_id == customer.pk if isinstance(by, Delegation) else by.is_active and by.has_role(customer, *SIGNING_ROLES)
    if not allowed or customer.closed_at is not None:
        raise MayNotSign


def state_under_share_lock(version_id: int) -> str:
    """Return the version's state; until this transaction ends nobody can supersede it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT state FROM dpa_agreementversion WHERE id = %s FOR SHARE", [version_id])
        return str(cursor.fetchone()[0])


def write_acceptance(
    customer: Customer,
    text: AgreementText,
    shown: str,
    person: Person,
    by: User | Delegation,
    at: datetime.datetime,
    circumstances: Circumstances,
) -> Acceptance:
    servings = dict(Serving.objects.filter(customer=customer, text=text).values_list("form", "first_served_at"))
    if not servings:
        raise NotShown
    reference = new_reference("AVV", at.year)
    sentence = statement(text.version, customer, text.language)
    hashes = accepted_hashes(text, shown, sentence)
    party = party_of(customer, person, sentence, circumstances)
    facts = hashes | {
        "customer": str(customer.reference),
        "version": text.version.number,
        "language": text.language,
        "channel": circumstances.channel,
    }
    event = record(kind="agreement.accepted", facts=facts, subject=reference, happened_at=at, personal=personal_facts(party))
    acceptance = Acceptance.objects.create(
        reference=reference,
        customer=customer,
        customer_reference=customer.reference,
        version=text.version,
        text=text,
        language=text.language,
        accepted_at=at,
        accepted_by=by if isinstance(by, User) else None,
        channel=circumstances.channel,
        served_at=min(servings.values()),
        pdf_served_at=servings.get(Serving.Form.PDF),
        button_label=button_label(text.language),
        request_id=circumstances.request_id,
        event_id=event.pk,
        leaf_hash=bytes(event.leaf_hash).hex(),
        commitment=bytes(event.commitment or b"").hex(),
        **hashes,
    )
    party.acceptance = acceptance
    party.save(force_insert=True)
    return acceptance


def accepted_hashes(text: AgreementText, shown: str, sentence: str) -> dict[str, str]:
    """Return what was accepted, by number and hash: the text, its PDF, the annexes, the sentence."""
    version, document = text.version, text.document
    measures, subprocessors = version.measure_set, version.subprocessor_list
    assert document is not None  # publication demands the PDF
    assert measures is not None
    assert subprocessors is not None  # and the annexes
    return {
        "text_sha256": text.sha256,
        "shown_sha256": shown,
        "pdf_sha256": document.sha256,
        "measures_number": measures.number,
        "measures_sha256": measures.sha256,
        "subprocessors_number": subprocessors.number,
        "subprocessors_sha256": subprocessors.sha256,
        "statement_sha256": hashlib.sha256(canonical_text(sentence).encode()).hexdigest(),
    }


def party_of(customer: Customer, person: Person, sentence: str, circumstances: Circumstances) -> AcceptanceParty:
    address, agent = circumstances.minimised()
    return AcceptanceParty(
        legal_name=customer.legal_name,
        address_lines=list(customer.address_lines),
        register_number=customer.register_number,
        vat_number=customer.vat_number,
        acts_as=customer.acts_as,
        person_name=person.name,
        person_function=person.function,
        person_email=person.email,
        person_email_confirmed_at=person.email_confirmed_at,
        statement=sentence,
        ip_address=address,
        user_agent=agent,
        authentication=circumstances.authentication,
        session_sha256=circumstances.session_sha256,
    )


def personal_facts(party: AcceptanceParty) -> dict[str, str]:
    """Return what the ledger commits to without holding it."""
    names = ("legal_name", "person_name", "person_function", "person_email", "statement", "ip_address", "user_agent", "authentication")
    confirmed = {"person_email_confirmed_at": party.person_email_confirmed_at.isoformat()} if party.person_email_confirmed_at else {}
    return {name: getattr(party, name) for name in names} | {"address": "\n".join(party.address_lines)} | confirmed


@transaction.atomic
def decline(*, customer: Customer, version: AgreementVersion, by: User, reason: str, at: datetime.datetime) -> Decline:
    """Note that the customer does not accept for now; the gate stays as it is and everything needed for leaving stays open."""
    if not by.has_role(customer, *SIGNING_ROLES):
        raise MayNotSign
    facts = {"customer": str(customer.reference), "version": version.number, "has_reason": bool(reason)}
    record(kind="agreement.declined", facts=facts, subject=str(customer.reference), happened_at=at)
    return Decline.objects.create(customer=customer, version=version, declined_by=by, declined_at=at, reason=reason)
