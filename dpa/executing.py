"""The executed agreement: the accepted text with both parties, all annexes and the record of acceptance, sent to those concerned."""

from __future__ import annotations

import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

import pdf
from customers.models import Customer, Role, User
from dpa import documents
from dpa.models import Acceptance, AcceptanceParty, Channel, ExecutedAgreement
from notifications.links import absolute
from notifications.services import tell
from pdf.figures import QrCode
from pdf.storage import keep
from publishing.canonical import canonical_json
from publishing.typography import to_the_second


def execute(acceptance: Acceptance, *, at: datetime.datetime) -> ExecutedAgreement:
    """Render the executed agreement unless it exists, keep it by its hash and send it; a second call changes nothing."""
    executed = ExecutedAgreement.objects.filter(acceptance=acceptance).first()
    if executed is None:
        rendered = render_executed(acceptance)
        executed = ExecutedAgreement.objects.create(
            acceptance=acceptance,
            sha256=keep(rendered.content),
            pages=rendered.pages,
            size=len(rendered.content),
            rendered_at=at,
        )
    send(acceptance, executed)
    return executed


def render_executed(acceptance: Acceptance) -> pdf.Rendered:
    """Return the PDF; the same acceptance gives the same bytes."""
    party, text = acceptance.party, acceptance.text
    address = verification_address(acceptance)
    with override(acceptance.language):
        extra = {
            "document": {
                "title": text.title,
                "reference": acceptance.reference,
                "language": acceptance.language,
                "version_number": acceptance.version.number,
                "effective_date": acceptance.version.effective_date,
                "is_executed": True,
            },
            "parties": {"provider": documents.provider_party(text), "customer": customer_party(party)},
            "evidence": {"groups": evidence_groups(acceptance, party), "verify_url": address, "steps": steps()},
        }
        alternative = _("QR code that leads to the page on which this record is checked")
        description = _("The record of acceptance as data")
    return pdf.render(
        html=documents.agreement_html(text, customer=party, extra=extra),
        title=f"{text.title} {acceptance.reference}",
        author=text.provider_facts["name"],
        language=acceptance.language,
        created_at=acceptance.accepted_at,
        figures={"qr": QrCode(address=address, description=alternative)},
        attachments=[pdf.Attachment(name=record_name(acceptance), content=record_json(acceptance, party), description=description)],
    )


def verification_address(acceptance: Acceptance) -> str:
    return absolute(reverse("verify_reference", args=[acceptance.reference]))


def record_name(acceptance: Acceptance) -> str:
    return "nachweis.json" if acceptance.language == "de" else "record.json"


def customer_party(party: AcceptanceParty) -> dict[str, Any]:
    return {
        "name": party.legal_name,
        "address_lines": party.address_lines,
        "register": ", ".join(filter(None, [party.register_number, party.vat_number])),
        "email": party.person_email,
        "dpo": "",
        "signatory": party.person_name,
        "signatory_function": party.person_function,
        "released_at": None,
    }


def record_json(acceptance: Acceptance, party: AcceptanceParty) -> bytes:
    """Return the record of acceptance as canonical JSON (RFC 8785); times are UTC."""
    hashes = ("text_sha256", "shown_sha256", "pdf_sha256", "measures_sha256", "subprocessors_sha256", "statement_sha256")
    names = ("legal_name", "address_lines", "register_number", "vat_number", "acts_as", "person_name", "person_function", "person_email")
    circumstances = ("ip_address", "user_agent", "authentication")
    return canonical_json(
        {
            "schema": "portal/acceptance/v1",
            "reference": acceptance.reference,
            "version": acceptance.version.number,
            "language": acceptance.language,
            "accepted_at": utc(acceptance.accepted_at),
            "first_shown_at": utc(acceptance.served_at),
            "pdf_first_downloaded_at": utc(acceptance.pdf_served_at) if acceptance.pdf_served_at else None,
            "channel": acceptance.channel,
            "request_id": acceptance.request_id,
            "statement": party.statement,
            "button_label": acceptance.button_label,
            "annexes": {"measures": acceptance.measures_number, "subprocessors": acceptance.subprocessors_number},
            "ledger": {"leaf_hash": acceptance.leaf_hash, "commitment": acceptance.commitment},
            **{name: getattr(acceptance, name) for name in hashes},
            "customer": {name: getattr(party, name) for name in names},
            "circumstances": {name: getattr(party, name) for name in circumstances},
            "provider": acceptance.text.provider_facts,
        }
    )


def utc(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def row(label: str, value: str, kind: str = "text") -> dict[str, str]:
    return {"label": label, "value": value or _("not recorded"), "kind": kind}


def evidence_groups(acceptance: Acceptance, party: AcceptanceParty) -> list[dict[str, Any]]:
    """Return what the evidence page prints, in groups of labelled rows."""
    what = [
        row(_("Reference"), acceptance.reference, "mono"),
        row(_("Version and language"), f"{acceptance.version.number}, {acceptance.text.get_language_display()}"),
        row(_("Annex 3: measures"), _("version %(number)s") % {"number": acceptance.measures_number}),
        row(_("Annex 4: subprocessors"), _("version %(number)s") % {"number": acceptance.subprocessors_number}),
        row(_("Statement as shown"), party.statement),
        row(_("Label of the button"), acceptance.button_label),
    ]
    when = [
        row(_("Accepted at"), f"{to_the_second(acceptance.accepted_at)}; {utc(acceptance.accepted_at)}"),
        row(_("Text first shown at"), f"{to_the_second(acceptance.served_at)}; {utc(acceptance.served_at)}"),
        row(_("Where"), str(acceptance.get_channel_display())),
        row(_("Request"), acceptance.request_id, "mono"),
    ]
    return [
        {"label": _("What was accepted"), "rows": what},
        {"label": _("Who accepted"), "rows": people_rows(acceptance, party)},
        {"label": _("When and how"), "rows": when},
        {"label": _("Hashes (SHA-256)"), "rows": hash_rows(acceptance)},
    ]


def people_rows(acceptance: Acceptance, party: AcceptanceParty) -> list[dict[str, str]]:
    return [
        row(_("Name and function"), f"{party.person_name}, {party.person_function}"),
        row(_("For"), f"{party.legal_name}, {', '.join(party.address_lines)}"),
        row(_("E-mail address (verified)"), f"{party.person_email} ({confirmation(acceptance, party)})"),
        row(_("IP address"), party.ip_address),
        row(_("Browser"), party.user_agent),
    ]


def confirmation(acceptance: Acceptance, party: AcceptanceParty) -> str:
    """Say how, and where it is known when, the person showed that mail to the address reaches her."""
    if acceptance.channel == Channel.DELEGATION:
        return _("reached by a forwarded link")
    if party.person_email_confirmed_at is None:
        return _("confirmed before signing in")
    return _("confirmed on %(time)s") % {"time": to_the_second(party.person_email_confirmed_at)}


def hash_rows(acceptance: Acceptance) -> list[dict[str, str]]:
    return [
        row(_("Text of the version"), acceptance.text_sha256, "hash"),
        row(_("Text as shown to this customer"), acceptance.shown_sha256, "hash"),
        row(_("PDF of the version"), acceptance.pdf_sha256, "hash"),
        row(_("Annex 3: measures"), acceptance.measures_sha256, "hash"),
        row(_("Annex 4: subprocessors"), acceptance.subprocessors_sha256, "hash"),
        row(_("Entry in the evidence ledger"), acceptance.leaf_hash, "hash"),
    ]


def steps() -> list[str]:
    return [
        _("Open the address above, or scan the code, and compare reference, version and date."),
        _("Compute the SHA-256 of this file and enter it there: the page says whether it is the file that the portal made."),
        _("Download the text of this version there as a plain file: its SHA-256 is the first hash above."),
    ]


def send(acceptance: Acceptance, executed: ExecutedAgreement) -> None:
    """Send the executed agreement to the person who accepted, to the account's owners and to the privacy contacts, each once."""
    party = acceptance.party
    others = User.objects.filter(memberships__customer=acceptance.customer_id, memberships__role__in=[Role.OWNER, Role.PRIVACY_CONTACT])
    company = Customer.objects.filter(pk=acceptance.customer_id, closed_at=None).first()  # one that is being erased takes no row any more
    recipients = [("signatory", party.person_email, acceptance.language)]
    recipients += [(str(person.pk), person.email, person.language) for person in others.distinct() if person.email != party.person_email]
    for name, address, language in recipients:
        tell(
            to=address,
            kind="agreement_accepted",
            language=language,
            context=mail_context(acceptance, language),
            key=f"agreement_accepted:{acceptance.reference}:{name}",
            attachments=[(executed.sha256, file_name(acceptance))],
            customer=company,
        )


def mail_context(acceptance: Acceptance, language: str) -> dict[str, str]:
    with override(language):
        return {
            "reference": acceptance.reference,
            "company": acceptance.party.legal_name,
            "person": acceptance.party.person_name,
            "version": acceptance.version.number,
            "accepted_at": to_the_second(acceptance.accepted_at),
            "verify_link": verification_address(acceptance),
            "action_url": absolute(reverse("agreement_done", args=[acceptance.reference])),
            "action_label": _("Open the confirmation"),
        }


def file_name(acceptance: Acceptance) -> str:
    return f"{acceptance.text.file_name}_{acceptance.reference}.pdf"
