"""A composed text: the sections that the choices ask for, filled once, from the registers alone."""

from __future__ import annotations

import datetime

import pytest

from customers.models import ChannelType, Provider
from privacy_text import handing_out, services
from privacy_text.composing import Choices, Composed, UnknownChoice, compose
from tests.factories import customers as people
from tests.factories import registers

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 11, 24, 10, tzinfo=datetime.UTC)
ANSWERS = {
    "customer_name": "Muster Verlag GmbH",
    "content": "Nachrichten aus Lokalpolitik und Sport, etwa dreimal täglich",
    "privacy_url": "https://example.com/datenschutz",
    "cancel_url": "https://example.com/abmelden",
}


def passage(key: str = "web_push", answers: dict[str, str] = ANSWERS, **fields: object) -> Composed:
    people.provider()
    register = registers.sample_subprocessors()
    version = services.load_sample(by=registers.editor(), approved_by=registers.editor(), at=NOW)
    defaults = {"language": "de", "kind": "passage", "choices": Choices(), "register": register, "provider": Provider.current()}
    channel_type = ChannelType.objects.get(key=key)
    return compose(version=version, channel_type=channel_type, values=answers, on=NOW.date(), **{**defaults, **fields})  # type: ignore[arg-type]


def test_open_places_are_listed_and_nothing_is_handed_out() -> None:
    composed = passage(answers={"customer_name": "Muster Verlag GmbH"})
    assert [question.name for question in composed.missing] == ["content", "privacy_url", "cancel_url"]
    with pytest.raises(handing_out.OpenPlaces) as refusal:
        handing_out.as_plain_text(composed)
    assert refusal.value.missing == composed.missing


def test_an_answer_cannot_replace_what_the_portal_knows() -> None:
    composed = passage(answers={**ANSWERS, "provider_name": "Somebody Else Ltd", "recipient_name": "Somebody Else Ltd"})
    assert "Somebody Else" not in handing_out.as_plain_text(composed)
    assert "CleverPush GmbH, Heidenkampsweg 100" in handing_out.as_plain_text(composed)


@pytest.mark.parametrize("choice", [{"statistics": "perhaps"}, {"recipients": "nobody"}, {"proof_years": 0}, {"proof_years": 30}])
def test_a_choice_that_no_template_knows_is_refused(choice: dict[str, object]) -> None:
    with pytest.raises(UnknownChoice):
        Choices(**choice)  # type: ignore[arg-type]
