"""A fifth channel type is data: entered in the admin and at the desks, it is walked from the register to drift without a line of code."""

from __future__ import annotations

import datetime
import html
import io
import json
import re
from functools import reduce
from operator import or_
from typing import Any

import pytest
from django.db.models import Q
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from docx import Document

from customers.models import Channel, ChannelType, Customer
from customers.services import issue_token
from privacy_text import drifting, linting, reading, services, tasks
from privacy_text.models import Operator, PassageSection, SampleText, TextUpdate
from privacy_text.reading import TextKey, latest
from subprocessors.models import SubprocessorList
from subscriptions.models import Subscription
from tests.factories import channels, registers
from tests.factories import customers as people
from tests.pdf.reading import lines_of

pytestmark = pytest.mark.django_db
KEY, LABEL = "kurier", "Kurier-Messenger"
HOST, NETWORK, OPERATOR = "Nordwolke GmbH", "Schnellnetz Inc.", "Kurier Betriebs GmbH"
CONTENT = "Neues aus dem Norden, etwa dreimal täglich"
FORMS = ("txt", "html", "md", "docx", "pdf", "json")


def client_of(group: str) -> Client:
    client = Client()
    people.log_in(client, people.staff(group), mfa=True)
    return client


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return html.unescape(answer.content.decode()).replace("\xa0", " ").replace("\xad", "")


def sent(client: Client, address: str, fields: dict[str, Any]) -> None:
    answer = client.post(address, fields)
    assert answer.status_code == 302, re.findall(r'class="error[^>]*>([^<]*)', answer.content.decode())


@pytest.fixture
def desk() -> Client:
    """Somebody who writes registers and texts, at a portal with the sample's four types."""
    channels.published()
    return client_of("editor")


def enter_type(desk: Client) -> ChannelType:
    """Enter the type, a limit of its platform and who operates it, as the admin's forms ask for them."""
    type_fields = {"key": KEY, "label_de": LABEL, "label_en": LABEL, "kind": "messenger", "sort": "9"}
    sent(desk, reverse("admin:customers_channeltype_add"), type_fields)
    row = ChannelType.objects.get(key=KEY)
    limit = {"channel_type": row.pk, "part": "opt_in_message", "platform": "Kurier Karte", "characters": "120"}
    sent(desk, reverse("admin:privacy_text_lengthlimit_add"), limit)
    company = {"key": KEY, "role": "operator", "channel_types": [row.pk], "legal_name": OPERATOR, "service_name": "", "sort": "9"}
    company |= {
        "address": "Botenweg 1, 20457 Hamburg",
        "seat_country": "DE",
        "valid_from": "2026-01-01",
        "policy_url": "https://kurier.example/",
    }
    sent(desk, reverse("admin:privacy_text_operator_add"), company)
    return row


def enter_companies(desk: Client) -> SubprocessorList:
    """Enter a host and a content delivery network for the type, and publish the register."""
    common = {"kind": "subprocessor", "contact": "datenschutz@example.com", "channel_types": [KEY], "is_verified": "on"}
    common |= {"data_categories_de": "Kennungen", "data_categories_en": "Identifiers"}
    host = {"legal_name": HOST, "service_kind": "other", "address": "Kaistraße 5, 20457 Hamburg", "seat_country": "DE"}
    host |= {"purpose_de": "Betrieb der Server", "purpose_en": "Servers", "processing_locations": "DE", "transfer_basis": "none_eea"}
    network = {"legal_name": NETWORK, "service_kind": "content_delivery", "address": "1 Example St, Boston, USA", "seat_country": "US"}
    network |= {"purpose_de": "Auslieferung", "purpose_en": "Delivery", "processing_locations": "US", "transfer_basis": "scc"}
    for entry in (host, network):
        sent(desk, reverse("manage_subprocessors_new"), {**common, **entry})
    draft = SubprocessorList.objects.drafts().first()
    assert draft is not None
    draft.change_kind, draft.change_note_de, draft.change_note_en = "editorial", "Neu", "New"
    draft.save()
    return registers.publish_subprocessors(draft, channels.AT)


def enter_texts(desk: Client, row: ChannelType) -> SampleText:
    """Begin with the texts of Telegram, reword them, and have a second person approve and publish."""
    sent(desk, reverse("manage_templates_draft"), {})
    draft = SampleText.objects.get(state="draft")
    begin = {"channel_type": KEY, "source": "telegram"}
    assert LABEL in page(desk, reverse("manage_templates_version", args=[draft.pk]) + f"?channel_type={KEY}")
    sent(desk, reverse("manage_templates_begin_type", args=[draft.pk]), begin)
    for part in draft.parts.filter(channel_type=row, text__contains="Telegram"):
        sent(desk, reverse("manage_templates_row", args=["part", part.pk]), {"text": reworded(part.text)})
    names = [f"{field}_{language}__contains" for field in ("heading", "text") for language in ("de", "en")]
    for section in draft.sections.filter(reduce(or_, (Q(**{name: "Telegram"}) for name in names)), channel_type=row):
        sent(desk, reverse("manage_templates_row", args=["section", section.pk]), words_of(section))
    assert {finding.rule for finding in linting.lint(draft, timezone.localdate())} == {"unverified"}
    day = timezone.localdate().isoformat()
    plan = {"change_kind": "material", "effective_date": day, "change_note_de": "Neue Kanalart", "change_note_en": "New type"}
    sent(desk, reverse("manage_templates_plan", args=[draft.pk]), plan)
    client_of("approver").post(reverse("manage_templates_approve", args=[draft.pk]))
    tasks.publish(str(draft.pk))
    return SampleText.objects.get(pk=draft.pk)


def reworded(text: str) -> str:
    return text.replace("Telegram", LABEL)


def words_of(section: PassageSection) -> dict[str, str]:
    names = ["heading_de", "text_de", "heading_en", "text_en", *(["item_de", "item_en"] if section.recipients else [])]
    return {name: reworded(getattr(section, name)) for name in names}


def make_channel(client: Client) -> Channel:
    """Make a channel of the type by the page for new channels, with the sample text inserted."""
    people.log_in(client, people.person(people.customer(), "channel_owner"))
    fields = {"channel_type": KEY, "name": "Der Kurier", "privacy_url": "https://muster.example/datenschutz", "with_template": "on"}
    assert LABEL in page(client, "/de/channels/new/")
    sent(client, "/de/channels/new/", fields)
    return Channel.objects.get(channel_type=KEY)


def filled_form(key: TextKey, **entered: str) -> dict[str, Any]:
    """Return what the page's form holds for the text as it is saved, with what somebody enters."""
    text = latest(key)
    assert text is not None
    fields = {"based_on": text.number, "statistics": "consent", "segments": "on", "recipients": "named", "proof_years": "3"}
    fields |= {f"text_{row['key']}": row["text"] for row in text.wordings} | {
        f"heading_{row['key']}": row["heading"] for row in text.wordings
    }
    return {**fields, "answer_content": CONTENT, **entered}


def completed(client: Client, channel: Channel, kind: str) -> TextKey:
    """Answer the question that is open, as the form of the page is filled."""
    key = channels.key_of(channel, kind)
    sent(client, reverse(f"channel_{kind}", args=[channel.pk]) + "?language=de", filled_form(key))
    return key


def test_a_fifth_type_goes_the_whole_way_as_data(desk: Client, client: Client) -> None:
    row = enter_type(desk)
    assert enter_companies(desk).number == "2"
    assert enter_texts(desk, row).number == "2"
    the_register_names_it_on_pages_and_in_files()
    for language in ("de", "en"):
        visitors_read_its_texts_with_companies_from_register_and_table(language)
    channel = make_channel(client)
    a_channel_of_it_has_a_prompt_with_counters_and_a_preview(client, channel)
    all_six_outputs_and_the_embedded_one_carry_its_facts(client, channel)
    a_subscription_of_it_is_recorded_by_the_api(client, channel)
    a_new_company_for_it_opens_an_update_of_its_channels_alone(client, channel)
    texts_of_another_type_are_copied_once(desk)


def test_before_it_has_texts_a_type_is_offered_nowhere_and_blocks_nothing(desk: Client) -> None:
    enter_type(desk)
    assert LABEL not in page(Client(), "/de/texts/")
    assert KEY not in {row["key"] for row in Client().get("/api/v1/texts/").json()}
    assert Client().get(f"/de/texts/{KEY}/passage.txt").status_code == 404
    key = channels.key_of(channels.channel(channel_type=KEY))
    with pytest.raises(services.NoTemplate):
        channels.templated(key)
    assert "Telegram" in page(Client(), "/de/texts/")


def texts_of_another_type_are_copied_once(desk: Client) -> None:
    sent(desk, reverse("manage_templates_draft"), {})
    draft = SampleText.objects.get(state="draft")
    before = draft.sections.count()
    sent(desk, reverse("manage_templates_begin_type", args=[draft.pk]), {"channel_type": KEY, "source": "web_push"})
    assert draft.sections.count() == before
    draft.delete()


def the_register_names_it_on_pages_and_in_files() -> None:
    assert LABEL in page(Client(), "/de/subprocessors/nordwolke-gmbh/")
    entries = {row["slug"]: row for row in Client().get("/de/subprocessors/subprocessors.json").json()["entries"]}
    assert entries["nordwolke-gmbh"]["channel_types"] == [KEY]
    assert entries["schnellnetz-inc"]["service_kind"] == "content_delivery"


def visitors_read_its_texts_with_companies_from_register_and_table(language: str) -> None:
    query = "?customer_name=Muster&content=Neues&privacy_url=https://muster.example/&cancel_url=https://muster.example/ab"
    shown = page(Client(), f"/{language}/texts/{KEY}/{query}")
    for name in (LABEL, HOST, NETWORK, OPERATOR, "Botenweg 1"):
        assert name in shown
    for name in ("Telegram", "Hetzner", "Cloudflare", "Meta Platforms"):
        assert name not in shown, "nobody works for this type who is not entered for it"
    sections = {
        row["key"]: row["text"] for row in json.loads(Client().get(f"/{language}/texts/{KEY}/passage.json{query}").content)["paragraphs"]
    }
    assert NETWORK in sections["delivery"]
    assert HOST not in sections["delivery"]
    assert HOST in sections["recipients"]
    assert NETWORK not in sections["recipients"]


def a_channel_of_it_has_a_prompt_with_counters_and_a_preview(client: Client, channel: Channel) -> None:
    shown = page(client, reverse("channel_opt_in", args=[channel.pk]) + "?language=de")
    assert f"Karte im Kanal {LABEL}" in shown
    assert "von 120 Zeichen" in shown
    assert "Kurier Karte" in shown
    key = completed(client, channel, "opt_in")
    preview = client.post(reverse("channel_opt_in_preview", args=[channel.pk]) + "?language=de", filled_form(key, text_title="Getippt"))
    assert "Getippt" in preview.content.decode()
    text = latest(key)
    assert text is not None
    assert text.is_complete
    assert OPERATOR in json.dumps(text.wordings, ensure_ascii=False)


def read_form(content: bytes, form: str) -> str:
    if form == "docx":
        return "\n".join(row.text for row in Document(io.BytesIO(content)).paragraphs)
    if form == "pdf":
        return " ".join(line for sheet in lines_of(content) for line in sheet)
    return html.unescape(content.decode())


def all_six_outputs_and_the_embedded_one_carry_its_facts(client: Client, channel: Channel) -> None:
    key = completed(client, channel, "passage")
    outputs = {form: client.get(reverse("channel_passage_file", args=[channel.pk, form]) + "?language=de") for form in FORMS}
    read = {form: read_form(answer.content, form) for form, answer in outputs.items()}
    read["embed"] = Client().get(f"/embed/{channel.public_id}.html").content.decode()
    for form, words in read.items():
        squeezed = re.sub(r"[\s\xad\\]|-\s", "", words)
        for fact in (LABEL, HOST, NETWORK, OPERATOR, CONTENT, f"{KEY}/passage/"):
            assert re.sub(r"\s", "", fact) in squeezed, (form, fact)
        assert "Telegram" not in words
    text = latest(key)
    assert text is not None
    assert text.is_complete


def a_subscription_of_it_is_recorded_by_the_api(client: Client, channel: Channel) -> None:
    company: Customer = channel.customer
    now = timezone.now()
    _token, secret = issue_token(
        customer=company,
        name="push",
        scopes=["subscriptions:write", "channels:read"],
        expires_at=now + datetime.timedelta(days=1),
        by=people.owner(company),
        at=now,
    )
    bearer = {"authorization": f"Bearer {secret}"}
    (listed,) = Client().get("/api/v1/channels/", headers=bearer).json()
    assert (listed["channel_type"], listed["public_id"]) == (KEY, str(channel.public_id))
    opt_in = {"identifier": "chat-1", "registered_at": "2026-11-01T10:00:00Z", "opt_in_version": SampleText.objects.current().number}  # type: ignore[union-attr]
    items = [{**opt_in, "channel": str(channel.public_id)}, {**opt_in, "identifier": "chat-2", "channel_type": KEY}]
    answer = Client().post("/api/v1/subscriptions/", {"items": items}, "application/json", headers=bearer)
    assert [row["status"] for row in answer.json()["results"]] == ["recorded", "recorded"]
    assert {row.channel_type.key for row in Subscription.objects.select_related("channel_type")} == {KEY}


def a_new_company_for_it_opens_an_update_of_its_channels_alone(client: Client, channel: Channel) -> None:
    key = channels.key_of(channel)
    other = channels.key_of(channels.channel(channel.customer, channel_type="telegram"))
    channels.complete(other, timezone.now())
    later = timezone.now() + datetime.timedelta(minutes=1)
    draft = SubprocessorList.objects.create(created_by=registers.editor(), created_at=later, change_kind="editorial")
    current = SubprocessorList.objects.current()
    assert current is not None
    registers.subprocessor_drafting.copy_rows(current, draft)
    registers.new_entry(draft, slug="neu", legal_name="Neuland GmbH", channel_types=[KEY], sort=99).save()
    registers.publish_subprocessors(draft, later)
    drifting.look_at_company(channel.customer_id, later)
    update = TextUpdate.objects.open().get(kind="passage")
    assert (update.channel, update.kind) == (channel, "passage")
    shown = page(client, reverse("channel_passage_update", args=[channel.pk]) + "?language=de")
    assert "Neuland GmbH" in shown
    now = reading.composed(key, reading.current_sources(timezone.localdate(later)))
    assert now is not None
    assert "Neuland GmbH" in " ".join(row.text for row in now.paragraphs)


def test_the_type_keeps_its_key_in_the_admin(desk: Client) -> None:
    row = enter_type(desk)
    change = reverse("admin:customers_channeltype_change", args=[row.pk])
    sent(desk, change, {"key": "anders", "label_de": "Bote", "label_en": "Courier", "kind": "messenger", "sort": "9"})
    row.refresh_from_db()
    assert (row.key, row.label_de) == (KEY, "Bote")
    assert desk.post(reverse("admin:customers_channeltype_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    assert Operator.objects.filter(channel_types=row).exists()
