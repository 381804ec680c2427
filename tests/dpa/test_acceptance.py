"""Accepting: bound to the text shown, once per customer and version, by those who may sign, with its evidence."""

from __future__ import annotations

import datetime

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.models import CLOSED
from dpa import services
from dpa.composition import shown_sha256, shown_text
from dpa.gate import OPEN_END
from dpa.models import Acceptance, AgreementText, AgreementVersion, Delegation
from evidence.models import Event
from jobs.models import Job
from notifications.models import Delivery
from publishing.canonical import sha256_of_text
from tests.factories import agreement, customers

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    customers.provider()
    return customers.customer(agreement_valid_until=CLOSED)


@pytest.fixture
def signatory(company):
    return customers.owner(company)


@pytest.fixture
def version(company):
    return agreement.published()


def test_acceptance_opens_the_gate_for_every_member_and_writes_its_evidence(company, signatory, version):
    colleague = customers.colleague(company)
    acceptance = agreement.accept(company, signatory, version)
    colleague.refresh_from_db()
    assert colleague.agreement_valid_until == OPEN_END
    event = Event.objects.get(pk=acceptance.event_id)
    assert bytes(event.leaf_hash).hex() == acceptance.leaf_hash
    assert acceptance.served_at <= acceptance.accepted_at
    assert {job.kind for job in Job.objects.filter(subject=acceptance.reference)} == {"dpa.execute", "dpa.seal"}


def test_the_ledger_holds_no_personal_data(company, signatory, version):
    agreement.accept(company, signatory, version)
    written = b"".join(bytes(event.canonical) for event in Event.objects.all()).decode()
    for personal in (signatory.full_name, signatory.email, company.legal_name, "203.0.113.9"):
        assert personal not in written


def test_a_second_acceptance_returns_the_first(company, signatory, version):
    first = agreement.accept(company, signatory, version)
    second = agreement.accept(company, signatory, version)
    assert first == second
    assert Acceptance.objects.count() == 1


def test_a_colleague_without_a_signing_role_is_refused(company, version):
    with pytest.raises(services.MayNotSign):
        agreement.accept(company, customers.colleague(company), version)
    assert not Acceptance.objects.exists()


def test_a_stranger_and_staff_are_refused(company, version):
    for outsider in (customers.stranger(), customers.staff("admin")):
        with pytest.raises(services.MayNotSign):
            agreement.accept(company, outsider, version)


def test_acceptance_of_a_superseded_version_is_refused(company, signatory, version):
    agreement.published(body=agreement.BODY + "\n2. More.\n", must_accept_by=timezone.now() + datetime.timedelta(days=30))
    with pytest.raises(services.VersionSuperseded):
        agreement.accept(company, signatory, version)


def test_acceptance_of_a_version_that_is_only_approved_is_refused(company, signatory):
    draft = agreement.approved()
    with pytest.raises(services.VersionSuperseded):
        agreement.accept(company, signatory, draft)


def test_acceptance_is_refused_when_the_company_was_renamed_after_the_text_was_shown(company, signatory, version):
    text = version.text("de")
    shown = shown_sha256(text, company)
    company.legal_name = "Umbenannt AG"
    company.save()
    with pytest.raises(services.TextChanged):
        agreement.accept(company, signatory, version, shown=shown)


def test_acceptance_of_a_text_that_was_never_shown_is_refused(company, signatory, version):
    text = version.text("en")
    with pytest.raises(services.NotShown):
        services.accept(
            customer=company,
            text=text,
            shown=shown_sha256(text, company),
            person=services.Person(name="N", function="F", email=signatory.email),
            by=signatory,
            accepted_at=timezone.now(),
            circumstances=services.Circumstances(channel="gate", request_id="0" * 32),
        )


def test_a_missing_or_multi_line_agent_is_accepted_and_stored_on_one_line(company, signatory, version):
    agreement.serve(company, version.text("de"))
    circumstances = services.Circumstances(channel="gate", request_id="1" * 32, user_agent="A\r\n B\tC")
    acceptance = services.accept(
        customer=company,
        text=version.text("de"),
        shown=shown_sha256(version.text("de"), company),
        person=services.Person(name="N", function="F", email=signatory.email),
        by=signatory,
        accepted_at=timezone.now(),
        circumstances=circumstances,
    )
    assert acceptance.party.user_agent == "A B C"


@pytest.mark.parametrize(
    ("setting", "address", "agent"), [("full", "203.0.113.9", "Test"), ("shortened", "203.0.113.0/24", "Test"), ("off", "", "")]
)
def test_address_and_agent_are_minimised_as_the_setting_says(company, signatory, version, settings, setting, address, agent):
    settings.EVIDENCE_ADDRESSES = setting
    party = agreement.accept(company, signatory, version).party
    assert (party.ip_address, party.user_agent) == (address, agent)


def test_the_hash_shown_is_that_of_the_plain_text_with_the_customers_values(company, version):
    text = version.text("en")
    assert company.legal_name in shown_text(text, company)
    assert sha256_of_text(shown_text(text, company)) == shown_sha256(text, company)
    assert sha256_of_text(text.plain_text) == text.sha256


def test_a_placeholder_in_a_company_name_stays_as_it_is(company, version):
    company.legal_name = "{{ provider_name }} {{ customer_vat }}"
    assert "{{ provider_name }} {{ customer_vat }}" in shown_text(version.text("de"), company)


@pytest.mark.parametrize(
    "statement", ["UPDATE dpa_acceptance SET language = 'xx'", "DELETE FROM dpa_acceptance", "TRUNCATE dpa_acceptance CASCADE"]
)
def test_an_acceptance_is_never_changed_or_deleted(company, signatory, version, statement):
    agreement.accept(company, signatory, version)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_published_text_is_never_changed_through_the_model_either(version):
    text = version.text("de")
    text.filled_body = "changed"
    with pytest.raises(DatabaseError), transaction.atomic():
        text.save()
    with pytest.raises(DatabaseError), transaction.atomic():
        AgreementText.objects.filter(pk=text.pk).delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        AgreementVersion.objects.filter(pk=version.pk).update(number="9.9")


def test_a_material_version_sets_a_date_for_those_who_accepted_and_keeps_the_rest_closed(company, signatory, version):
    newcomer = customers.customer(agreement_valid_until=CLOSED)
    agreement.accept(company, signatory, version)
    deadline = timezone.now() + datetime.timedelta(days=30)
    newer = agreement.published(body=agreement.BODY + "\n2. More.\n", must_accept_by=deadline)
    company.refresh_from_db()
    newcomer.refresh_from_db()
    assert newer.number == "2.0"
    assert company.agreement_valid_until == deadline
    assert newcomer.agreement_valid_until == CLOSED


def test_an_editorial_version_asks_nobody_again(company, signatory, version):
    agreement.accept(company, signatory, version)
    newer = agreement.published(body=agreement.BODY.replace("First", "1st"), kind="editorial")
    company.refresh_from_db()
    assert newer.number == "1.1"
    assert company.agreement_valid_until == OPEN_END


def test_the_author_may_not_approve(version):
    author = agreement.staff_member("author")
    draft = services.draft_from(source=version, by=author, at=timezone.now())
    services.save_draft(
        draft=draft,
        fields={"effective_date": timezone.localdate(), "change_note_de": "x", "change_note_en": "x", "must_accept_by": timezone.now()},
        texts={},
        by=author,
    )
    from publishing.services import AuthorMayNotApprove

    with pytest.raises(AuthorMayNotApprove):
        services.approve(version=draft, by=author, at=timezone.now())


def test_approval_names_each_item_of_article_28_that_no_section_covers(version):
    draft = services.draft_from(source=version, by=agreement.staff_member("author"), at=timezone.now())
    coverage = dict(draft.coverage)
    coverage.pop("g")
    services.save_draft(draft=draft, fields={"coverage": coverage}, texts={}, by=draft.created_by)
    with pytest.raises(services.Incomplete, match=r"\(g\)|Buchst|lit"):
        services.approve(version=draft, by=agreement.staff_member("approver"), at=timezone.now())


def test_approval_names_a_missing_translation(version):
    draft = services.draft_from(source=version, by=agreement.staff_member("author"), at=timezone.now())
    draft.texts.filter(language="en").delete()
    with pytest.raises(services.Incomplete) as refusal:
        services.approve(version=draft, by=agreement.staff_member("approver"), at=timezone.now())
    assert any("English" in lack or "Englisch" in lack for lack in refusal.value.lacks)


def test_a_locked_body_cannot_be_changed(version):
    draft = services.draft_from(source=version, by=agreement.staff_member("author"), at=timezone.now())
    services.save_draft(draft=draft, fields={"is_body_locked": True}, texts={"de": {}, "en": {}}, by=draft.created_by)
    with pytest.raises(services.BodyLocked):
        services.save_draft(draft=draft, fields={}, texts={"de": {"body": draft.text("de").body + "x"}}, by=draft.created_by)


def test_a_version_without_its_pdf_is_not_published(version):
    draft = services.draft_from(source=version, by=agreement.staff_member("author"), at=timezone.now())
    fields = {"effective_date": timezone.localdate(), "change_note_de": "x", "change_note_en": "x", "must_accept_by": timezone.now()}
    services.save_draft(draft=draft, fields=fields, texts={}, by=draft.created_by)
    approved = services.approve(version=draft, by=agreement.staff_member("approver"), at=timezone.now())
    with pytest.raises(services.PdfMissing):
        services.publish(version=approved, by=agreement.staff_member("approver"), at=timezone.now())


def test_a_paper_agreement_opens_the_gate_until_it_ends(company, signatory):
    now = timezone.now()
    fields = {
        "customer": company,
        "signed_date": now.date(),
        "signed_for_customer_by": "E. M.",
        "note": "negotiated",
        "by": customers.staff("legal"),
        "at": now,
    }
    with pytest.raises(services.NotAPdf):
        services.import_paper(document=b"no", ends_date=None, **fields)
    services.import_paper(document=b"%PDF-1.7 x", ends_date=now.date() + datetime.timedelta(days=10), **fields)
    company.refresh_from_db()
    assert now < company.agreement_valid_until < now + datetime.timedelta(days=12)


def test_a_forwarded_link_reads_and_accepts_without_an_account(client: Client, company, signatory, version):
    services.forward(customer=company, email="chef@example.com", message="Hallo", language="de", by=signatory, at=timezone.now())
    link = Delivery.objects.get(kind="agreement_forwarded").context["action_url"]
    path = link.removeprefix("http://testserver")
    assert client.get(path).status_code == 200
    page = client.get(path + "accept/")
    form = {
        "name": "Klara Chef",
        "function": "Vorstand",
        **{name: page.context["form"].initial[name] for name in ("version", "language", "shown")},
    }
    done = client.post(path + "accept/", form)
    assert done.status_code == 302, done.content[:500]
    assert client.get(path + "done/").status_code == 200
    acceptance = Acceptance.objects.get()
    assert (acceptance.channel, acceptance.accepted_by, acceptance.party.person_email) == ("delegation", None, "chef@example.com")
    assert Delegation.objects.get().state(timezone.now()) == "accepted"


def test_a_withdrawn_or_unknown_link_leads_nowhere(client: Client, company, signatory, version):
    delegation = services.forward(customer=company, email="chef@example.com", message="", language="de", by=signatory, at=timezone.now())
    path = Delivery.objects.get(kind="agreement_forwarded").context["action_url"].removeprefix("http://testserver")
    services.withdraw(delegation=delegation, at=timezone.now())
    assert client.get(path).status_code == 410
    assert client.get("/de/agreement/i/unknown/").status_code == 404


def test_the_page_of_another_company_is_not_found(client: Client, company, signatory, version):
    acceptance = agreement.accept(company, signatory, version)
    other = customers.stranger()
    agreement.accept(other.customer, other, version)
    customers.log_in(client, other)
    for name in ("agreement_done", "agreement_executed_pdf"):
        assert client.get(reverse(name, args=[acceptance.reference])).status_code == 404


def test_posting_an_old_version_answers_409_with_the_new_text(client: Client, company, signatory, version):
    customers.log_in(client, signatory)
    client.get("/de/agreement/")
    form = dict(client.get("/de/agreement/accept/").context["form"].initial)
    agreement.published(body=agreement.BODY + "\n2. Ganz neuer Absatz.\n", must_accept_by=timezone.now() + datetime.timedelta(days=30))
    answer = client.post("/de/agreement/accept/", form)
    assert answer.status_code == 409
    assert "Ganz neuer Absatz" in answer.content.decode()
    assert not Acceptance.objects.exists()


def test_two_clicks_and_no_typed_field_accept_for_a_known_profile(client: Client, company, signatory, version):
    customers.log_in(client, signatory)
    read = client.get("/de/account/")
    assert read.status_code == 303
    page = client.get(read["Location"])
    assert reverse("agreement_accept") in page.content.decode()
    form = client.get("/de/agreement/accept/").context["form"]
    assert form.initial["name"] == signatory.full_name
    answer = client.post("/de/agreement/accept/", form.initial, follow=True)
    assert Acceptance.objects.get().reference in answer.content.decode()
    assert client.get("/de/account/").status_code == 200


def test_declining_notes_the_decision_and_leaves_the_ways_out_open(client: Client, company, signatory, version):
    customers.log_in(client, signatory)
    assert client.post("/de/agreement/decline/", {"reason": "zu lang"}, follow=True).status_code == 200
    assert company.declines.get().reason == "zu lang"
    assert client.get("/de/account/").status_code == 303


def test_verification_tells_valid_superseded_and_unknown_and_names_no_person(client: Client, company, signatory, version):
    acceptance = agreement.accept(company, signatory, version)
    page = client.get(f"/v/{acceptance.reference}/").content.decode()
    assert acceptance.text_sha256 in page
    assert signatory.full_name not in page
    assert company.legal_name not in page
    assert acceptance.text_sha256 not in client.get("/v/AVV-2026-0000-0000/").content.decode()
