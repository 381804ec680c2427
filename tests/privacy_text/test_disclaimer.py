"""“Sample without legal advice”: at every button that hands text out, in every copy and file, and never in a customer's declaration."""

from __future__ import annotations

import html
import json
import re
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from customers.models import Channel
from privacy_text import embedding
from privacy_text.composing import Choices
from tests.factories import channels
from tests.factories import customers as people
from tests.privacy_text.conftest import Every

pytestmark = pytest.mark.django_db
DISCLAIMERS = {
    "de": "Muster ohne Rechtsberatung. Wir übernehmen keine Gewähr für Richtigkeit und Vollständigkeit.",
    "en": "Sample without legal advice. We do not guarantee that it is correct and complete.",
}
LANGUAGES = pytest.mark.parametrize("language", ["de", "en"])
VISITOR = "?customer_name=Muster&content=Neues&privacy_url=https://muster.example/&cancel_url=https://muster.example/"


@pytest.fixture
def channel(client: Client) -> Channel:
    channels.published()
    made = channels.channel()
    people.log_in(client, channels.person_of(made))
    return made


class Readable(HTMLParser):
    """What somebody who looks at a page reads of it: no comment, no attribute."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words = ""
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.words += data


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(page).replace("\u00ad", "").replace("\u00a0", " "))


def page_of(client: Client, view: str, language: str, *arguments: object, query: str = "") -> str:
    with override(language):
        address = reverse(view, args=arguments)
    return client.get(address + query).content.decode()


def at_the_button(page: str, button: str) -> str:
    """Return what stands between the text and the button that copies it."""
    at = page.index(button)
    return plain(page[max(page.rfind(end, 0, at) for end in ("</div>", "</pre>")) : at])


def forms_to(page: str, address: str) -> list[str]:
    return [plain(form) for form in re.findall(r"<form.*?</form>", page, re.DOTALL) if f'action="{address}' in form]


@LANGUAGES
@pytest.mark.parametrize("kind", ["opt_in", "passage"])
def test_it_stands_at_the_buttons_that_insert_and_at_those_that_copy(client: Client, channel: Channel, kind: str, language: str) -> None:
    with override(language):
        inserts = reverse(f"channel_{kind}_template", args=[channel.pk])
    pages = [page_of(client, f"channel_{kind}", language, channel.pk)]
    channels.complete(channels.key_of(channel, kind, language))
    pages.append(page_of(client, f"channel_{kind}", language, channel.pk))
    for page in pages:
        (form,) = forms_to(page, inserts)
        assert DISCLAIMERS[language] in form
    assert DISCLAIMERS[language] in at_the_button(pages[1], 'data-copy="#handed-out"')
    assert DISCLAIMERS[language] in plain(page_of(client, "channel_new", language)), "beside the box that inserts it into a new channel"


@LANGUAGES
def test_it_stands_before_own_words_are_replaced(client: Client, channel: Channel, language: str) -> None:
    key = channels.key_of(channel, "passage", language)
    channels.complete(key)
    channels.saved(key, words={"storage": "Eigene Worte."})
    page = page_of(client, "channel_passage_template", language, channel.pk)
    with override(language):
        (form,) = forms_to(page, reverse("channel_passage_template", args=[channel.pk]))
    assert DISCLAIMERS[language] in form


@LANGUAGES
def test_it_stands_at_both_buttons_of_the_public_pages(client: Client, channel: Channel, language: str) -> None:
    page = page_of(Client(), "texts_channel_type", language, "telegram", query=VISITOR)
    for button in ('data-copy="#text-opt-in"', 'data-copy="#text-passage"'):
        at = page.index(button)
        assert DISCLAIMERS[language] in plain(page[page.rfind('<div class="note warn">', 0, at) : at])


@LANGUAGES
def test_the_embed_code_has_it_beside_the_button_and_in_what_is_copied(client: Client, channel: Channel, language: str) -> None:
    channels.complete(channels.key_of(channel, "passage", language))
    page = page_of(client, "channel_passage", language, channel.pk)
    assert DISCLAIMERS[language] in at_the_button(page, 'data-copy="#embed-code"')
    found = re.search(r'<pre id="embed-code"[^>]*>(.*?)</pre>', page, re.DOTALL)
    assert found is not None
    comment, line = html.unescape(found[1]).split("\n")
    assert comment == f"<!-- {DISCLAIMERS[language]} -->"
    assert line.startswith('<script src="')
    assert Readable(html.unescape(found[1])).words.strip() == ""


@LANGUAGES
def test_whoever_maintains_a_page_finds_it_in_what_is_embedded_and_its_visitors_read_it_nowhere(channel: Channel, language: str) -> None:
    channels.complete(channels.key_of(channel, "passage", language))
    answers = {
        form: Client().get(f"/embed/{channel.public_id}.{form}?language={language}").content.decode() for form in ("html", "js", "json")
    }
    document = json.loads(answers["json"])
    assert document["disclaimer"] == DISCLAIMERS[language]
    for fragment in (answers["html"], document["html"]):
        assert fragment.startswith(f"<!-- {DISCLAIMERS[language]} -->\n<section")
        words = Readable(fragment).words
        assert "Rechtsberatung" not in words
        assert "legal advice" not in words
        assert ("Stand: " if language == "de" else "As of: ") in words
    assert answers["js"].startswith(f"/* {DISCLAIMERS[language]} */\n(function")


@LANGUAGES
def test_a_copy_tells_to_take_it_out_before_publishing_and_to_leave_the_mark(client: Client, channel: Channel, language: str) -> None:
    channels.complete(channels.key_of(channel, "passage", language))
    said = at_the_button(page_of(client, "channel_passage", language, channel.pk), 'data-copy="#handed-out"')
    assert ("vor der Veröffentlichung heraus" if language == "de" else "before you publish") in said
    assert ("lassen Sie das Kennzeichen stehen" if language == "de" else "leave the mark") in said


def test_no_words_of_it_can_end_the_comment(composed: Every, monkeypatch: pytest.MonkeyPatch) -> None:
    text = composed["passage", "web_push", "de", Choices()]
    monkeypatch.setattr(type(text), "disclaimer", property(lambda _text: "--> */ <b>"))
    assert embedding.for_maintainers(text) == "–> * / <b>"
