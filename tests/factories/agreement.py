"""Published registers and agreements, quickly: small texts, and a stand-in for the PDF where its bytes do not matter."""

from __future__ import annotations

import datetime
from itertools import count

from django.utils import timezone

import subprocessors.services
import toms.services
from customers.models import Customer, User
from dpa import services
from dpa.composition import shown_sha256
from dpa.coverage import ITEMS
from dpa.models import Acceptance, AgreementDocument, AgreementText, AgreementVersion, Channel, Serving
from pdf.storage import keep
from publishing.models import ChangeKind
from tests.factories.registers import printed, put_into_force

NUMBERS = count(1)
BODY = """Between the parties.

## Subject {#subject}

1. First paragraph, in force for {{ notice_days }} days; see [](#rights).
2. Second paragraph of {{ provider_name }}.

## Rights {#rights}

1. Rights of {{ customer_name }}.
"""


def staff_member(name: str) -> User:
    user = User.objects.filter(email=f"{name}@provider.example").first()
    return user or User.objects.create_user(f"{name}@provider.example", "x", full_name=name, is_staff=True)


def registers(at: datetime.datetime) -> None:
    author, approver = staff_member("author"), staff_member("approver")
    measures = toms.services.load_sample(by=author, approved_by=approver, at=at)
    if not measures.is_frozen:
        toms.services.publish(measure_set=printed(measures), by=approver, at=at)
    listed = subprocessors.services.load_sample(by=author, approved_by=approver, at=at)
    if not listed.is_frozen:
        put_into_force(listed, at, approver)


def approved(*, body: str = BODY, kind: str = ChangeKind.MATERIAL, must_accept_by: datetime.datetime | None = None) -> AgreementVersion:
    """Return an approved version whose PDFs exist."""
    now = timezone.now()
    registers(now)
    author, approver = staff_member("author"), staff_member("approver")
    draft = services.draft_from(source=None, by=author, at=now)
    fields = {
        "change_kind": kind,
        "must_accept_by": must_accept_by,
        "effective_date": timezone.localdate(),
        "change_note_de": "Neu",
        "change_note_en": "New",
        "parameters": {"notice_days": 30},
        "coverage": {item: ["subject"] for item in ITEMS},
    }
    text = {"title": "Agreement", "body": body, "description": "## Data {#data}\n\n- Tokens\n", "summary": ["Point"]}
    services.save_draft(draft=draft, fields=fields, texts={"de": text, "en": text}, by=author)
    version = services.approve(version=draft, by=approver, at=now)
    for each in version.texts.all():
        content = b"%PDF-1.7 stand-in " + each.sha256.encode()
        AgreementDocument.objects.create(
            text=each, text_sha256=each.sha256, sha256=keep(content), pages=1, size=len(content), created_at=now
        )
    return version


def published(**fields: object) -> AgreementVersion:
    version = approved(**fields)  # type: ignore[arg-type]
    return services.publish(version=version, by=staff_member("approver"), at=timezone.now())


def serve(customer: Customer, text: AgreementText) -> None:
    services.note_serving(customer=customer, text=text, form=Serving.Form.PAGE, at=timezone.now())


def accept(customer: Customer, by: User, version: AgreementVersion, *, shown: str | None = None, language: str = "de") -> Acceptance:
    """Accept as the pages do: the text was served, the form carries its hash."""
    text = version.text(language)
    serve(customer, text)
    return services.accept(
        customer=customer,
        text=text,
        shown=shown or shown_sha256(text, customer),
        person=services.Person(name=by.full_name, function=by.function, email=by.email),
        by=by,
        accepted_at=timezone.now(),
        circumstances=services.Circumstances(
            channel=Channel.GATE, request_id=f"{next(NUMBERS):032x}", ip_address="203.0.113.9", user_agent="Test"
        ),
    )
