"""The texts of channels: taken from the template, edited, restored, updated; every state is kept, and own words are never lost."""

from __future__ import annotations

import datetime

import pytest
from django.db import InternalError, connection, transaction
from django.db.utils import IntegrityError
from django.utils import timezone

from customers.models import Channel, User
from deletion import execution
from evidence.models import Event
from notifications.messages import compose
from notifications.models import Delivery
from privacy_text import drifting, reading, services
from privacy_text.composing import Choices
from privacy_text.merging import Side, State, Wording
from privacy_text.models import ChannelText, ChannelTextDraft, Placement, TextUpdate
from tests.factories import channels, erasure
from tests.factories import customers as people
from tests.factories.channels import AT, CONTENT

pytestmark = pytest.mark.django_db
LATER = AT + datetime.timedelta(days=1)


@pytest.fixture
def channel() -> Channel:
    channels.published()
    return channels.channel()


@pytest.fixture
def passage(channel: Channel) -> reading.TextKey:
    return channels.key_of(channel)


def words(text: ChannelText, key: str) -> str:
    return next(row["text"] for row in text.wordings if row["key"] == key)


def steps(key: reading.TextKey) -> dict[str, State]:
    text = reading.latest(key)
    assert text is not None
    now = reading.composed(key, reading.current_sources(LATER.date()))
    return {step.key: step.state for step in reading.steps_between(text, now)}


# --- template and answers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["opt_in", "passage"])
@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("channel_type", ["web_push", "app_push", "facebook_messenger", "telegram"])
def test_one_answer_completes_the_template_of_every_type(channel_type: str, language: str, kind: str) -> None:
    channels.published()
    key = channels.key_of(channels.channel(channel_type=channel_type), kind, language)
    text = channels.templated(key)
    assert text.open_places == ["content"]
    text = channels.saved(key)
    assert (text.number, text.open_places, text.values) == (2, [], {"content": CONTENT})
    assert CONTENT in str(text.wordings)
    assert key.channel.customer.legal_name in str(text.wordings)
    assert not any("[" in row["text"] for row in text.wordings)


def test_an_answer_changes_the_paragraphs_with_its_question_and_keeps_own_words(passage: reading.TextKey) -> None:
    channels.templated(passage)
    text = channels.saved(passage, answers={}, words={"storage": "Wir löschen nach einem Monat."})
    assert words(text, "storage") == "Wir löschen nach einem Monat."
    assert text.open_places == ["content"]
    text = channels.saved(passage)
    assert words(text, "storage") == "Wir löschen nach einem Monat."
    assert text.open_places == []


def test_an_answer_fills_the_open_place_in_own_words_too(passage: reading.TextKey) -> None:
    template = channels.templated(passage)
    own = words(template, "registration") + " Eigener Satz."
    key = next(row["key"] for row in template.wordings if "[was" in row["text"] or "worüber" in row["text"])
    assert key
    channels.saved(passage, answers={}, words={key: words(template, key) + " Eigener Satz."})
    text = channels.saved(passage)
    assert "Eigener Satz." in words(text, key)
    assert CONTENT in words(text, key)
    assert text.open_places == []
    assert own


def test_brackets_of_a_pasted_text_are_open_places(passage: reading.TextKey) -> None:
    pasted = [Wording("own", "Push", "You will receive information about [Please describe the content of the push notifications].")]
    edited = services.Edited(pasted)
    text = services.save_text(key=passage, edited=edited, based_on=0, by=channels.person_of(passage.channel), at=AT)
    assert text.open_places == ["[Please describe the content of the push notifications]"]
    assert text.is_own
    assert reading.handed_out(passage) is None


def test_a_paragraph_without_words_is_taken_out_and_a_text_without_any_is_refused(passage: reading.TextKey) -> None:
    channels.complete(passage)
    text = channels.saved(passage, words={"storage": "  "})
    assert "storage" not in [row["key"] for row in text.wordings]
    assert reading.has_own_words(text)
    with pytest.raises(services.NothingToSave):
        channels.saved(passage, words={row["key"]: "" for row in text.wordings})


def test_choices_of_one_text_hold_for_the_others(channel: Channel) -> None:
    opt_in, passage = channels.key_of(channel, "opt_in"), channels.key_of(channel)
    channels.complete(opt_in)
    channels.complete(passage)
    assert not TextUpdate.objects.exists()
    channels.saved(passage, choices=Choices(statistics="off", segments=False))
    assert TextUpdate.objects.open().get().kind == "opt_in"
    assert steps(opt_in)["message"] == State.TEMPLATE
    channels.saved(passage, choices=Choices())
    assert not TextUpdate.objects.open().exists()


# --- history -----------------------------------------------------------------------------------------------------------


def test_every_state_is_kept_and_restoring_adds_one(passage: reading.TextKey) -> None:
    person = channels.person_of(passage.channel)
    first = channels.complete(passage)
    own = channels.saved(passage, words={"storage": "Meine Worte."})
    again = services.use_template(key=passage, based_on=own.number, by=person, at=AT)
    assert words(again, "storage") == words(first, "storage")
    restored = services.restore_text(text=own, based_on=again.number, by=person, at=AT)
    assert words(restored, "storage") == "Meine Worte."
    assert list(ChannelText.objects.values_list("number", "origin").order_by("number")) == [
        (1, "template"),
        (2, "saved"),
        (3, "saved"),
        (4, "template"),
        (5, "restored"),
    ]


@pytest.mark.parametrize(
    "statement", ["UPDATE privacy_text_channeltext SET wordings = '[]'", "UPDATE privacy_text_channeltext SET number = 9"]
)
def test_the_database_refuses_to_change_what_was_saved(passage: reading.TextKey, statement: str) -> None:
    channels.templated(passage)
    with pytest.raises((IntegrityError, InternalError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_who_saved_it_is_forgotten_with_the_person_and_the_text_stays(passage: reading.TextKey) -> None:
    text = channels.templated(passage)
    User.objects.filter(pk=text.saved_by_id).delete()
    text.refresh_from_db()
    assert text.saved_by is None
    assert text.wordings


def test_a_second_person_does_not_save_over_the_first(passage: reading.TextKey) -> None:
    text = channels.complete(passage)
    channels.saved(passage, words={"storage": "Anna."})
    colleague = people.colleague(passage.channel.customer)
    for late in (
        lambda: services.save_text(
            key=passage, edited=services.Edited([Wording("a", "", "B.")]), based_on=text.number, by=colleague, at=AT
        ),
        lambda: services.use_template(key=passage, based_on=text.number, by=colleague, at=AT),
        lambda: services.restore_text(text=text, based_on=text.number, by=colleague, at=AT),
    ):
        with pytest.raises(services.SavedMeanwhile) as refused:
            late()
        assert words(refused.value.text, "storage") == "Anna."


def test_a_draft_is_kept_per_person_and_goes_with_saving(passage: reading.TextKey) -> None:
    channels.templated(passage)
    person = channels.person_of(passage.channel)
    for word in ("a", "b"):
        services.keep_draft(key=passage, fields={"text-storage": word}, based_on=1, by=person, at=AT)
    services.keep_draft(key=passage, fields={"x": "y"}, based_on=1, by=people.colleague(passage.channel.customer), at=AT)
    assert ChannelTextDraft.objects.get(user=person).fields == {"text-storage": "b"}
    channels.saved(passage)
    assert not ChannelTextDraft.objects.filter(user=person).exists()
    assert ChannelTextDraft.objects.count() == 1


def test_the_ledger_knows_hash_and_number_of_every_state_and_no_word(passage: reading.TextKey) -> None:
    channels.complete(passage)
    text = channels.saved(passage, words={"storage": "Geheime Worte."})
    told = b"".join(bytes(event.canonical) for event in Event.objects.all())
    assert text.sha256.encode() in told
    assert b"Geheime" not in told


# --- drift -------------------------------------------------------------------------------------------------------------


def look(at: datetime.datetime) -> None:
    drifting.look_at_all(f"look-{at.isoformat()}", at)


def test_a_new_version_opens_an_update_and_tells_the_channel_owner_once(passage: reading.TextKey, mailoutbox: object) -> None:
    channels.complete(passage)
    look(LATER)
    assert not TextUpdate.objects.exists()
    version = channels.newer_texts(LATER, {"storage": "… Neu."})
    for _time in range(2):
        look(LATER)
    update = TextUpdate.objects.open().get()
    assert (update.sample_text, update.kind, update.language) == (version, "passage", "de")
    delivery = Delivery.objects.get(kind="channel_texts_changed")
    assert delivery.recipient == channels.person_of(passage.channel).email
    assert delivery.customer == passage.channel.customer


@pytest.mark.parametrize("fact", ["subprocessor", "provider", "customer", "removed again"])
def test_a_changed_fact_opens_an_update(passage: reading.TextKey, fact: str) -> None:
    channels.complete(passage)
    company, provider = passage.channel.customer, people.provider()
    if fact == "subprocessor":
        channels.newer_register(LATER, legal_name="Neuer Name GmbH")
    elif fact == "provider":
        provider.legal_name = "CleverPush SE"
        provider.save()
    else:
        company.legal_name = "Umbenannt GmbH"
        company.save()
    look(LATER)
    assert TextUpdate.objects.open().count() == 1
    if fact == "removed again":
        company.legal_name = Channel.objects.get().customer.legal_name = "Muster"
        company.save()
        channels.saved(passage)
        services.decide(
            key=passage._replace(channel=Channel.objects.get()),
            sides={},
            shown=word_of(passage),
            based_on=3,
            by=channels.person_of(passage.channel),
            at=LATER,
        )
        assert not TextUpdate.objects.open().exists()


def word_of(key: reading.TextKey) -> str:
    key = key._replace(channel=Channel.objects.get(pk=key.channel.pk))
    return services.update_word(reading.wordings_of(reading.composed(key, reading.current_sources(LATER.date()))))


def test_a_changed_fact_changes_the_word_that_looks_are_put_for(passage: reading.TextKey) -> None:
    def word(at: datetime.datetime = LATER) -> str:
        return drifting.fingerprint(reading.current_sources(at.date()))

    seen = [word(), word(LATER + datetime.timedelta(days=1))]
    channels.newer_register(LATER, legal_name="Neuer Name GmbH")
    seen.append(word())
    provider = people.provider()
    provider.legal_name = "CleverPush SE"
    provider.save()
    seen.append(word())
    channels.newer_texts(LATER, {"storage": "… Neu."})
    seen.append(word())
    assert len(set(seen)) == 5
    assert seen[-1] == word()


def test_everything_without_conflict_is_taken_at_once_and_own_words_stay(passage: reading.TextKey) -> None:
    channels.complete(passage)
    channels.saved(passage, words={"storage": "Meine Worte."})
    channels.newer_texts(LATER, {"storage": "… Neu.", "service": "… Auch neu."})
    look(LATER)
    assert {steps(passage)[key] for key in ("storage", "service", "rights")} == {State.BOTH, State.TEMPLATE, State.UNCHANGED}
    by = channels.person_of(passage.channel)
    text = services.decide(key=passage, sides={}, shown=word_of(passage), based_on=3, by=by, at=LATER)
    assert words(text, "storage") == "Meine Worte."
    assert words(text, "service").endswith("Auch neu.")
    assert text.sample_text is not None
    assert text.sample_text.number != "1"
    assert TextUpdate.objects.open().exists(), "the conflict is still to be decided"
    text = services.decide(key=passage, sides={"storage": Side.OWN}, shown=word_of(passage), based_on=4, by=by, at=LATER)
    assert words(text, "storage") == "Meine Worte."
    assert not TextUpdate.objects.open().exists()
    look(LATER + datetime.timedelta(days=2))
    assert not TextUpdate.objects.open().exists()


def test_saving_something_else_does_not_hide_what_is_still_to_be_decided(passage: reading.TextKey) -> None:
    channels.complete(passage)
    name = passage.channel.customer.legal_name
    channels.saved(passage, words={"controller": f"Verantwortlich ist {name}."})
    passage.channel.customer.legal_name = "Umbenannt GmbH"
    passage.channel.customer.save()
    key = passage._replace(channel=Channel.objects.get())
    look(LATER)
    assert TextUpdate.objects.open().exists()
    text = channels.saved(key, words={"storage": "Meine Worte."})
    assert words(text, "controller") == f"Verantwortlich ist {name}."
    assert steps(key)["controller"] == State.BOTH
    assert TextUpdate.objects.open().exists()


def test_a_decision_on_another_template_than_the_page_showed_is_refused(passage: reading.TextKey) -> None:
    channels.complete(passage)
    shown = word_of(passage)
    channels.newer_texts(LATER, {"storage": "… Neu."})
    with pytest.raises(services.TemplateChangedMeanwhile):
        services.decide(key=passage, sides={}, shown=shown, based_on=2, by=channels.person_of(passage.channel), at=LATER)


def test_an_automatic_update_comes_two_weeks_after_its_notice(passage: reading.TextKey) -> None:
    channels.complete(passage)
    channels.saved(passage, words={"rights": "Meine Worte."})
    services.place(channel=passage.channel, page_url="", updates="automatic", by=channels.person_of(passage.channel), at=AT)
    channels.newer_texts(LATER, {"storage": "… Neu.", "rights": "… Neu."})
    look(LATER)
    drifting.take_over_due(LATER + datetime.timedelta(days=13))
    assert ChannelText.objects.filter(kind="passage").count() == 3
    for days in (15, 16):
        drifting.take_over_due(LATER + datetime.timedelta(days=days))
    text = reading.latest(passage)
    assert text is not None
    assert (text.number, text.origin, text.saved_by) == (4, "automatic", None)
    assert words(text, "storage").endswith("Neu.")
    assert words(text, "rights") == "Meine Worte."
    assert TextUpdate.objects.open().get().applies_at is None


def test_whoever_pins_the_version_after_the_notice_is_not_updated(passage: reading.TextKey) -> None:
    person = channels.person_of(passage.channel)
    channels.complete(passage)
    services.place(channel=passage.channel, page_url="", updates="automatic", by=person, at=AT)
    channels.newer_texts(LATER, {"storage": "… Neu."})
    look(LATER)
    services.place(channel=passage.channel, page_url="", updates="pinned", by=person, at=LATER)
    drifting.take_over_due(LATER + datetime.timedelta(days=30))
    assert ChannelText.objects.count() == 2


def test_a_removed_channel_reminds_of_its_passage_and_asks_for_no_update(passage: reading.TextKey) -> None:
    channels.complete(passage)
    channels.newer_texts(LATER, {"storage": "… Neu."})
    look(LATER)
    person = channels.person_of(passage.channel)
    services.remove_channel(channel=passage.channel, by=person, at=LATER)
    assert not TextUpdate.objects.open().exists()
    assert Delivery.objects.get(kind="channel_removed").recipient == person.email
    services.note_taken_out(channel=passage.channel, by=person, at=LATER)
    passage.channel.placement.refresh_from_db()
    assert passage.channel.placement.taken_out_at == LATER


@pytest.mark.parametrize(
    ("language", "words_of_mail"), [("de", "Die Vorlage Ihrer Texte hat sich geändert"), ("en", "The sample for your texts")]
)
def test_the_mail_says_which_text_and_leads_to_where_it_is_decided(passage: reading.TextKey, language: str, words_of_mail: str) -> None:
    person = channels.person_of(passage.channel)
    person.language = language
    person.save()
    channels.complete(passage)
    channels.newer_texts(LATER, {"storage": "… Neu."})
    look(LATER)
    mail = compose(Delivery.objects.get(kind="channel_texts_changed"))
    assert words_of_mail in str(mail.subject)
    assert f"/{language}/channels/{passage.channel.pk}/privacy-text/update/?language=de" in str(mail.body)
    assert passage.channel.name in str(mail.body)
    assert passage.channel.name in str(mail.alternatives[0][0])


@pytest.mark.parametrize(("language", "words_of_mail"), [("de", "Passage aus der Datenschutzerklärung"), ("en", "take its passage out")])
def test_the_mail_about_a_removed_channel_names_the_page(passage: reading.TextKey, language: str, words_of_mail: str) -> None:
    person = channels.person_of(passage.channel)
    person.language = language
    person.save()
    channels.complete(passage)
    Placement.objects.create(channel=passage.channel, page_url="https://muster.example/datenschutz")
    services.remove_channel(channel=passage.channel, by=person, at=LATER)
    mail = compose(Delivery.objects.get(kind="channel_removed"))
    assert words_of_mail in str(mail.subject)
    assert "https://muster.example/datenschutz" in str(mail.body)
    assert f"/{language}/channels/{passage.channel.pk}/" in str(mail.body)


# --- erasure -----------------------------------------------------------------------------------------------------------


def test_a_text_of_an_account_that_is_being_erased_is_refused() -> None:
    channels.published()
    company, owner = erasure.account(1)
    key = channels.key_of(channels.channel(company))
    text = channels.templated(key)
    execution.begin(erasure.due(company, owner), timezone.now(), 0)
    for late in (
        lambda: services.save_text(key=key, edited=services.Edited([Wording("a", "", "B.")]), based_on=1, by=text.saved_by, at=AT),
        lambda: services.keep_draft(key=key, fields={}, based_on=1, by=text.saved_by, at=AT),
        lambda: services.place(channel=key.channel, page_url="", updates="pinned", by=text.saved_by, at=AT),
    ):
        with pytest.raises(Exception, match="is being erased"), transaction.atomic():
            late()
