"""Values and templates that try to be more than words: 120 payloads in every place, nothing interpreted, nothing leaked."""

from __future__ import annotations

import html
import json
import os
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings
from markdown_it import MarkdownIt

from customers.models import ChannelType, Customer, Provider
from privacy_text import drafting, handing_out
from privacy_text.composing import Choices, Composed, Kind, compose, one_line
from privacy_text.models import Operator, PassageSection, SampleText, SampleTextPart
from privacy_text.questions import LONGEST_ANSWER, QUESTIONS
from publishing.placeholders import UnknownPlaceholder, names
from subprocessors.models import SubprocessorList
from tests.factories import customers as people
from tests.factories import registers
from tests.privacy_text.conftest import ANSWERS, KINDS, NOW, TYPES
from tests.privacy_text.payloads import PAYLOADS

pytestmark = pytest.mark.django_db
TAGS = {"section", "h2", "h3", "p", "ul", "li", "small", "br"}
OF_REGISTER = ("legal_name", "service_name", "address", "purpose_de", "transfer_detail_de")
OF_TABLE = ("legal_name", "service_name", "address", "representative_de", "transfer_de")
OF_PROVIDER = ("service_name", "legal_name", "street", "city")
FIELDS = len(QUESTIONS) + 2 * len(OF_REGISTER) + len(OF_TABLE) + len(OF_PROVIDER)


def tagged(payload: str, field: str) -> str:
    return f"{field}{payload}{field}"


def stored(payload: str, field: str) -> str:
    """Return what PostgreSQL stores: it takes no NUL."""
    return tagged(payload.replace("\x00", ""), field)


class Ground:
    """A draft of texts, a register with one host and one content delivery network, a table of one operator per type, a provider."""

    def __init__(self) -> None:
        self.provider: Provider = people.provider()
        self.register: SubprocessorList = registers.draft_subprocessors(
            *(
                registers.entry(slug, channel_types=list(TYPES), service_kind=kind)
                for slug, kind in (("host", "other"), ("cdn", "content_delivery"))
            )
        )
        self.version = SampleText.objects.create(created_by=registers.editor(), created_at=NOW)
        drafting.fill_from(self.version, drafting.sample())
        self.types = list(ChannelType.objects.all())

    def poison(self, payload: str) -> dict[str, str]:
        """Put the payload into every place that a person can write; returns what is expected to be read, by its tag."""
        written: dict[str, str] = {}
        for entry in self.register.entries.all():
            for field in OF_REGISTER:
                written[f"{entry.slug}{field}"] = stored(payload, f"{entry.slug}{field}")
                setattr(entry, field, written[f"{entry.slug}{field}"])
            entry.save()
        for operator in Operator.objects.in_force(NOW.date()):
            values = {field: stored(payload, f"table{field}") for field in OF_TABLE}
            Operator.objects.filter(pk=operator.pk).update(**values)
            written |= {f"table{field}": value for field, value in values.items()}
        for field in OF_PROVIDER:
            written[f"provider{field}"] = tagged(payload, f"provider{field}")
            setattr(self.provider, field, written[f"provider{field}"])
        return written

    def composed(self, channel_type: ChannelType, kind: Kind, answers: dict[str, str]) -> Composed:
        return compose(
            version=self.version,
            channel_type=channel_type,
            language="de",
            kind=kind,
            choices=Choices(profile=True),
            values=answers,
            register=self.register,
            provider=self.provider,
            on=NOW.date(),
        )


def secrets() -> list[str]:
    environment = [value for name, value in os.environ.items() if re.search("SECRET|PASSWORD|KEY|TOKEN", name) and len(value) > 7]
    return [settings.SECRET_KEY, str(settings.DATABASES["default"].get("PASSWORD") or settings.SECRET_KEY), *environment]


class Elements(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.words += data


def test_ten_thousand_payloads_in_values_are_printed_and_never_read() -> None:
    ground, placed = Ground(), 0
    people.customer(legal_name="CANARY-OF-ANOTHER-CUSTOMER")
    forbidden = [*secrets(), "CANARY-OF-ANOTHER-CUSTOMER"]
    for payload in PAYLOADS:
        written = ground.poison(payload)
        answers = {name: tagged(payload, f"answer{name}") for name in QUESTIONS}
        written |= {f"answer{name}": value for name, value in answers.items()}
        assert len(written) == FIELDS
        for channel_type in ground.types:
            texts = [ground.composed(channel_type, kind, answers) for kind in KINDS]
            printed = " ".join(f"{row.heading} {row.text}" for text in texts for row in text.paragraphs)
            for tag, value in written.items():
                expected = value.replace(",", "").replace("\n", "") if "address" in tag else value  # lines of an address are joined anew
                within = printed.replace(",", "") if "address" in tag else printed
                assert squeezed(one_line(expected))[:LONGEST_ANSWER] in squeezed(within), (tag, payload)
                placed += 1
            for text in texts:
                look_harmless(text, forbidden)
    assert Customer.objects.count() == 1
    assert len(PAYLOADS) == 120
    assert placed == 120 * FIELDS * len(TYPES) >= 10_000


def look_harmless(composed: Composed, forbidden: list[str]) -> None:
    assert not composed.missing
    fragment = Elements(handing_out.as_html(composed))
    assert fragment.tags <= TAGS
    plain, mark = handing_out.as_plain_text(composed), handing_out.as_markdown(composed)
    document = json.loads(handing_out.as_json(composed))
    assert [row["text"] for row in document["paragraphs"]] == [row.text for row in handing_out.body(composed)[1]]
    rendered = Elements(MarkdownIt("commonmark", {"html": True}).render(mark))
    assert rendered.tags <= {"h2", "h3", "p", "ul", "li", "em"}
    assert squeezed(rendered.words) == squeezed(plain) == squeezed(fragment.words)
    for secret in forbidden:
        assert secret not in plain


def squeezed(text: str) -> str:
    return re.sub(r"[\s•]", "", text)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_in_a_template_is_words_or_refused(payload: str) -> None:
    ground = Ground()
    text = stored(payload, "template")
    channel_type = ChannelType.objects.get(key="telegram")
    SampleTextPart.objects.filter(version=ground.version, kind="opt_in_message").update(text=text)
    PassageSection.objects.filter(version=ground.version, key="rights").update(heading_de=text, text_de=text)
    known = names(text) <= {*QUESTIONS, "provider_name"}
    for kind in KINDS:
        if not known:
            with pytest.raises(UnknownPlaceholder):
                ground.composed(channel_type, kind, ANSWERS)
            continue
        composed = ground.composed(channel_type, kind, ANSWERS)
        look_harmless(composed, secrets())
        if not names(text):
            assert squeezed(one_line(text)) in squeezed(" ".join(row.text for row in composed.paragraphs))
        assert "49" not in " ".join(row.text for row in composed.paragraphs if row.key == "message") or "49" in payload


def test_an_answer_with_the_grammar_of_placeholders_stays_as_it_is() -> None:
    ground = Ground()
    composed = ground.composed(ground.types[0], "passage", {**ANSWERS, "customer_name": "{{ provider_name }} {{ content }}"})
    assert "{{ provider_name }} {{ content }}" in html.unescape(handing_out.as_html(composed))
