"""Subscriptions to updates: confirmed twice, ended by one click (RFC 8058), and nothing personal in any address."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from jobs.execution import run
from jobs.models import Job
from notifications import fanning, links, sending, services, tasks
from notifications.models import Broadcast, Delivery, Topic, UpdateSubscription
from tests.factories import customers, registers

pytestmark = pytest.mark.django_db
ADDRESS = "Reader.Name@Example.org"


@pytest.fixture
def visitor():
    cache.clear()  # attempts of other tests
    customers.provider()
    return Client(enforce_csrf_checks=True)


def send_all() -> None:
    for delivery in Delivery.objects.waiting():
        sending.send(delivery.pk, timezone.now())


def path_in(body: str, part: str) -> str:
    (address,) = {address for address in re.findall(r"https?://\S+", body) if part in address}
    return urlsplit(address).path


def subscribed(topics: list[str] | None = None) -> UpdateSubscription:
    now = timezone.now()
    return UpdateSubscription.objects.create(
        email="reader@example.org", language="en", topics=topics or Topic.values, asked_at=now, confirmed_at=now
    )


def broadcast(kind: str = "subprocessors_withdrawn_public") -> Broadcast:
    content = {
        language: {"changes": [{"name": "Network Inc.", "kind": "new"}], "action_url": "https://x", "action_label": "x"}
        for language in ("de", "en")
    }
    return Broadcast.objects.create(key=f"{kind}:1", kind=kind, content=content, created_at=timezone.now())


def test_one_field_and_the_mails_link_make_a_subscription(visitor):
    answer = visitor.post("/de/updates/subscribe/", {"email": ADDRESS})
    assert (answer.status_code, answer["Location"]) == (302, "/de/updates/subscribe/sent/")
    assert not UpdateSubscription.objects.confirmed().exists()
    send_all()
    (letter,) = mail.outbox
    assert letter.to == ["reader.name@example.org"]
    path = path_in(letter.body, "/confirm/")
    assert visitor.head(path).status_code == 200
    assert not UpdateSubscription.objects.confirmed().exists()
    assert visitor.get(path).status_code == 200
    assert visitor.get(path).status_code == 200
    assert UpdateSubscription.objects.confirmed().get().topics == Topic.values
    assert not visitor.cookies


def test_a_known_address_gets_the_same_answer_and_a_mail_that_says_so(visitor):
    subscription = subscribed()
    UpdateSubscription.objects.update(asked_at=timezone.now() - timedelta(days=1))
    answers = [visitor.post("/en/updates/subscribe/", {"email": email}) for email in (subscription.email, "new@example.org")]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(302, "/en/updates/subscribe/sent/")}
    assert dict(Delivery.objects.values_list("recipient", "kind")) == {
        "reader@example.org": "updates_known",
        "new@example.org": "updates_confirm",
    }


def test_a_second_mail_is_not_sent_within_ten_minutes(visitor):
    now = timezone.now()
    for minutes in (0, 5, 9):
        services.subscribe(email=ADDRESS, language="de", topics=Topic.values, at=now + timedelta(minutes=minutes))
    assert Delivery.objects.count() == 1
    services.subscribe(email=ADDRESS.lower(), language="de", topics=Topic.values, at=now + timedelta(minutes=10))
    assert Delivery.objects.count() == 2
    assert UpdateSubscription.objects.count() == 1


def test_too_many_attempts_from_one_address_are_refused(visitor):
    answers = [visitor.post("/de/updates/subscribe/", {"email": f"a{number}@example.org"}).status_code for number in range(6)]
    assert answers == [302] * 5 + [429]


def test_a_link_to_confirm_ends_after_a_week_and_a_link_to_leave_never(visitor, monkeypatch):
    subscription = subscribed()
    confirm, manage = links.token(subscription.pk, links.CONFIRM), links.token(subscription.pk, links.MANAGE)
    monkeypatch.setattr("django.core.signing.time.time", lambda: timezone.now().timestamp() + 8 * 86400)
    with pytest.raises(links.LinkExpired):
        links.read_token(confirm, links.CONFIRM)
    assert links.read_token(manage, links.MANAGE) == subscription.pk
    assert visitor.get(f"/de/updates/subscriptions/confirm/{confirm}/").status_code == 410


def test_an_address_that_nobody_confirmed_is_forgotten_with_its_link(visitor):
    kept = subscribed()
    services.subscribe(email=ADDRESS, language="de", topics=Topic.values, at=timezone.now() - links.CONFIRM_WITHIN + timedelta(hours=1))
    tasks.forget_unconfirmed()
    assert UpdateSubscription.objects.count() == 2
    UpdateSubscription.objects.update(asked_at=timezone.now() - links.CONFIRM_WITHIN - timedelta(seconds=1))
    tasks.forget_unconfirmed()
    assert UpdateSubscription.objects.get() == kept
    assert not Delivery.objects.to(ADDRESS.lower()).exists()


@pytest.mark.parametrize("change", [lambda token: token[:-1], lambda token: token + "x", lambda token: "0" * 32 + token[32:]])
def test_a_link_that_was_changed_or_is_for_something_else_opens_nothing(visitor, change):
    subscription = subscribed()
    token = links.token(subscription.pk, links.MANAGE)
    with pytest.raises(links.LinkUnknown):
        links.read_token(change(token), links.MANAGE)
    with pytest.raises(links.LinkUnknown):
        links.read_token(token, links.CONFIRM)
    assert visitor.post(f"/de/updates/subscriptions/{change(token)}/end/").status_code == 404
    assert UpdateSubscription.objects.count() == 1


def test_one_post_without_page_or_cookie_ends_the_subscription_as_rfc_8058_asks(visitor):
    subscribed()
    fanning.tell_subscribers(broadcast(), topic=Topic.SUBPROCESSORS)
    send_all()
    (letter,) = mail.outbox
    headers = letter.message()
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = headers["List-Unsubscribe"]
    assert address.startswith("<http")
    assert address.endswith("/end/>")
    path = urlsplit(address[1:-1]).path
    assert visitor.get(path).status_code == 200
    assert UpdateSubscription.objects.count() == 1
    for _ in range(2):  # a mail program may send it twice
        answer = visitor.post(path, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
        assert answer.status_code == 200
    assert not UpdateSubscription.objects.exists()
    assert not Delivery.objects.exists()
    assert not visitor.cookies


def test_no_address_in_a_mail_names_the_person(visitor):
    subscription = subscribed()
    services.subscribe(email="second@example.org", language="de", topics=Topic.values, at=timezone.now())
    fanning.tell_subscribers(broadcast(), topic=Topic.SUBPROCESSORS)
    send_all()
    assert len(mail.outbox) == 2
    for letter in mail.outbox:
        html = letter.alternatives[0][0]
        for address in re.findall(r"https?://[^\s\"<>]+", letter.body + html + str(letter.message()["List-Unsubscribe"] or "")):
            assert not re.search("reader|second|example.org|%40|@", address.removeprefix("https://").removeprefix("http://")), address
    assert subscription.email not in links.of_subscription(subscription.pk, "en")["manage_url"]


def test_topics_and_language_are_chosen_by_the_link_alone(visitor):
    subscription = subscribed()
    path = f"/en/updates/subscriptions/{links.token(subscription.pk, links.MANAGE)}/"
    assert b"checked" in visitor.get(path).content
    assert visitor.post(path, {"language": "de"}).status_code == 422
    assert visitor.post(path, {"topics": ["measures"], "language": "de"}).status_code == 200
    subscription.refresh_from_db()
    assert (subscription.topics, subscription.language) == (["measures"], "de")
    assert fanning.tell_subscribers(broadcast(), topic=Topic.SUBPROCESSORS) == 0


def test_mails_that_a_contract_asks_for_cannot_be_unsubscribed():
    customers.provider()
    services.tell(to="a@example.com", kind="deletion_requested", language="de", context={}, key="x")
    send_all()
    assert "List-Unsubscribe" not in mail.outbox[0].message()


def test_subscribers_hear_of_material_versions_of_their_topics_and_of_no_editorial_one(visitor):
    subscribed([Topic.MEASURES])
    registers.published_measures()
    registers.published_subprocessors()
    registers.publish_measures(registers.draft_measures(), change_kind="editorial")
    for job in Job.objects.filter(kind="notifications.published"):
        run(job.pk)
        tasks.published(job.subject)
    (delivery,) = Delivery.objects.all()
    send_all()
    assert delivery.kind == "updates_published"
    assert mail.outbox[0].subject == "Published: Technical and organisational measures, version 1"
    assert "/en/tom/v/1/" in mail.outbox[0].body
    assert "List-Unsubscribe" in mail.outbox[0].message()
