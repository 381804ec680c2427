"""Objections, consents, decisions regardless, activation: the whole way in days that pass, and who may take which step."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from evidence.models import Event
from notifications.models import Delivery
from subprocessors import services, telling
from subprocessors.models import Announcement, Notice, Objection, SubprocessorList
from tests.factories import customers, notices, registers
from tests.factories.registers import AT

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
LAST_MOMENT = datetime(2026, 12, 23, 23, 59, 59, tzinfo=BERLIN)
TOO_LATE = datetime(2026, 12, 24, 0, 0, tzinfo=BERLIN)
STARTED = datetime(2026, 12, 24, 9, 0, tzinfo=UTC)


@pytest.fixture
def in_force():
    customers.provider()
    return notices.register_in_force()


@pytest.fixture
def announced(in_force):
    """Two customers who were told, with their mails delivered."""
    companies = [notices.company(), notices.company()]
    announcement = notices.told()
    notices.deliver(announcement)
    return announcement, companies


def activate(announcement: Announcement, at: datetime) -> SubprocessorList:
    assert announcement.subprocessor_list is not None
    return registers.put_into_force(announcement.subprocessor_list, at)


def object_to(announcement: Announcement, company, at: datetime = AT + timedelta(days=1)) -> Objection:
    return services.object_to(
        notice=notices.notice(announcement, company), grounds="Ort der Verarbeitung", by=notices.people(company), at=at
    )


def test_the_whole_way_from_announcement_to_force(announced):
    announcement, (objector, silent) = announced
    assert telling.remind(AT + timedelta(days=10)) == 0
    assert telling.remind(AT + timedelta(days=24)) == 2
    assert telling.remind(AT + timedelta(days=25)) == 0
    objection = object_to(announcement, objector, LAST_MOMENT)
    with pytest.raises(services.ObjectionTooLate):
        object_to(announcement, silent, TOO_LATE)
    with pytest.raises(services.StillBlocked) as refusal:
        activate(announcement, STARTED)
    assert refusal.value.count == 1
    services.answer(objection=objection, text="Andere Region", by=registers.editor(), at=STARTED)
    with pytest.raises(services.StillBlocked):
        activate(announcement, STARTED)
    services.decide(objection=objection, state="remedied", outcome="Region Frankfurt", by=registers.editor(), at=STARTED)
    published = activate(announcement, STARTED)
    announcement.refresh_from_db()
    assert (announcement.state, published.number) == ("active", "2")
    assert sorted(Delivery.objects.filter(customer=objector).values_list("kind", flat=True)) == [
        "objection_answered",
        "objection_closed",
        "objection_received",
        "subprocessors_announced",
        "subprocessors_reminder",
    ]


def test_who_has_answered_is_not_reminded(announced):
    announcement, (objector, consenter) = announced
    object_to(announcement, objector)
    services.consent(notice=notices.notice(announcement, consenter), by=notices.people(consenter), at=AT)
    assert telling.remind(AT + timedelta(days=24)) == 0


def test_nothing_begins_before_the_periods_are_over_and_before_the_planned_start(announced):
    announcement, _companies = announced
    with pytest.raises(services.StillBlocked) as refusal:
        activate(announcement, datetime(2026, 12, 23, 12, 0, tzinfo=UTC))
    assert refusal.value.count == 2
    Announcement.objects.update(starts_date=date(2027, 1, 4))
    with pytest.raises(services.StillBlocked) as refusal:
        activate(announcement, STARTED)
    assert refusal.value.count == 0


def test_a_change_that_nobody_was_told_of_is_not_published(in_force):
    notices.company()
    with pytest.raises(services.NotAnnounced, match="Network GmbH"):
        registers.put_into_force(notices.approved())
    assert SubprocessorList.objects.current() == in_force


def test_a_list_that_differs_from_what_was_told_is_not_published(announced):
    announcement, _companies = announced
    draft = announcement.subprocessor_list
    registers.publishing.services.reopen(version=draft)
    draft.entries.filter(slug="network").update(processing_locations=["US", "DE", "IN"])
    registers.publishing.services.approve(version=draft, by=registers.editor(), at=AT)
    with pytest.raises(services.NotAnnounced):
        activate(announcement, STARTED)


def test_without_customers_nobody_has_to_be_told(in_force):
    assert registers.publish_subprocessors(registers.draft_subprocessors()).number == "2"


def test_new_wording_is_published_at_once(in_force):
    notices.company()
    changed = notices.approved(registers.entry(contact="new@example.com"))
    assert registers.put_into_force(changed).number == "2"
    assert not Announcement.objects.exists()


def test_a_removal_is_published_at_once_and_told_for_information(in_force):
    registers.publish_subprocessors(registers.draft_subprocessors(registers.entry(), registers.entry("mailer")))
    company = notices.company()
    registers.put_into_force(notices.approved(registers.entry()))
    announcement = Announcement.objects.get()
    telling.tell(announcement.pk, announcement.quiet_until)
    announcement.refresh_from_db()
    told = notices.notice(announcement, company)
    assert (announcement.state, told.is_information, told.can_object(AT)) == ("active", True, False)
    assert Delivery.objects.get(customer=company).kind == "subprocessors_announced"


def test_what_was_taken_back_is_told_anew_when_it_comes_again(announced):
    announcement, _companies = announced
    activate(announcement, STARTED)
    registers.publish_subprocessors(registers.draft_subprocessors(registers.entry()), at=STARTED)
    with pytest.raises(services.NotAnnounced):
        registers.put_into_force(notices.approved(), STARTED)


def test_a_customer_to_whom_no_mail_got_through_stands_in_the_way_until_it_reads_or_somebody_decides(announced):
    announcement, (reached, unreached) = announced
    Delivery.objects.filter(customer=unreached).update(state="failed", sent_at=None, last_error="smtp_550")
    with pytest.raises(services.StillBlocked):
        activate(announcement, STARTED)
    services.note_seen(notice=notices.notice(announcement, unreached), at=AT)
    assert not announcement.notices.blocking(STARTED.date()).exists()
    assert reached.pk != unreached.pk


def test_a_decision_regardless_counts_for_one_customer_and_needs_a_reason(announced):
    announcement, companies = announced
    for company in companies:
        object_to(announcement, company)
    first = notices.notice(announcement, companies[0])
    with pytest.raises(services.ReasonMissing):
        services.decide_regardless(notice=first, reason="  ", by=registers.editor(), at=AT)
    services.decide_regardless(notice=first, reason="Daten werden getrennt gehalten", by=registers.editor(), at=AT)
    with pytest.raises(services.StillBlocked) as refusal:
        activate(announcement, STARTED)
    assert refusal.value.count == 1
    services.decide_regardless(notice=notices.notice(announcement, companies[1]), reason="ebenso", by=registers.editor(), at=AT)
    assert activate(announcement, STARTED).number == "2"
    kinds = [event.kind if hasattr(event, "kind") else bytes(event.canonical).decode() for event in Event.objects.all()]
    assert sum("subprocessors.decided_regardless" in kind for kind in kinds) == 2


def test_silence_counts_for_nothing_under_a_specific_authorisation(in_force):
    company = notices.company(authorisation="specific")
    announcement = notices.told()
    notices.deliver(announcement)
    with pytest.raises(services.StillBlocked):
        activate(announcement, STARTED)
    services.consent(notice=notices.notice(announcement, company), by=notices.people(company), at=STARTED)
    assert activate(announcement, STARTED).number == "2"


def test_an_urgent_change_begins_early_and_can_be_objected_to_until_the_ordinary_end(in_force):
    company = notices.company(urgent_notice_days=5)
    announcement = notices.told(urgency={"de": "Angriff", "en": "Attack"})
    notices.deliver(announcement)
    activate(announcement, datetime(2026, 11, 29, 9, 0, tzinfo=UTC))
    objection = object_to(announcement, company, LAST_MOMENT)
    assert objection.state == "received"


def test_an_urgent_change_waits_for_the_customers_without_the_clause(in_force):
    notices.company(urgent_notice_days=5)
    without = notices.company()
    announcement = notices.told(urgency={"de": "Angriff", "en": "Attack"})
    notices.deliver(announcement)
    early = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
    with pytest.raises(services.StillBlocked) as refusal:
        activate(announcement, early)
    assert refusal.value.count == 1
    services.decide_regardless(
        notice=notices.notice(announcement, without), reason="schriftlich zugestimmt", by=registers.editor(), at=early
    )
    assert activate(announcement, early).number == "2"


def test_only_those_who_decide_for_the_company_object(announced):
    announcement, (company, other) = announced
    notice = notices.notice(announcement, company)
    owner = notices.people(other)
    colleague = customers.colleague(company)
    for person in (colleague, owner, customers.stranger()):
        with pytest.raises(services.MayNotObject):
            services.object_to(notice=notice, grounds="Nein", by=person, at=AT)
        with pytest.raises(services.MayNotObject):
            services.consent(notice=notice, by=person, at=AT)


def test_a_second_objection_waits_for_the_first_to_be_closed(announced):
    announcement, (company, _other) = announced
    objection = object_to(announcement, company)
    with pytest.raises(services.AlreadyObjected):
        object_to(announcement, company)
    with pytest.raises(services.AlreadyObjected):
        services.consent(notice=notices.notice(announcement, company), by=notices.people(company), at=AT)
    services.withdraw_objection(objection=objection, by=notices.people(company), at=AT)
    with pytest.raises(services.NotOpen):
        services.answer(objection=objection, text="x", by=registers.editor(), at=AT)
    assert object_to(announcement, company).pk != objection.pk


def test_the_database_keeps_one_open_objection_per_notice(announced):
    announcement, (company, _other) = announced
    objection = object_to(announcement, company)
    objection.pk, objection.reference = None, "WS-2026-AAAA-AAAA"
    with pytest.raises(IntegrityError), transaction.atomic():
        objection.save(force_insert=True)


def test_an_objection_takes_an_earlier_consent_back(announced):
    announcement, (company, _other) = announced
    services.consent(notice=notices.notice(announcement, company), by=notices.people(company), at=AT)
    object_to(announcement, company)
    assert notices.notice(announcement, company).consented_at is None


def test_an_answer_and_an_outcome_need_words(announced):
    announcement, (company, _other) = announced
    objection = object_to(announcement, company)
    with pytest.raises(services.WordsMissing):
        services.answer(objection=objection, text=" ", by=registers.editor(), at=AT)
    with pytest.raises(services.WordsMissing):
        services.decide(objection=objection, state="upheld", outcome="", by=registers.editor(), at=AT)
    with pytest.raises(ValueError, match="withdrawn"):
        services.decide(objection=objection, state="withdrawn", outcome="x", by=registers.editor(), at=AT)


def test_an_announcement_retires_when_a_list_no_longer_names_its_company(announced):
    announcement, _companies = announced
    activate(announcement, STARTED)
    later = registers.publish_subprocessors(registers.draft_subprocessors(registers.entry()), at=STARTED)
    announcement.refresh_from_db()
    assert (announcement.state, later.number) == ("retired", "3")


def test_a_withdrawn_announcement_takes_no_objection(announced):
    announcement, (company, _other) = announced
    services.withdraw(announcement=announcement, reason="Anbieter bleibt", by=registers.editor(), at=AT)
    with pytest.raises(services.ObjectionTooLate):
        object_to(announcement, company)
    with pytest.raises(services.NotWithdrawable):
        services.withdraw(announcement=announcement, reason="noch einmal", by=registers.editor(), at=AT)


def test_what_people_write_stays_out_of_the_ledger(announced):
    announcement, (company, _other) = announced
    objection = object_to(announcement, company)
    services.answer(objection=objection, text="Andere Region", by=registers.editor(), at=AT)
    ledger = b"".join(bytes(event.canonical) for event in Event.objects.all()).decode()
    assert objection.reference in ledger
    for words in ("Ort der Verarbeitung", "Andere Region", company.legal_name, notices.people(company).email):
        assert words not in ledger


def test_paper_terms_that_nobody_recorded_count_as_specific(in_force):
    from dpa.services import import_paper

    company = customers.customer()
    customers.owner(company)
    import_paper(
        customer=company,
        document=b"%PDF-1.7 paper",
        signed_date=registers.DAY,
        ends_date=None,
        signed_for_customer_by="Erika Muster",
        note="Papier",
        by=registers.editor(),
        at=AT,
    )
    announcement = notices.told()
    assert Notice.objects.get(announcement=announcement, customer=company).authorisation == "specific"
