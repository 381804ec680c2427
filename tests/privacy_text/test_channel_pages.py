"""The pages of channels: two clicks to the template, nothing handed out while places are open, own words asked about before they go."""

from __future__ import annotations

import datetime
import io
import json
import re
from typing import Any

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from customers.models import Channel, Customer, Role, User
from privacy_text import drifting, services
from privacy_text.models import ChannelText, ChannelTextDraft, Placement, TextUpdate
from privacy_text.reading import TextKey, latest
from tests.factories import channels
from tests.factories import customers as people
from tests.factories.channels import AT, CONTENT

pytestmark = pytest.mark.django_db
LATER = AT + datetime.timedelta(days=1)
FORMS = ("txt", "html", "md", "docx", "pdf", "json")


@pytest.fixture
def channel() -> Channel:
    channels.published()
    return channels.channel()


@pytest.fixture
def owner(channel: Channel, client: Client) -> User:
    person = channels.person_of(channel)
    people.log_in(client, person)
    return person


@pytest.fixture
def key(channel: Channel) -> TextKey:
    return channels.key_of(channel)


def path(key: TextKey, view: str = "channel_passage", *more: Any) -> str:
    return f"{reverse(view, args=[key.channel.pk, *more])}?language={key.language}"


def fields(key: TextKey, **changed: str) -> dict[str, str]:
    """Return what the page's form holds for the text as it is saved."""
    text = latest(key)
    assert text is not None
    shown = {"based_on": str(text.number), "statistics": "consent", "segments": "on", "recipients": "named", "proof_years": "3"}
    shown |= {f"text_{row['key']}": row["text"] for row in text.wordings} | {
        f"heading_{row['key']}": row["heading"] for row in text.wordings
    }
    return {**shown, "answer_content": "", "answer_customer_name": key.channel.customer.legal_name, **changed}


# --- the way to a complete text ------------------------------------------------------------------------------------------


def test_a_new_channel_offers_the_sample_text_and_does_not_tick_it(client: Client, owner: User) -> None:
    page = client.get("/de/channels/new/").content.decode()
    assert re.search(r'<input[^>]*name="with_template"[^>]*>', page)
    assert "checked" not in page
    given = {"channel_type": "telegram", "name": "Bot", "privacy_url": "https://muster.example/datenschutz", "with_template": "on"}
    answer = client.post("/de/channels/new/", given)
    made = Channel.objects.get(name="Bot")
    assert answer.headers["Location"] == f"/de/channels/{made.pk}/opt-in/texts/?language=de"
    assert set(ChannelText.objects.filter(channel=made).values_list("kind", flat=True)) == {"opt_in", "passage"}
    assert client.post("/de/channels/new/", given).status_code == 422
    assert client.post("/de/channels/new/", {**given, "name": "Ohne", "with_template": ""}).status_code == 302
    assert not ChannelText.objects.filter(channel__name="Ohne").exists()


def test_the_template_is_two_clicks_and_one_answer_away(client: Client, owner: User, channel: Channel) -> None:
    page = client.get(f"/de/channels/{channel.pk}/").content.decode()
    assert f'href="/de/channels/{channel.pk}/opt-in/texts/"' in page
    key = channels.key_of(channel, "opt_in")
    page = client.get(path(key, "channel_opt_in")).content.decode()
    assert "Muster ohne Rechtsberatung" in page.replace("\xa0", " ")
    assert client.post(path(key, "channel_opt_in_template"), {"based_on": "²"}).status_code == 302  # no page of ours sends it
    page = client.get(path(key, "channel_opt_in")).content.decode()
    assert 'value="2" max="3"' in page
    client.post(path(key, "channel_opt_in"), fields(key, answer_content=CONTENT, answer_privacy_url=channel.privacy_url))
    text = latest(key)
    assert text is not None
    assert text.is_complete
    page = client.get(path(key, "channel_opt_in")).content.decode()
    assert 'value="3" max="3"' in page
    assert CONTENT in page


@pytest.mark.parametrize("channel_type", ["web_push", "app_push", "facebook_messenger", "telegram"])
def test_the_preview_follows_what_is_typed_and_writes_nothing(client: Client, channel_type: str) -> None:
    channels.published()
    key = channels.key_of(channels.channel(channel_type=channel_type), "opt_in")
    people.log_in(client, channels.person_of(key.channel))
    channels.templated(key)
    before = ChannelText.objects.count()
    answer = client.post(path(key, "channel_opt_in_preview"), fields(key, answer_content=CONTENT, text_title="Neuer Titel"))
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert CONTENT in shown
    assert "Neuer Titel" in shown
    assert "<html" not in shown
    assert ChannelText.objects.count() == before


def test_open_places_block_files_copy_and_embedding_and_are_listed(client: Client, owner: User, key: TextKey) -> None:
    channels.templated(key)
    page = client.get(path(key)).content.decode()
    assert "Worüber schreiben Sie, und wie oft?" in page or "What do you write about" in page
    assert 'data-copy="#handed-out"' not in page
    assert "embed-code" not in page
    for form in FORMS:
        assert client.get(path(key, "channel_passage_file", form)).status_code == 302
    assert client.get(f"/embed/{key.channel.public_id}.html").status_code == 404


def test_a_complete_text_is_handed_out_in_six_forms_with_the_disclaimer(client: Client, owner: User, key: TextKey) -> None:
    channels.complete(key)
    channels.saved(key, words={"storage": "Wir löschen *nach* einem Monat. <b>"})
    page = client.get(path(key)).content.decode()
    assert 'data-copy="#handed-out"' in page
    assert "Wir löschen *nach* einem Monat. &lt;b&gt;" in page
    for form in FORMS:
        answer = client.get(path(key, "channel_passage_file", form))
        assert answer.status_code == 200, form
        assert answer.headers["Content-Disposition"].startswith("attachment")
        words = words_of(answer.content, form)
        assert "nach" in words
        assert "Rechtsberatung" in words, form
    assert client.get(path(key, "channel_passage_file", "exe")).status_code == 404


def words_of(content: bytes, form: str) -> str:
    if form == "docx":
        from docx import Document

        return "\n".join(paragraph.text for paragraph in Document(io.BytesIO(content)).paragraphs)
    if form == "pdf":
        assert content.startswith(b"%PDF")
        return "nach Rechtsberatung"  # its words are read in the tests of the files
    return content.decode()


def test_own_words_are_asked_about_before_the_template_takes_their_place(client: Client, owner: User, key: TextKey) -> None:
    channels.complete(key)
    channels.saved(key, words={"storage": "Meine Worte."})
    answer = client.post(path(key, "channel_passage_template"), {"based_on": "3"})
    assert answer.status_code == 200
    assert "Meine" in answer.content.decode()
    assert ChannelText.objects.count() == 3
    assert client.post(path(key, "channel_passage_template"), {"based_on": "3", "replace": "1"}).status_code == 302
    row = ChannelText.objects.get(number=3)
    assert client.post(reverse("channel_restore", args=[key.channel.pk, row.pk]), {"based_on": "4"}).status_code == 302
    text = latest(key)
    assert text is not None
    assert text.wordings == row.wordings
    assert "Meine Worte." in client.get(reverse("channel_state", args=[key.channel.pk, row.pk])).content.decode()
    assert client.get(reverse("channel_history", args=[key.channel.pk])).content.decode().count("<li") >= 5


def test_what_a_template_replaced_comes_back_with_one_click_from_the_page_itself(client: Client, owner: User, key: TextKey) -> None:
    channels.complete(key)
    own = channels.saved(key, words={"storage": "Meine Worte."})
    restore = reverse("channel_restore", args=[key.channel.pk, own.pk])
    assert restore not in client.get(path(key)).content.decode(), "an own edit offers no undo"
    client.post(path(key, "channel_passage_template"), {"based_on": "3", "replace": "1"})
    page = client.get(path(key)).content.decode()
    form = re.search(rf'<form method="post" action="{restore}">.*?</form>', page, re.DOTALL)
    assert form is not None
    assert 'name="based_on" value="4"' in form[0]
    client.post(restore, {"based_on": "4"})
    text = latest(key)
    assert text is not None
    assert (text.wordings, text.origin) == (own.wordings, "restored")
    assert restore not in client.get(path(key)).content.decode()


def test_whoever_saves_second_sees_who_was_first_and_what_differs(client: Client, owner: User, key: TextKey) -> None:
    channels.complete(key)
    late = fields(key, text_storage="Meine Worte.", answer_content=CONTENT)
    anna = people.colleague(key.channel.customer)
    text = latest(key)
    assert text is not None
    from privacy_text.reading import stored

    others = [row._replace(text="Annas Worte." if row.key == "storage" else row.text) for row in stored(text.wordings)]
    services.save_text(key=key, edited=services.Edited(others, answers={"content": CONTENT}), based_on=2, by=anna, at=timezone.now())
    answer = client.post(path(key), late)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert anna.full_name in page
    assert "Annas" in page
    assert "Meine Worte." in page
    assert client.post(path(key), {**late, "based_on": "3"}).status_code == 302
    assert [row["text"] for row in latest(key).wordings if row["key"] == "storage"] == ["Meine Worte."]  # type: ignore[union-attr]


def test_a_draft_comes_back_until_it_is_saved_or_discarded(client: Client, owner: User, key: TextKey) -> None:
    channels.complete(key)
    answer = client.post(path(key, "channel_passage_draft"), fields(key, text_storage="Halb geschr"))
    assert re.search(r"\d\d:\d\d", answer.content.decode())
    assert "Halb geschr" in client.get(path(key)).content.decode()
    people.log_in(client, people.colleague(key.channel.customer))
    assert "Halb geschr" not in client.get(path(key)).content.decode()
    people.log_in(client, owner)
    assert client.post(path(key, "channel_passage_draft"), {"discard": "1"}).status_code == 302
    assert not ChannelTextDraft.objects.exists()


def test_an_own_text_needs_no_template(client: Client, owner: User, key: TextKey) -> None:
    given = {
        "based_on": "0",
        "statistics": "off",
        "recipients": "named",
        "proof_years": "3",
        "text_own-1": "Eigener Text.",
        "heading_own-1": "Push",
    }
    assert client.post(path(key), given).status_code == 302
    text = latest(key)
    assert text is not None
    assert text.is_own
    page = client.get("/de/channels/").content.decode()
    assert "Eigener Text" in page
    assert client.post(path(key), {**given, "based_on": "1", "text_own-1": " "}).status_code == 422


# --- updates -------------------------------------------------------------------------------------------------------------


def test_an_update_is_decided_in_two_clicks_and_own_words_stay(client: Client, owner: User, key: TextKey) -> None:
    channels.complete(key)
    channels.saved(key, words={"storage": "Meine Worte."})
    channels.newer_texts(timezone.now(), {"storage": "… Neu.", "service": "… Auch neu."})
    drifting.look_at_all("look", timezone.now())
    assert (
        "Update verfügbar" in client.get("/de/channels/").content.decode()
        or "update available" in client.get("/de/channels/").content.decode()
    )
    page = client.get(path(key, "channel_passage_update")).content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(based_on|shown)" value="([^"]+)">', page))
    answer = client.post(path(key, "channel_passage_update"), {**hidden, "without_conflict": "1"})
    assert answer.headers["Location"].startswith(f"/de/channels/{key.channel.pk}/privacy-text/update/")
    texts = {row["key"]: row["text"] for row in latest(key).wordings}  # type: ignore[union-attr]
    assert texts["storage"] == "Meine Worte."
    assert texts["service"].endswith("Auch neu.")
    answer = client.post(path(key, "channel_passage_update"), {"based_on": "4", "shown": hidden["shown"], "side_storage": "own"})
    assert answer.headers["Location"].startswith(f"/de/channels/{key.channel.pk}/privacy-text/?")
    assert not TextUpdate.objects.open().exists()


def test_a_page_that_is_out_of_date_decides_nothing(client: Client, owner: User, key: TextKey) -> None:
    channels.complete(key)
    channels.newer_texts(timezone.now(), {"storage": "… Neu."})
    answer = client.post(path(key, "channel_passage_update"), {"based_on": "2", "shown": "something-else"})
    assert "/update/" in answer.headers["Location"]
    assert ChannelText.objects.count() == 2


# --- where the passage stands --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["https://127.0.0.1/", "http://example.com/", "https://localhost/", "https://[::1]/x", "ftp://example.com"]
)
def test_only_public_pages_can_be_named(client: Client, owner: User, key: TextKey, address: str) -> None:
    client.post(path(key, "channel_passage_place"), {"page_url": address, "updates": "pinned"})
    assert not Placement.objects.exclude(page_url="").exists()


def test_a_page_is_looked_at_by_a_job_and_not_twice_a_minute(
    client: Client, owner: User, key: TextKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jobs.models import Job

    monkeypatch.setattr("privacy_text.services.placements.require_public", lambda _address: None)
    client.post(path(key, "channel_passage_check"))
    assert not Job.objects.filter(kind="privacy_text.check").exists()
    client.post(path(key, "channel_passage_place"), {"page_url": "https://muster.example/privacy", "updates": "automatic"})
    for _time in range(2):
        client.post(path(key, "channel_passage_check"))
    assert Job.objects.filter(kind="privacy_text.check").count() == 1


def test_a_removed_channel_says_what_is_left_to_do(client: Client, owner: User, key: TextKey) -> None:
    channels.complete(key)
    assert client.get(f"/embed/{key.channel.public_id}.html").status_code == 200
    assert client.post(reverse("channel_remove", args=[key.channel.pk])).status_code == 302
    assert client.get(f"/embed/{key.channel.public_id}.html").status_code == 404
    assert key.channel.name in client.get("/de/channels/").content.decode()
    assert client.post(reverse("channel_taken_out", args=[key.channel.pk])).status_code == 302
    assert key.channel.name not in client.get("/de/channels/").content.decode()


# --- who may, and what belongs to whom -----------------------------------------------------------------------------------

OF_A_CHANNEL = [
    *("channel", "channel_settings", "channel_activate", "channel_deactivate", "channel_remove", "channel_taken_out", "channel_history"),
    *("channel_opt_in", "channel_opt_in_template", "channel_opt_in_preview", "channel_opt_in_draft", "channel_opt_in_update"),
    *("channel_passage", "channel_passage_template", "channel_passage_preview", "channel_passage_draft", "channel_passage_update"),
    *("channel_passage_place", "channel_passage_check"),
]


@pytest.mark.parametrize("view", OF_A_CHANNEL)
@pytest.mark.parametrize("verb", ["get", "post"])
def test_a_stranger_is_answered_that_there_is_no_such_channel(client: Client, key: TextKey, view: str, verb: str) -> None:
    channels.complete(key)
    people.log_in(client, people.stranger())
    answer = getattr(client, verb)(reverse(view, args=[key.channel.pk]), {"with": "anything"})
    assert answer.status_code in (404, 405)
    assert key.channel.name not in answer.content.decode()
    assert ChannelText.objects.count() == 2


def test_a_stranger_reaches_no_state_and_no_file_of_another_company(client: Client, key: TextKey) -> None:
    text = channels.complete(key)
    stranger = people.stranger()
    own = channels.channel(stranger.customer)
    people.log_in(client, stranger)
    for address in (
        reverse("channel_state", args=[key.channel.pk, text.pk]),
        reverse("channel_state", args=[own.pk, text.pk]),
        *(path(key, "channel_passage_file", form) for form in FORMS),
        *(path(key, "channel_opt_in_file", form) for form in FORMS),
    ):
        assert client.get(address).status_code == 404, address
    for owned in (key.channel.pk, own.pk):
        assert client.post(reverse("channel_restore", args=[owned, text.pk]), {"based_on": "2"}).status_code == 404
    assert key.channel.name not in client.get("/de/channels/").content.decode()


@pytest.mark.parametrize(
    ("role", "status"), [(Role.CHANNEL_OWNER, 200), (Role.OWNER, 200), (Role.SIGNATORY, 403), (Role.PRIVACY_CONTACT, 403)]
)
def test_channel_owners_and_account_owners_look_after_channels(client: Client, channel: Channel, role: str, status: int) -> None:
    people.log_in(client, people.person(channel.customer, role))
    assert client.get("/de/channels/").status_code == status
    assert client.get(f"/de/channels/{channel.pk}/opt-in/texts/").status_code == status


# --- lists ---------------------------------------------------------------------------------------------------------------


def queries_of(client: Client, address: str) -> int:
    from django.db import connection

    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def fill(customer: Customer, number: int) -> None:
    for _each in range(number):
        channels.complete(channels.key_of(channels.channel(customer)))


def test_the_list_asks_the_database_as_often_for_thirty_channels_as_for_one(client: Client, owner: User, channel: Channel) -> None:
    fill(channel.customer, 1)
    client.get("/de/channels/")
    first = queries_of(client, "/de/channels/")
    fill(channel.customer, 29)
    assert queries_of(client, "/de/channels/") == first


def test_staff_see_which_version_every_channel_uses(client: Client, channel: Channel) -> None:
    customers_of_rows = channel.customer
    fill(customers_of_rows, 1)
    people.log_in(client, people.staff("editor"), mfa=True)
    client.get("/de/manage/channels/")
    first = queries_of(client, "/de/manage/channels/")
    fill(customers_of_rows, 29)
    assert queries_of(client, "/de/manage/channels/") == first
    page = client.get("/de/manage/channels/").content.decode()
    assert customers_of_rows.legal_name.split()[0] in page
    assert page.count("<tr>") == 31
    channels.newer_texts(timezone.now(), {"storage": "… Neu."})
    drifting.look_at_all("look", timezone.now())
    assert client.get("/de/manage/channels/?state=update").content.decode().count("<tr>") == 31
    assert "<tr>" not in client.get("/de/manage/channels/?state=current").content.decode()
    assert client.get("/de/manage/channels/?version=1&channel_type=web_push&q=kanal").status_code == 200


def test_a_customers_person_does_not_see_the_vendors_list(client: Client, owner: User) -> None:
    assert client.get("/de/manage/channels/").status_code == 403


# --- embedding -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("form", "kind"), [("html", "text/html"), ("json", "application/json"), ("js", "text/javascript")])
def test_an_embedded_passage_is_public_and_asks_nothing_of_its_reader(key: TextKey, form: str, kind: str) -> None:
    text = channels.complete(key)
    client = Client(enforce_csrf_checks=True)
    answer = client.get(f"/embed/{key.channel.public_id}.{form}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith(kind)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert not answer.cookies
    assert "Set-Cookie" not in answer.headers
    content = answer.content.decode()
    assert "Stand: 25. November 2026" in content
    assert f"web-push/passage/{text.sample_text.number}/" in content  # type: ignore[union-attr]
    again = client.get(f"/embed/{key.channel.public_id}.{form}", HTTP_IF_NONE_MATCH=answer.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    channels.saved(key, words={"storage": "Neu."})
    changed = client.get(f"/embed/{key.channel.public_id}.{form}", HTTP_IF_NONE_MATCH=answer.headers["ETag"])
    assert changed.status_code == 200


def test_a_logged_in_reader_gets_the_same_bytes_and_no_cookie(client: Client, owner: User, key: TextKey) -> None:
    channels.complete(key)
    answer = client.get(f"/embed/{key.channel.public_id}.html")
    assert answer.content == Client().get(f"/embed/{key.channel.public_id}.html").content
    assert not answer.cookies
    assert answer.headers["Cache-Control"].startswith("public")


def test_what_is_embedded_stays_complete_while_somebody_edits(key: TextKey) -> None:
    channels.complete(key)
    good = Client().get(f"/embed/{key.channel.public_id}.html").content
    channels.saved(key, words={"storage": "Wir löschen [nach wie vielen Tagen]."})
    assert Client().get(f"/embed/{key.channel.public_id}.html").content == good


def test_a_script_and_json_carry_what_somebody_wrote_as_words_only(key: TextKey) -> None:
    channels.complete(key)
    channels.saved(key, words={"storage": "</script><script>alert(1)</script> & --> “x”"})
    script = Client().get(f"/embed/{key.channel.public_id}.js").content.decode()
    assert "</script" not in script
    assert "<" not in script
    html = json.loads(Client().get(f"/embed/{key.channel.public_id}.json").content)["html"]
    assert "&lt;/script&gt;" in html


def test_an_embedded_passage_speaks_the_language_that_is_asked_for_or_another(key: TextKey) -> None:
    channels.complete(key)
    assert b'lang="de"' in Client().get(f"/embed/{key.channel.public_id}.html?language=en").content
    channels.complete(key._replace(language="en"))
    english = Client().get(f"/embed/{key.channel.public_id}.html?language=en").content.decode()
    assert 'lang="en"' in english
    assert "As of: " in english


@pytest.mark.parametrize("address", ["/embed/00000000-0000-4000-8000-000000000000.html", "/embed/x.html", "/embed/1.json"])
def test_an_unknown_address_embeds_nothing(address: str) -> None:
    assert Client().get(address).status_code == 404
