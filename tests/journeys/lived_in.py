"""A portal that people have lived in: every state that a page can show, made by the services, so that each page has something on it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

from django.utils import timezone

import customers.services
import deletion.services
import dpa.services
import notifications.services
import privacy_text.services
import subprocessors.services
import subscriptions.services
import toms.services
from compliance_portal.sample_people import LOGINS, PASSWORD, PUBLISHER, STUDIO
from customers.models import Customer, Role, User
from customers.secrets import digest
from deletion.models import CaseFile
from dpa.models import AgreementVersion
from notifications import links
from notifications.models import Delivery, UpdateSubscription
from subprocessors import telling
from subprocessors.models import Announcement
from subscriptions.recording import Item
from tests.factories import agreement, registers
from tests.factories import customers as people
from tests.factories.requests import asked, recorded

LEAVER = "Abschied Medien GmbH"
LEAVING_OWNER = "paula.abschied@example.com"
MAY_NOT_SIGN = "kim.kollege@example.com"
STAFF = {login.email for login in LOGINS if login.group}


@dataclass
class Addresses:
    """Paths below the language that no page leads to: they are mailed, or shown once."""

    public: list[str] = field(default_factory=list)
    of: dict[str, list[str]] = field(default_factory=dict)  # by the e-mail address of who may open them


def live_in() -> Addresses:
    """Fill the sample's portal with everything that happens in a year."""
    now, found = timezone.now(), Addresses()
    publisher, studio = company(PUBLISHER), company(STUDIO)
    agree(publisher, now)
    hand_on(studio, now, found)
    leave(now, found)
    drafts(now)
    announced(publisher, now)
    invited(publisher, now, found)
    subscribed(publisher, now, found)
    on_the_desk(publisher, now)
    asked_by_visitors(now, found)
    return found


def company(name: str) -> Customer:
    return Customer.objects.get(legal_name=name)


def somebody(email: str) -> User:
    return User.objects.get(email=email)


def group(name: str) -> User:
    """Return the sample person of the staff's group."""
    return somebody(next(login.email for login in LOGINS if login.group == name))


def owner_of(customer: Customer) -> User:
    owner = customer.people_with(Role.OWNER).first()
    assert owner is not None
    return owner


def joined(customer: Customer, email: str, name: str, *roles: str) -> User:
    """Return somebody of the company who can sign in with the sample's password."""
    user = people.person(customer, *roles, email=email, full_name=name, function="Leitung", language="de")
    user.set_password(PASSWORD)
    user.save()
    return user


# --- agreement --------------------------------------------------------------------------------------------------------


def agree(publisher: Customer, now: datetime.datetime) -> None:
    version = AgreementVersion.objects.current()
    assert version is not None
    agreement.accept(publisher, owner_of(publisher), version)
    signed = people.customer(legal_name="Papierhaus Nord KG", agreement_valid_until=people.IN_FORCE)
    dpa.services.import_paper(
        customer=signed,
        document=b"%PDF-1.7 on paper",
        signed_date=now.date() - datetime.timedelta(days=100),
        ends_date=None,
        signed_for_customer_by="Petra Papier",
        note="Unterschrieben per Post zurückgekommen.",
        by=group("legal"),
        at=now,
    )


def hand_on(studio: Customer, now: datetime.datetime, found: Addresses) -> None:
    """The studio stands before the gate; a colleague may not sign and hands the agreement on."""
    kim = joined(studio, MAY_NOT_SIGN, "Kim Kollege", Role.CHANNEL_OWNER)
    for email in ("chefin@beispiel-studio.example", "prokura@beispiel-studio.example"):
        dpa.services.forward(customer=studio, email=email, message="Bitte lesen und annehmen.", language="de", by=kim, at=now)
    token = "A" * 43
    studio.delegations.filter(email__startswith="chefin").update(token_sha256=dpa.services.forwarding.sha256_of_token(token))
    found.public += [f"agreement/i/{token}/", f"agreement/i/{token}/accept/"]


def leave(now: datetime.datetime, found: Addresses) -> None:
    leaving = people.customer(legal_name=LEAVER, created_at=now)
    paula = joined(leaving, LEAVING_OWNER, "Paula Abschied", Role.OWNER, Role.SIGNATORY, Role.PRIVACY_CONTACT)
    request = deletion.services.request_erasure(customer=leaving, by=paula, at=now, data_return="waived")
    found.of[LEAVING_OWNER] = [f"account/delete/{request.reference}/"]
    secret = "s" * 22
    declaration = deletion.services.Declaration(
        kind="ordinary", name="Paula Abschied", identification=LEAVER, email=LEAVING_OWNER, ends_date=None
    )
    deletion.services.cancel_contract(declaration=declaration, secret=secret, language="de", received_at=now, customer=leaving)
    found.public.append(f"cancel/received/{secret}/")


# --- drafts, announcements --------------------------------------------------------------------------------------------


def drafts(now: datetime.datetime) -> None:
    """Each register has a draft that differs; the agreement's waits for the second person."""
    editor = group("editor")
    measures = toms.services.start_draft(by=editor, at=now)
    row = measures.measures.order_by("pk").first()
    assert row is not None
    row.text_de, row.text_en = f"{row.text_de} Das gilt auch für Gäste.", f"{row.text_en} This holds for guests too."
    toms.services.save_row(row=row, by=editor)
    texts = privacy_text.services.start_draft(by=editor, at=now)
    section = texts.sections.order_by("pk").first()
    assert section is not None
    section.text_de += " Das gilt auch für Gäste."
    section.text_en += " This holds for guests too."
    privacy_text.services.save_row(row=section, by=editor)
    draft = dpa.services.draft_from(source=AgreementVersion.objects.current(), by=editor, at=now)
    text = draft.texts.get(language="de")
    words = {"body": text.body.replace("unverzüglich", "ohne Verzögerung", 2)}
    dpa.services.save_draft(draft=draft, fields={}, texts={"de": words}, by=editor)
    effective = timezone.localdate(now) + datetime.timedelta(days=60)
    notes = {"change_note_de": "Klarere Fristen.", "change_note_en": "Clearer periods."}
    must_accept_by = now + datetime.timedelta(days=60)
    fields = {"change_kind": "material", "effective_date": effective, "must_accept_by": must_accept_by, **notes}
    dpa.services.plan(version=draft, fields=fields, by=editor, at=now)


def announced(publisher: Customer, now: datetime.datetime) -> None:
    """A new company was announced to everybody; one customer objects, another one's window is open."""
    editor, approver = group("editor"), group("approver")
    draft = subprocessors.services.start_draft(by=editor, at=now)
    entry = registers.drafted(draft, registers.american(legal_name="Beispiel Netz Inc.", service_name="Beispiel Netz"))
    subprocessors.services.save_entry(entry=entry, by=editor)
    starts = telling.earliest_start(told=timezone.localdate(now), is_urgent=False) + datetime.timedelta(days=20)
    notes = {"de": "Beispiel Netz kommt hinzu.", "en": "Beispiel Netz is added."}
    planned = subprocessors.services.plan(
        subprocessor_list=draft, change_kind="material", effective_date=starts, notes=notes, by=editor, at=now
    )
    subprocessors.services.approve(subprocessor_list=planned, by=approver, at=now)
    announcement = Announcement.objects.latest("pk")
    telling.tell(announcement.pk, announcement.quiet_until)
    notice = announcement.notices.filter(customer=publisher).select_related("announcement", "customer").first()
    if notice is not None:
        objection = subprocessors.services.object_to(
            notice=notice, grounds="Verarbeitung in den USA ohne Zusatzmaßnahmen.", by=owner_of(publisher), at=now
        )
        subprocessors.services.answer(objection=objection, text="Wir prüfen Zusatzmaßnahmen.", by=group("legal"), at=now)


# --- people, subscriptions --------------------------------------------------------------------------------------------


def invited(publisher: Customer, now: datetime.datetime, found: Addresses) -> None:
    owner = owner_of(publisher)
    token = "i" * 43
    publisher.invitations.create(
        email="neu@muster-verlag.example",
        roles=[Role.SIGNATORY],
        language="de",
        token_hash=digest(token),
        created_at=now,
        expires_at=now + datetime.timedelta(days=14),
        mail_wanted_at=now,
        mail_sent_at=now,
    )
    found.public += [f"invitation/{token}/"]
    in_a_year = now + datetime.timedelta(days=365)
    customers.services.issue_token(
        customer=publisher, name="Redaktionssystem", scopes=["agreement:read", "documents:read"], expires_at=in_a_year, by=owner, at=now
    )


def subscribed(publisher: Customer, now: datetime.datetime, found: Addresses) -> None:
    items = [Item(identifier=f"device-{number}", channel_type="web_push", registered_at=now) for number in range(3)]
    owner = publisher.people_with("owner").first()
    assert owner is not None
    subscriptions.services.record_batch(customer=publisher, items=items, by=owner, at=now)
    notifications.services.subscribe(email="gast@example.org", language="de", topics=["subprocessors"], at=now)
    subscription = UpdateSubscription.objects.get(email="gast@example.org")
    notifications.services.confirm_subscription(number=subscription.pk, at=now)
    token = links.token(subscription.pk, links.MANAGE)
    found.public += [f"updates/subscriptions/{token}/", f"updates/subscriptions/{token}/end/"]
    Delivery.objects.filter(pk=Delivery.objects.values("pk")[:1]).update(state="failed", sent_at=None, last_error="550 no such mailbox")


# --- the desk ---------------------------------------------------------------------------------------------------------


def on_the_desk(publisher: Customer, now: datetime.datetime) -> None:
    """Requests in each of the states that the desk speaks of, one of them overdue."""
    support, legal = group("support"), group("legal")
    weeks_ago = now - datetime.timedelta(days=40)
    recorded(people.customer(legal_name="Überfällig & Söhne OHG"), by=support, at=weeks_ago, message="Bitte alles löschen.")
    held = recorded(people.customer(legal_name="Streitfall Verlag AG"), by=support, at=now)
    deletion.services.add_note(case=held, text="Rechtsabteilung fragt nach dem Rechtsstreit.", by=support, at=now)
    deletion.services.assign(cases=[held], to=support, by=support, at=now)
    recorded(publisher, by=support, at=now, email="fremd@example.org", name="Fremde Person")
    rejected = recorded(people.customer(legal_name="Doppelt GmbH"), by=support, at=now, kind="person_erasure")
    deletion.services.settle_identity(case=rejected, proof=CaseFile.Proof.CALL_BACK, by=support, at=now)
    deletion.services.reject(case=rejected, reason="nothing", explanation="", by=legal, at=now)
    extended = recorded(people.customer(legal_name="Geduld Presse GmbH"), by=support, at=now)
    deletion.services.extend(case=extended, reason="complex", by=legal, at=now)


def asked_by_visitors(now: datetime.datetime, found: Addresses) -> None:
    case, _code = asked(identifier="device-1", email="besuch@example.org")
    found.public.append(f"requests/{case.reference}/")
    asked(kind="person_access", identifier="", email=LEAVING_OWNER)
