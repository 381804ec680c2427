"""Every field that can name a person has a decision, and copy, erasure, count and letter follow it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone

from customers.models import Channel, Customer, Invitation, Role, User
from customers.services import issue_token
from deletion import answers, fields, handling, persons, services
from deletion.models import CaseFile, CasePerson, ErasureContact
from dpa.models import Decline, Delegation, PaperAgreement
from notifications.models import Delivery, UpdateSubscription
from notifications.services import tell
from privacy_text.models import ChannelTextDraft
from subprocessors.models import Objection
from tests.factories import agreement, channels, notices, requests
from tests.factories import customers as people

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.usefixtures("verifier")]
NAMES = re.compile(
    r"(^|_)(name|email|mail|person|recipient|identifier|identification|agent|ip|address|by|statement|message|note|reason|grounds"
    r"|context|repr|content|session|text|data|fields|sealed|function|subject|phone)($|_)(?!de$|en$|sha256$)"
)
TEXTS = (models.CharField, models.TextField, models.JSONField, models.BinaryField, models.GenericIPAddressField)


def is_of_a_person(field: Any) -> bool:
    if field.is_relation:
        return field.related_model is User
    if isinstance(field, models.EmailField):
        return True
    return isinstance(field, TEXTS) and not field.choices and bool(NAMES.search(field.name)) and not field.name.endswith("sha256")


def of_people(tables: Iterable[type[models.Model]]) -> set[str]:
    """Return the fields of the models that can name a person: addresses, references to people, and texts with a telling name."""
    found = set()
    for model in tables:
        if model._meta.label_lower not in fields.NOBODY:
            concrete = [*model._meta.concrete_fields, *model._meta.local_many_to_many]
            found |= {f"{model._meta.label_lower}.{field.name}" for field in concrete if is_of_a_person(field)}
    return found


def test_every_field_that_can_name_a_person_has_a_decision() -> None:
    assert of_people(apps.get_models(include_auto_created=True)) == fields.DECISIONS.keys()


def test_a_new_field_without_a_decision_is_found() -> None:
    class Forgotten(models.Model):
        contact = models.EmailField()
        seen_by = models.ForeignKey(User, models.CASCADE, related_name="+")
        full_name = models.CharField(max_length=9)
        number = models.IntegerField()

        class Meta:
            app_label = "fields_of_people_test"
            managed = False

    found = {label.rpartition(".")[2] for label in of_people([Forgotten])}
    assert found == {"contact", "seen_by", "full_name"}


def test_every_decision_is_shown_in_a_part_of_the_copy_or_says_why_not_and_has_a_fate() -> None:
    shown = {*persons.SECTIONS, "login"}
    for label, decision in fields.DECISIONS.items():
        assert decision.section in shown or " " in decision.section, label
        assert decision.fate in (fields.ERASED, fields.EMPTIED, fields.KEPT, fields.COMPANY, fields.STAFF, fields.SUBSCRIBER), label
        assert bool(decision.norm) == (decision.fate == fields.KEPT), label
        assert bool(decision.when) == (decision.section == "acts"), label
    assert {decision.section for decision in fields.DECISIONS.values()} >= persons.SECTIONS.keys()


@pytest.fixture
def company() -> Customer:
    people.provider()
    made = people.customer(legal_name="Muster Verlag")
    people.owner(made)
    return made


@pytest.fixture
def person(company: Customer) -> User:
    """Return a signatory about whom something is stored in every part."""
    found = people.colleague(company, Role.SIGNATORY)
    agreed(company, found)
    known(company, found)
    asked(company, found)
    return found


def agreed(company: Customer, person: User) -> None:
    """Let the person accept one agreement, sign another on paper, refuse, and be forwarded the agreement."""
    version, now = agreement.published(), timezone.now()
    agreement.accept(company, person, version)
    PaperAgreement.objects.create(
        customer=company,
        reference="PA-1",
        signed_date=timezone.localdate(),
        signed_for_customer_by=f"{person.full_name}, Prokura",
        note="canary",
        document_sha256="0" * 64,
        document_size=1,
        imported_by=people.staff(),
        imported_at=now,
    )
    Decline.objects.create(customer=company, version=version, declined_by=person, declined_at=now, reason="canary")
    Delegation.objects.create(
        customer=company,
        email=person.email,
        message="canary",
        token_sha256="0" * 64,
        created_by=person,
        created_at=now,
        expires_at=now + datetime.timedelta(days=1),
    )


def known(company: Customer, person: User) -> None:
    """Let the person be known in every other place: as an author, a recipient, a visitor, a system's owner."""
    now = timezone.now()
    later = now + datetime.timedelta(days=1)
    UpdateSubscription.objects.create(email=person.email, language="de", topics=["subprocessors"], asked_at=now)
    times = {"created_at": now, "expires_at": later, "mail_wanted_at": now}
    Invitation.objects.create(customer=company, email=person.email, roles=["owner"], language="de", **times)
    Invitation.objects.create(customer=company, email="x@example.com", roles=["owner"], language="de", invited_by=person, **times)
    issue_token(customer=company, name="canary", scopes=["documents:read"], expires_at=later, by=person, at=now)
    channel = channels.channel(company)
    Channel.objects.filter(pk=channel.pk).update(created_by=person)
    ChannelTextDraft.objects.create(channel=channel, kind="passage", language="de", user=person, fields={"a": "canary"}, kept_at=now)
    UserSession.objects.create(user=person, ip="192.0.2.1", user_agent="Browser", session_key="s" * 32)
    Authenticator.objects.create(user=person, type="totp", data={})
    EmailAddress.objects.get_or_create(user=person, email=person.email, defaults={"verified": True})
    about = ContentType.objects.get_for_model(User)
    LogEntry.objects.create(
        user=people.staff(), content_type=about, object_id=str(person.pk), object_repr=person.full_name, action_flag=CHANGE
    )
    tell(to=person.email, kind="case_letter", language="de", context=LETTER, key="mail:1", customer=company)
    notice = notices.notice(notices.told(), company)
    Objection.objects.create(
        reference="WS-1", notice=notice, grounds="canary", raised_by=person, raised_at=now, solve_by_date=timezone.localdate()
    )
    declared = services.Declaration(kind="ordinary", name=person.full_name, identification=person.email, email=person.email)
    services.cancel_contract(declaration=declared, secret="s", language="de", received_at=now, customer=company)


def asked(company: Customer, person: User) -> None:
    """Let the person have asked before, with a note of staff, and be told of the end of another deletion."""
    earlier, _code = requests.asked(kind="person_access", email=person.email, identifier="", name=person.full_name, message="canary")
    services.add_note(case=earlier, text="canary", by=people.staff(), at=timezone.now())
    CaseFile.objects.filter(pk=earlier.pk).update(state="withdrawn", ended_at=timezone.now())
    deletion = services.request_erasure(customer=company, by=company.people_with("owner").first(), at=timezone.now())
    ErasureContact.objects.create(request=deletion, email=person.email, language="de")


LETTER: dict[str, Any] = {
    "reference": "x",
    "heading": "x",
    "paragraphs": [],
    "action_url": "https://x.example/",
    "action_label": "x",
    "reason": "x",
}


def erased(person: User) -> CaseFile:
    support = people.staff("support")
    case, _code = requests.asked(kind="person_erasure", email=person.email, identifier="")
    case = services.confirm_mailbox(case=case, at=timezone.now())
    services.approve(case=case, by=support, at=timezone.now())
    return services.run(case=case, by=support, at=timezone.now())


def test_the_copy_holds_every_part_and_no_secret(person: User) -> None:
    (record,) = persons.copy(persons.who_is(person.email))
    assert [name for name in persons.SECTIONS if not record[name]] == []
    assert (record["email"], record["full_name"]) == (person.email, person.full_name)
    (acceptance,) = record["acceptances"]
    assert (acceptance["person_name"], acceptance["person_email"]) == (person.full_name, person.email)
    assert {"ip_address", "user_agent", "statement"} <= acceptance.keys()
    assert record["objections"][0]["grounds"] == record["refusals"][0]["reason"] == record["notes"][0]["text"] == "canary"
    assert {each["what"] for each in record["acts"]} >= {"customers.invitation.invited_by", "dpa.delegation.created_by"}
    assert not re.search(r"password|token_hash|totp_secret", str(record))


def test_nothing_of_the_person_is_left_but_what_the_law_keeps(person: User) -> None:
    case = erased(person)
    assert case.state == CaseFile.State.COMPLETED
    for label, decision in fields.DECISIONS.items():
        model, name = persons.field_of(label)
        field = model._meta.get_field(name)
        own = {f"{name}__iexact": person.email} if isinstance(field, models.EmailField) else {name: person.pk}
        if field.related_model is not User and not isinstance(field, models.EmailField):
            continue
        rows = model._default_manager.filter(**own)
        if label == "deletion.caseperson.email":
            rows = rows.exclude(case=case).exclude(case__state="open")  # the cancellation waits for its answer
        if label == "notifications.delivery.recipient":
            rows = rows.exclude(key__contains=case.reference)
        assert bool(rows.count()) == (decision.fate == fields.KEPT), label
    texts = "".join(str(list(model._default_manager.values_list())) for model in (CasePerson, UpdateSubscription, Delegation, Invitation))
    assert "canary" not in texts


def test_the_letter_names_the_norm_of_everything_that_is_kept(person: User) -> None:
    case = erased(person)
    case.language = "en"
    said = " ".join(answers.completion(case).paragraphs)
    for norm in {decision.norm for decision in fields.DECISIONS.values()} - {""}:
        assert norm in said, norm
    assert "not searched for one person" in said
    assert "90 days" in said


def test_an_open_request_of_the_person_is_still_answered(person: User) -> None:
    waiting, _code = requests.asked(kind="person_access", email=person.email, identifier="")
    erased(person)
    assert CasePerson.objects.get(case=waiting).email == person.email
    assert Delivery.objects.filter(recipient=person.email, key__contains=waiting.reference).exists()


def test_an_address_without_a_login_is_copied_and_erased_as_well(company: Customer) -> None:
    now = timezone.now()
    UpdateSubscription.objects.create(email="visitor@example.com", language="de", topics=["subprocessors"], asked_at=now)
    (record,) = persons.copy(persons.who_is("Visitor@example.com"))
    assert record["updates"][0]["topics"] == ["subprocessors"]
    case, _code = requests.asked(kind="person_erasure", email="visitor@example.com", identifier="")
    support = people.staff("support")
    services.approve(case=services.confirm_mailbox(case=case, at=now), by=support, at=now)
    assert services.run(case=case, by=support, at=now).affected == 1
    assert not UpdateSubscription.objects.exists()


def test_nobody_is_found_where_the_request_itself_is_all_that_is_stored(company: Customer) -> None:
    case, _code = requests.asked(kind="person_access", email="nobody@example.com", identifier="")
    assert handling.copy_for(case)["records"] == []
