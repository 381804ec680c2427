"""Sample channels, one of each type, with texts in every state that the list of channels knows."""

from __future__ import annotations

import datetime
from typing import NamedTuple

import customers.services
from compliance_portal.sample_people import PUBLISHER, STUDIO
from customers.models import Channel, Customer, User
from customers.services import ChannelDetails
from privacy_text import services
from privacy_text.merging import Wording
from privacy_text.models import TextKind
from privacy_text.reading import TextKey, choices_of, latest, stored

CONTENT = {
    "de": "Nachrichten aus Politik, Wirtschaft und Sport, etwa dreimal täglich",
    "en": "news on politics, business and sport, about three times a day",
}
OWN = "Wir schreiben Ihnen, wenn eine neue Ausgabe erscheint. Sie melden sich ab, indem Sie den Bot anhalten."


class Sample(NamedTuple):
    """One channel of a company; ``state`` says how far its texts are: complete, begun or own."""

    company: str
    channel_type: str
    name: str
    address: str
    state: str


CHANNELS = (
    Sample(PUBLISHER, "web_push", "Nachrichten im Browser", "https://www.muster-verlag.example/", "complete"),
    Sample(PUBLISHER, "app_push", "Muster-App", "https://apps.muster-verlag.example/", "begun"),
    Sample(PUBLISHER, "telegram", "Telegram-Ausgabe", "https://t.me/musterverlag", "own"),
    Sample(STUDIO, "web_push", "Studio-Neuigkeiten", "https://www.beispiel-studio.example/", "begun"),
    Sample(STUDIO, "facebook_messenger", "Messenger-Service", "https://www.beispiel-studio.example/messenger/", "complete"),
)


def load(at: datetime.datetime) -> None:
    """Make the channels that are not there yet; needs published sample texts. A company that renamed or deleted itself gets none."""
    for sample in CHANNELS:
        customer = Customer.objects.open().filter(legal_name=sample.company).first()
        if customer is None or customer.channels.filter(name=sample.name).exists():
            continue
        person = customer.people_with("channel_owner").first() or customer.people_with("owner").first()
        if person is None:
            continue
        privacy_url = f"https://www.{'muster-verlag' if sample.company == PUBLISHER else 'beispiel-studio'}.example/datenschutz"
        details = ChannelDetails(sample.name, sample.address, privacy_url)
        channel = customers.services.create_channel(customer=customer, channel_type=sample.channel_type, details=details, by=person, at=at)
        write_texts(channel, sample.state, person, at)


def write_texts(channel: Channel, state: str, by: User, at: datetime.datetime) -> None:
    for kind in TextKind.values:
        for language in CONTENT if state == "complete" else ("de",):
            key = TextKey(channel, kind, language)
            if state == "own":
                edited = services.Edited([Wording("message" if kind == TextKind.OPT_IN else "own-1", "", OWN)])
                services.save_text(key=key, edited=edited, based_on=0, by=by, at=at)
                continue
            services.use_template(key=key, based_on=0, by=by, at=at)
            if state == "complete":
                answer(key, by, at)


def answer(key: TextKey, by: User, at: datetime.datetime) -> None:
    """Answer the one question that the portal cannot know."""
    text = latest(key)
    assert text is not None
    edited = services.Edited(stored(text.wordings), choices_of(key.channel), {"content": CONTENT[key.language]})
    services.save_text(key=key, edited=edited, based_on=text.number, by=by, at=at)
