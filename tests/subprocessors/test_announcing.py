"""Announcing changes: who is told, with which periods, once each; what merges in the quiet window; what shortens for urgency."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from jobs.models import Job
from notifications.models import Broadcast, Delivery, Topic, UpdateSubscription
from subprocessors import services, telling
from subprocessors.models import AgreedTerms, AnnouncedChange, Announcement, Notice, TermsDeviation
from tests.factories import customers, notices, registers
from tests.factories.registers import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def in_force():
    customers.provider()
    return notices.register_in_force()


# --- who is told --------------------------------------------------------------------------------------------------------


def test_every_active_customer_is_told_unasked_by_its_privacy_contact_and_nobody_else(in_force):
    first, second = notices.company(), notices.company()
    owners = [notices.people(first), notices.people(second)]
    contact = customers.colleague(second, "privacy_contact")
    customers.colleague(first, "channel_owner")
    left = notices.company()
    left.closed_at = left.created_at
    left.save()
    customers.owner(customers.customer())  # registered, but without an agreement
    announcement = notices.told()
    told = set(Delivery.objects.values_list("recipient", "customer"))
    assert told == {(owners[0].email, first.pk), (owners[1].email, second.pk), (contact.email, second.pk)}
    assert set(announcement.notices.values_list("customer", flat=True)) == {first.pk, second.pk}


def test_a_company_without_a_privacy_contact_is_told_by_its_owners(in_force):
    company = customers.customer()
    owner = customers.person(company, "owner")
    customers.person(company, "signatory")
    customers.person(company, "privacy_contact", is_active=False)
    notices.agree(company)
    notices.told()
    assert list(Delivery.objects.values_list("recipient", flat=True)) == [owner.email]


def test_every_delivery_has_its_job_and_a_message_id_of_its_own(in_force):
    for _ in range(3):
        notices.company()
    notices.told()
    deliveries = list(Delivery.objects.all())
    jobs = {job.subject: job for job in Job.objects.filter(kind="notifications.send")}
    assert len(deliveries) == 3
    assert {str(delivery.pk) for delivery in deliveries} == set(jobs)
    for delivery in deliveries:
        assert jobs[str(delivery.pk)].key == f"send:{delivery.key}"
        assert delivery.message_id == f"<{delivery.pk}@{delivery.message_id.partition('@')[2]}"
        assert "@" not in delivery.key


def test_telling_twice_tells_nobody_twice(in_force):
    notices.company()
    announcement = notices.told()
    announcement.told_completely_at, announcement.told_up_to = None, 0
    announcement.save()
    telling.tell(announcement.pk, announcement.quiet_until)
    assert Delivery.objects.count() == Notice.objects.count() == 1


def test_a_run_that_was_stopped_goes_on_where_it_stood(in_force):
    for _ in range(5):
        notices.company()
    announcement = notices.announce()
    assert telling.begin(announcement.pk, announcement.quiet_until)
    telling.tell_next(announcement.pk, 2)
    telling.tell_next(announcement.pk, 2)
    assert Delivery.objects.count() == 4
    telling.tell(announcement.pk, announcement.quiet_until)
    assert Delivery.objects.count() == Notice.objects.count() == 5


def test_the_chunk_takes_the_same_number_of_statements_for_any_number_of_customers(in_force, django_assert_num_queries):
    for _ in range(8):
        notices.company()
    announcement = notices.announce()
    telling.begin(announcement.pk, announcement.quiet_until)
    with django_assert_num_queries(9):  # savepoint, lock, changes, provider, terms, the two of the chunk, place, release
        telling.tell_next(announcement.pk, 3)
    with django_assert_num_queries(9):
        telling.tell_next(announcement.pk, 5)
    assert Notice.objects.count() == 8


def test_subscribers_are_told_once_and_not_beside_their_notice_as_customers(in_force):
    company = notices.company()
    for email, topics, confirmed in (
        ("reader@example.org", [Topic.SUBPROCESSORS], AT),
        ("other@example.org", [Topic.MEASURES], AT),
        ("unconfirmed@example.org", [Topic.SUBPROCESSORS], None),
        (notices.people(company).email, [Topic.SUBPROCESSORS], AT),
    ):
        UpdateSubscription.objects.create(email=email, language="en", topics=topics, asked_at=AT, confirmed_at=confirmed)
    announcement = notices.told()
    public = Delivery.objects.exclude(broadcast=announcement.broadcast)
    assert list(public.values_list("recipient", "kind")) == [("reader@example.org", "subprocessors_announced_public")]


# --- periods ------------------------------------------------------------------------------------------------------------


def test_each_customer_has_the_periods_of_its_own_agreement_or_of_its_deviation(in_force):
    usual, short = notices.company(), notices.company(notice_days=14, objection_days=14)
    special = notices.company()
    deviation = TermsDeviation(customer=special, notice_days=60, objection_days=45, authorisation="general", note="Rahmenvertrag, § 7")
    services.record_deviation(deviation=deviation, by=registers.editor(), at=AT)
    announcement = notices.told()
    told = {each.customer_id: each for each in Notice.objects.all()}
    assert announcement.starts_date == date(2027, 1, 23)
    assert told[usual.pk].objection_ends_date == date(2026, 12, 23)
    assert told[short.pk].objection_ends_date == date(2026, 12, 7)
    assert told[short.pk].may_start_date == date(2026, 12, 8)
    assert (told[special.pk].notice_ends_date, told[special.pk].objection_ends_date) == (date(2027, 1, 22), date(2027, 1, 7))
    assert told[special.pk].terms_source == "deviation"
    assert told[usual.pk].terms_source == "agreement 1.0"


def test_a_period_that_would_end_on_a_holiday_ends_on_the_next_working_day(in_force):
    company = notices.company(notice_days=32, objection_days=32)  # 25 December, a Friday
    announcement = notices.told()
    assert notices.notice(announcement, company).objection_ends_date == date(2026, 12, 28)


def test_a_start_one_day_too_early_is_refused_with_the_earliest_day(in_force):
    notices.company()
    with pytest.raises(services.StartsTooEarly) as refusal:
        notices.announce(starts=date(2026, 12, 23))
    assert refusal.value.earliest == date(2026, 12, 24)
    assert not Announcement.objects.exists()
    assert notices.announce(notices.SubprocessorList.objects.get(state="approved"), starts=date(2026, 12, 24)) is not None


def test_an_urgent_start_is_refused_where_no_agreement_has_the_clause(in_force):
    notices.company()
    with pytest.raises(services.NoUrgentClause):
        notices.announce(urgency={"de": "Angriff", "en": "Attack"}, starts=date(2026, 12, 1))
    assert not Announcement.objects.exists()


def test_urgency_shortens_the_notice_only_for_those_with_the_clause_and_never_the_objection(in_force):
    with_clause, without = notices.company(urgent_notice_days=5), notices.company()
    announcement = notices.told(urgency={"de": "Angriff", "en": "Attack"})
    assert announcement.starts_date == date(2026, 11, 29)
    shortened, ordinary = notices.notice(announcement, with_clause), notices.notice(announcement, without)
    assert (shortened.is_shortened, shortened.may_start_date) == (True, date(2026, 11, 29))
    assert shortened.objection_ends_date == ordinary.objection_ends_date == date(2026, 12, 23)
    assert (ordinary.is_shortened, ordinary.may_start_date) == (False, date(2026, 12, 24))


def test_a_mail_that_went_out_late_moves_the_customers_dates_and_never_shortens_them(in_force):
    late, in_time = notices.company(), notices.company()
    announcement = notices.told()
    notices.deliver(announcement)
    Delivery.objects.filter(customer=late).update(sent_at=announcement.told_at + timedelta(days=3))
    assert telling.move_deadlines() == 1
    assert notices.notice(announcement, late).objection_ends_date == date(2026, 12, 28)  # 26 December is a holiday and a Saturday
    assert notices.notice(announcement, in_time).objection_ends_date == date(2026, 12, 23)
    assert telling.move_deadlines() == 0


def test_a_customer_that_joins_later_is_told_and_holds_up_nobody(in_force):
    notices.company()
    announcement = notices.told()
    notices.deliver(announcement)
    company = notices.company(AT + timedelta(days=20))
    joined = notices.notice(announcement, company)
    assert (joined.is_late, joined.objection_ends_date) == (True, date(2027, 1, 12))
    assert Delivery.objects.filter(customer=company, broadcast=announcement.broadcast).count() == 1
    assert not announcement.notices.blocking(announcement.starts_date).exists()
    assert joined.starts_date() > announcement.starts_date


# --- the quiet window ---------------------------------------------------------------------------------------------------


def test_nobody_is_told_before_the_quiet_window_is_over(in_force):
    notices.company()
    announcement = notices.announce()
    telling.tell(announcement.pk, announcement.quiet_until - timedelta(seconds=1))
    assert not Delivery.objects.exists()
    assert Job.objects.get(kind="subprocessors.tell").run_after == announcement.quiet_until


def test_edits_within_the_quiet_window_become_one_notice(in_force):
    notices.company()
    draft = notices.approved()
    first = notices.announce(draft)
    registers.publishing.services.reopen(version=draft)
    registers.new_entry(draft, slug="mailer").save()
    again = registers.publishing.services.approve(version=draft, by=registers.editor(), at=AT)
    second = notices.announce(again, at=AT + timedelta(minutes=30))
    assert second == first
    telling.tell(first.pk, AT + timedelta(minutes=61))  # the job of the first plan comes too early and does nothing
    assert not Delivery.objects.exists()
    telling.tell(first.pk, second.quiet_until)
    assert Delivery.objects.count() == 1
    assert sorted(AnnouncedChange.objects.values_list("slug", flat=True)) == ["mailer", "network"]


def test_adding_and_removing_within_the_quiet_window_tells_nobody(in_force):
    notices.company()
    draft = notices.approved()
    announcement = notices.announce(draft)
    registers.publishing.services.reopen(version=draft)
    draft.entries.get(slug="network").delete()
    again = registers.publishing.services.approve(version=draft, by=registers.editor(), at=AT)
    assert notices.announce(again, at=AT + timedelta(minutes=5)) is None
    telling.tell(announcement.pk, AT + timedelta(days=1))
    announcement.refresh_from_db()
    assert announcement.state == "withdrawn"
    assert not Delivery.objects.exists()
    assert not Broadcast.objects.filter(kind__startswith="subprocessors").exists()


def test_what_was_told_is_not_told_again(in_force):
    notices.company()
    announcement = notices.told()
    with pytest.raises(services.NothingToAnnounce):
        notices.announce(announcement.subprocessor_list, at=AT + timedelta(days=1))


def test_a_draft_is_not_announced(in_force):
    with pytest.raises(services.NotApprovedYet):
        notices.announce(registers.draft_subprocessors(registers.entry(), registers.american()))


def test_a_withdrawal_within_the_window_tells_nobody_and_later_everybody(in_force):
    notices.company()
    draft = notices.approved()
    silent = notices.announce(draft)
    services.withdraw(announcement=silent, reason="", by=registers.editor(), at=AT)
    assert not Job.objects.filter(kind="subprocessors.tell_withdrawal").exists()
    told = notices.told(subprocessor_list=draft)
    with pytest.raises(services.ReasonMissing):
        services.withdraw(announcement=told, reason=" ", by=registers.editor(), at=AT)
    services.withdraw(announcement=told, reason="Anbieter bleibt", by=registers.editor(), at=AT)
    telling.tell_withdrawal(told.pk, AT)
    telling.tell_withdrawal(told.pk, AT)
    assert Delivery.objects.filter(kind="subprocessors_withdrawn").count() == 1


# --- what counts as a change ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"processing_locations": ["DE", "FR"]}, "location"),
        ({"remote_access_countries": ["IN"], "transfer_basis": "scc"}, "location"),
        ({"transfer_basis": "scc"}, "transfer"),
        ({"channel_types": ["web_push", "telegram"]}, "scope"),
        ({"data_categories": {"de": ["Kennungen", "IP-Adressen", "Namen"], "en": ["Identifiers", "IP addresses", "Names"]}}, "scope"),
        ({"legal_name": "Other GmbH"}, "entity"),
    ],
)
def test_a_change_that_customers_decide_about_is_announced_with_its_kind(in_force, fields, kind):
    notices.company()
    announcement = notices.announce(notices.approved(registers.entry(**fields)))
    assert [change.kind for change in announcement.changes.all()] == [kind]


@pytest.mark.parametrize("fields", [{"contact": "other@example.com"}, {"processing_locations": ["DE"]}, {"service_name": "Cloud"}])
def test_a_change_of_wording_or_contact_is_announced_to_nobody(in_force, fields):
    notices.company()
    with pytest.raises(services.NothingToAnnounce):
        notices.announce(notices.approved(registers.entry(**fields)))


def test_a_removal_is_information_without_a_period(in_force):
    notices.company()
    announcement = notices.announce(notices.approved(registers.entry("other")), starts=date(2026, 12, 24))
    assert sorted(announcement.changes.values_list("kind", flat=True)) == ["addition", "removal"]
    assert announcement.is_for_information is False


def test_terms_are_read_from_the_agreement_that_was_accepted(in_force):
    from tests.factories import agreement

    version = agreement.published(
        body="Between.\n\n## Subject {#subject}\n\n1. {{ notice_days }} days.\n\n## Rights {#rights}\n\n1. {{ customer_name }}.\n"
    )
    company = customers.customer()
    agreement.accept(company, customers.owner(company), version)
    terms = AgreedTerms.objects.get(customer=company)
    assert (terms.notice_days, terms.objection_days, terms.urgent_notice_days) == (30, 30, None)
    assert (terms.source, terms.source_number, terms.authorisation) == ("agreement", version.number, "general")
