"""Every passage that the sample can become: complete, without contradiction, and without a company that no register holds."""

from __future__ import annotations

import re

import pytest
from django.utils.translation import override

from privacy_text import drafting, facts
from privacy_text.composing import Choices, Composed
from tests.privacy_text.conftest import CHOICES, LANGUAGES, TYPES, Every
from tests.privacy_text.witnesses import PUSH, WITNESSES, pattern

EACH = [
    pytest.param(key, language, choices, id=f"{key}-{language}-{'-'.join(str(value) for value in vars(choices).values())}")
    for key in TYPES
    for language in LANGUAGES
    for choices in CHOICES
]
LEGAL_FORM = re.compile(r"\b(GmbH|Inc\.|LLC|Ltd|Limited|Corporation|S[àa]rl|SARL|AG|SE|KG|B\.V\.)(?!\w)")
HELD = {
    "web_push": {
        "Google Ireland Limited",
        "Apple Distribution International Limited",
        "Mozilla Corporation",
        "Microsoft Ireland Operations Limited",
    },
    "app_push": {"Google Ireland Limited", "Apple Distribution International Limited"},
    "facebook_messenger": {"Meta Platforms Ireland Limited"},
    "telegram": {"Telegram Messenger Inc.", "Telegram Group Inc.", "Telegram FZ-LLC"},
}
SUBPROCESSORS = {"Hetzner Online GmbH", "Amazon Web Services EMEA Sàrl", "MongoDB Inc."}
DELIVERY = {"Cloudflare, Inc.", "proinity LLC"}
PARTIES = {"CleverPush GmbH", "Muster Verlag GmbH"}


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def words(composed: Composed, *keys: str) -> str:
    return plain(" ".join(f"{row.heading} {row.text}" for row in composed.paragraphs if not keys or row.key in keys))


def test_the_witnesses_cover_every_fact() -> None:
    assert set(WITNESSES) | {facts.OF_THE_DISCLAIMER} == set(facts.FACTS)
    assert {f"F{number}" for number in range(1, 31)} <= set(facts.FACTS)


@pytest.mark.parametrize(("key", "language", "choices"), EACH)
def test_each_fact_stands_in_the_passage_or_is_not_applicable_for_a_reason(
    composed: Every, key: str, language: str, choices: Choices
) -> None:
    passage = composed["passage", key, language, choices]
    assert passage.uncovered == ()
    assert not passage.missing
    for fact in WITNESSES:
        keys = passage.carried.get(fact, [])
        if keys:
            assert fact not in passage.not_applicable
            assert re.search(pattern(fact, key, language), words(passage, *keys)), fact
        else:
            with override(language):
                assert str(passage.not_applicable[fact])


@pytest.mark.parametrize(("key", "language", "choices"), EACH)
def test_facts_are_inapplicable_only_where_the_choices_make_them_so(composed: Every, key: str, language: str, choices: Choices) -> None:
    expected = {"F24"} if key in PUSH else {"F23", "device"}
    expected |= {"F14", "F15"} if choices.statistics == "off" else set()
    expected |= set() if choices.segments else {"F16", "F17", "profiling"}
    expected |= {"F18"} if choices.statistics == "off" and not choices.segments else set()
    assert set(composed["passage", key, language, choices].not_applicable) == expected


DENIAL = {"de": r"werten nicht aus|nicht statistisch|keine Auswertung", "en": r"do not evaluate|not statistically|no evaluation"}
USE = {
    "de": r"werten statistisch aus|Wir zählen|Wir werten aus|erkennen wir, was|vermuteten Interessen aller|Interesse an unserem Angebot",
    "en": r"evaluate statistically|We count|We evaluate|shows? us what|presumed interests of all|interest in our offer",
}


@pytest.mark.parametrize("kind", ["opt_in", "passage"])
@pytest.mark.parametrize(("key", "language", "choices"), EACH)
def test_evaluation_is_denied_or_used_and_never_both(composed: Every, kind: str, key: str, language: str, choices: Choices) -> None:
    text = words(composed[kind, key, language, choices])  # type: ignore[index]
    is_used = bool(re.search(USE[language], text))
    is_denied = bool(re.search(DENIAL[language], text))
    assert is_used == (choices.statistics != "off")
    assert is_denied == (choices.statistics == "off" and kind == "passage")


@pytest.mark.parametrize(("key", "language", "choices"), EACH)
def test_the_legal_basis_of_the_evaluation_is_the_chosen_one(composed: Every, key: str, language: str, choices: Choices) -> None:
    text = words(composed["passage", key, language, choices], "statistics")
    consent, interest = ("lit. a DSGVO", "lit. f DSGVO") if language == "de" else ("(1)(a) GDPR", "(1)(f) GDPR")
    assert (consent in text) == (choices.statistics == "consent")
    assert (interest in text) == (choices.statistics == "interest")
    assert ("TDDDG" in text) == (choices.statistics == "consent")


@pytest.mark.parametrize("kind", ["opt_in", "passage"])
@pytest.mark.parametrize(("key", "language", "choices"), EACH)
def test_no_company_is_named_that_no_register_holds(composed: Every, kind: str, key: str, language: str, choices: Choices) -> None:
    text = words(composed[kind, key, language, choices])  # type: ignore[index]
    allowed = PARTIES | HELD[key] | DELIVERY | (SUBPROCESSORS if choices.recipients == "named" else set())
    if kind == "passage":
        assert all(name in text for name in allowed)
        assert choices.recipients == "named" or not any(name in text for name in SUBPROCESSORS)
    for name in sorted(allowed, key=len, reverse=True):
        text = text.replace(name, "")
    assert not LEGAL_FORM.search(text)
    for outdated in ("Facebook Inc", "Facebook, Inc", "Facebook Ireland", "CloudFlare", "TTDSG", "Privacy Shield"):
        assert outdated not in text


@pytest.mark.parametrize("kind", ["opt_in", "passage"])
@pytest.mark.parametrize(("key", "language", "choices"), EACH)
def test_words_of_another_channel_type_never_stand(composed: Every, kind: str, key: str, language: str, choices: Choices) -> None:
    text = words(composed[kind, key, language, choices])  # type: ignore[index]
    foreign = {
        "web_push": r"\bapps?\b|messenger|telegram|\bbot\b|sdk",
        "app_push": r"browser|\bwebsite\b|service worker|messenger|telegram|\bbot\b",
        "facebook_messenger": r"\bapps?\b|push|browser|telegram|\bbot\b|/stop",
        "telegram": r"\bapps?\b|push|browser|facebook|\bmeta\b",
    }[key]
    assert not re.search(foreign, text.replace("CleverPush", "").replace("Telegram Messenger Inc.", ""), re.IGNORECASE)


@pytest.mark.parametrize(("key", "language", "choices"), EACH)
def test_known_errors_of_such_passages_do_not_return(composed: Every, key: str, language: str, choices: Choices) -> None:
    passage = composed["passage", key, language, choices]
    text, german = words(passage), language == "de"
    assert not re.search(r"können (wir )?Sie .*nicht identifizieren|cannot identify you", text)
    assert not re.search(r"Artikel \d|Art\. \d+ \(\d|Buchst|Absatz|Article \d|Para\b|Letter", text if german else text.replace("Art. ", ""))
    assert ("widerrufen" in words(passage, "objection")) == german
    assert ("müssen Sie dafür nicht widerrufen" if german else "do not have to withdraw your consent") in words(passage, "objection")
    assert "Widerspruch" not in words(passage, "withdrawal")
    assert "object" not in words(passage, "withdrawal")
    assert [row.key for row in passage.paragraphs].count("objection") == 1
    assert all(row.heading for row in passage.paragraphs)


@pytest.mark.parametrize("key", TYPES)
@pytest.mark.parametrize("choices", CHOICES)
def test_both_languages_say_the_same_in_the_same_places(composed: Every, key: str, choices: Choices) -> None:
    german, english = (composed["passage", key, language, choices] for language in LANGUAGES)
    for one, other in zip(german.paragraphs, english.paragraphs, strict=True):
        assert (one.key, one.facts) == (other.key, other.facts)
        assert [(block.is_list, len(block.lines)) for block in one.blocks] == [(block.is_list, len(block.lines)) for block in other.blocks]
        articles = [sorted(re.findall(r"(?:Art\.|§|section)\s(\d+)", plain(row.text))) for row in (one, other)]
        assert articles[0] == articles[1], one.key


@pytest.mark.parametrize(("key", "language", "choices"), [row for row in EACH if row.values[0] not in PUSH])
def test_what_a_passage_bases_on_consent_stands_in_the_prompt(composed: Every, key: str, language: str, choices: Choices) -> None:
    prompt, passage = words(composed["opt_in", key, language, choices]), words(composed["passage", key, language, choices], "identity")
    names, covers = ("Wir speichern auch", "Ihre Einwilligung gilt auch dafür")
    if language == "en":
        names, covers = ("We also store", "your consent covers this as well")
    assert (names in prompt) == choices.profile
    assert prompt.count(covers) == choices.segments + choices.profile
    assert ("lit. a DSGVO" in passage or "(1)(a) GDPR" in passage) == choices.profile


def test_browser_and_application_have_distinct_words(composed: Every) -> None:
    for language in LANGUAGES:
        web, app = (composed["passage", key, language, Choices()] for key in PUSH)
        for key in ("registration", "data", "topics", "withdrawal", "platform"):
            assert words(web, key) != words(app, key)


def test_no_template_names_a_provider_a_recipient_or_their_addresses() -> None:
    sections = drafting.sample()["sections"]
    templates = " ".join(text for row in sections for field in ("heading", "text", "item") for text in row[field].values())
    for name in ("CleverPush", "Heidenkamps", "Cloudflare", "Meta", "Google", "Apple", "Mozilla", "Microsoft", "https://", "http://"):
        assert name not in templates
    assert not LEGAL_FORM.search(templates)
