"""Remarks on templates: each error of such texts is found where it stands, and the sample gives rise to none."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from customers.models import ChannelType
from privacy_text import drafting, linting, services
from privacy_text.models import Operator, PassageSection, SampleText
from tests.factories import customers as people
from tests.factories import registers
from tests.privacy_text.conftest import NOW

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture
def draft() -> SampleText:
    people.provider()
    registers.sample_subprocessors()
    version = SampleText.objects.create(created_by=registers.editor(), created_at=NOW)
    drafting.fill_from(version, drafting.sample())
    Operator.objects.update(last_verified_at=NOW)
    return version


def section(draft: SampleText, channel_type: str, key: str, **conditions: str) -> PassageSection:
    return draft.sections.get(channel_type__key=channel_type, key=key, **conditions)


def found(draft: SampleText) -> set[tuple[str, str, str]]:
    with override("en"):
        return {(finding.rule, finding.channel_type, finding.language) for finding in linting.lint(draft, TODAY)}


def test_the_sample_gives_rise_to_no_remark(draft: SampleText) -> None:
    assert linting.lint(draft, TODAY) == []


def test_a_company_of_the_table_that_nobody_verified_is_a_remark_that_blocks_nothing(draft: SampleText) -> None:
    unverified = ["Meta Platforms Ireland Limited", "Google Ireland Limited", "Apple Distribution International Limited"]
    Operator.objects.filter(legal_name__in=unverified).update(last_verified_at=None)
    Operator.objects.filter(legal_name="Facebook Ireland Limited").update(last_verified_at=None)  # its time is over: nothing prints it
    with override("en"):
        remarks = [(row.rule, row.channel_type, row.name, row.words, row.blocks) for row in linting.lint(draft, TODAY)]
    assert set(remarks) == {
        ("unverified", "Facebook Messenger", "Meta Platforms Ireland Limited", "last verified: never", False),
        (
            "unverified",
            "Web push, App push",
            "Google Ireland Limited; Apple Distribution International Limited",
            "last verified: never",
            False,
        ),
    }
    services.require_fit(draft, TODAY)


def test_the_portal_ships_with_operators_that_nobody_verified() -> None:
    assert Operator.objects.exists()
    assert not Operator.objects.exclude(last_verified_at=None).exists()


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ("Wir werten statistisch nicht aus, wie oft Links angeklickt werden. So erkennen wir, was von Interesse ist.", "text_de"),
        ("We do not statistically evaluate how often links are clicked. This enables us to determine what is of interest.", "text_en"),
    ],
)
def test_an_evaluation_that_is_denied_and_used_is_found(draft: SampleText, words: str, field: str) -> None:
    row = section(draft, "facebook_messenger", "statistics", when_statistics="off")
    setattr(row, field, words)
    row.save()
    assert found(draft) == {("denied_but_used", "Facebook Messenger", field[-2:])}


def test_an_evaluation_is_not_denied_where_it_takes_place(draft: SampleText) -> None:
    row = section(draft, "web_push", "rights")
    row.text_de += " Wir werten nicht aus, was Sie anklicken."
    row.save()
    assert found(draft) == {("denied_but_used", "Web push", "de")}


@pytest.mark.parametrize("name", ["Facebook Inc.", "CloudFlare", "TTDSG", "Facebook Ireland Limited"])
def test_an_outdated_name_is_found(draft: SampleText, name: str) -> None:
    row = section(draft, "telegram", "rights")
    row.text_en += f" See {name}"
    row.save()
    assert ("outdated", "Telegram", "en") in found(draft)


def test_a_name_that_the_table_ends_is_outdated_from_that_day(draft: SampleText) -> None:
    row = section(draft, "telegram", "rights")
    row.text_en += " Telegram Messenger Inc."
    row.save()
    assert ("outdated", "Telegram", "en") not in found(draft)
    Operator.objects.filter(key="telegram").update(valid_to=TODAY.replace(day=1))
    assert ("outdated", "Telegram", "en") in found(draft)


@pytest.mark.parametrize(
    ("channel_type", "label", "words", "rule"),
    [
        ("web_push", "Web push", "the main topic of the app", "app"),
        ("web_push", "Web push", "via the messenger that you use", "foreign_words"),
        ("app_push", "App push", "in the settings of your browser", "foreign_words"),
        ("telegram", "Telegram", "the content of the push notifications", "foreign_words"),
        ("telegram", "Telegram", "as with Facebook Messenger", "foreign_words"),
    ],
)
def test_words_of_another_channel_type_are_found(draft: SampleText, channel_type: str, label: str, words: str, rule: str) -> None:
    row = section(draft, channel_type, "rights")
    row.text_en += f" {words}"
    row.save()
    assert found(draft) == {(rule, label, "en")}


@pytest.mark.parametrize("name", ["Hetzner Online GmbH", "Some New Network Inc.", "Meta Platforms Ireland Limited"])
def test_a_company_in_a_template_is_found_and_blocks(draft: SampleText, name: str) -> None:
    row = section(draft, "web_push", "recipients", when_recipients="named")
    row.text_de += f" Außerdem {name}."
    row.save()
    assert ("company", "Web push", "de") in found(draft)
    with pytest.raises(services.CompanyWritten, match=name):
        services.require_fit(draft, TODAY)


def test_a_missing_fact_and_a_doubled_key_are_found_and_block(draft: SampleText) -> None:
    section(draft, "telegram", "objection").delete()
    row = section(draft, "app_push", "statistics", when_statistics="off")
    row.when_statistics = ""
    row.save()
    with override("en"):
        remarks = linting.lint(draft, TODAY)
    assert {(finding.rule, finding.channel_type, finding.name) for finding in remarks if finding.blocks} == {
        ("missing_facts", "Telegram", "F21"),
        ("missing_facts", "Telegram", "F22"),
        ("doubled", "App push", "statistics"),
    }
    with pytest.raises(services.FactsMissing, match="F21"):
        services.require_fit(draft, TODAY)


def test_a_missing_language_is_found_and_blocks(draft: SampleText) -> None:
    row = section(draft, "telegram", "rights")
    row.text_en = ""
    row.save()
    assert ("untranslated", "Telegram", "en") in found(draft)
    with pytest.raises(services.TextsMissing):
        services.require_fit(draft, TODAY)


def test_a_further_channel_type_is_data_and_is_not_forgotten(draft: SampleText) -> None:
    letter = ChannelType.objects.create(key="signal", label_de="Signal", label_en="Signal", kind="messenger", sort=9)
    assert ("missing_facts", "Signal", "") in found(draft)
    with pytest.raises(services.TextsMissing):
        services.require_fit(draft, TODAY)
    for row in [*draft.parts.filter(channel_type__key="telegram"), *draft.sections.filter(channel_type__key="telegram")]:
        row.pk, row.channel_type = None, letter
        for field in ("text", "text_de", "text_en", "heading_de", "heading_en"):
            if hasattr(row, field) and not callable(getattr(row, field)):
                setattr(row, field, getattr(row, field).replace("Telegram", "Signal"))
        row.save()
    operator = Operator.objects.create(
        key="signal", legal_name="Signal Messenger, LLC", service_name="Signal", seat_country="US", valid_from=TODAY, last_verified_at=NOW, policy_url="https://signal.org/legal/"
    )  # fmt: skip
    operator.channel_types.set([letter])
    assert not [finding for finding in linting.lint(draft, TODAY) if finding.blocks]
    services.require_fit(draft, TODAY)
