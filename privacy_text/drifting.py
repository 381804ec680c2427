"""Notice that a template or a fact in it changed since a channel took it over, tell whoever looks after the channel, and take it over in time.

A look is safe to repeat: there is at most one open update per text, and who was told of a look is told once.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

import jobs.services
from customers.models import Customer, Role, User
from notifications.links import absolute
from notifications.services import tell
from privacy_text.merging import State, agreed, is_update, merged
from privacy_text.models import ChannelText, Operator, Placement, TextKind, TextUpdate
from privacy_text.reading import Sources, TextKey, choices_of, composed, current_sources, latest, steps_between
from privacy_text.writing import locked, write

LOOK, LOOK_AT_COMPANY = "privacy_text.look", "privacy_text.look_at_company"
NOTICE = datetime.timedelta(days=14)


class News(NamedTuple):
    """What a look found for one company: new updates, each with the day on which it is taken over, if any."""

    customer: Customer
    updates: list[TextUpdate]


def fingerprint(sources: Sources) -> str:
    """Return one word for everything that templates are filled from: the same word, the same texts."""
    provider = sources.provider
    names = [field.attname for field in provider._meta.concrete_fields] if provider else []  # noqa: SLF001  # Django documents _meta as an API
    facts = [
        sources.version.sha256 if sources.version else "",
        sources.register.sha256 if sources.register else "",
        {name: str(getattr(provider, name)) for name in names if name != "last_verified_at"},
        [str(row) for row in Operator.objects.in_force(sources.on).order_by("pk").values_list()],
        sources.on.isoformat(),
    ]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def look_if_changed(now: datetime.datetime) -> None:
    """Have all texts looked at, once for each state of templates and facts, and once a day: companies change their names too."""
    word = fingerprint(current_sources(timezone.localdate(now)))
    jobs.services.put(kind=LOOK, key=f"{LOOK}:{word}", subject=word)


def look_at_all(word: str, now: datetime.datetime) -> None:
    """Look at the texts of every company; what was found for one is kept before the next is looked at."""
    sources = current_sources(timezone.localdate(now))
    for customer in Customer.objects.open().filter(channels__texts__isnull=False).distinct().order_by("pk").iterator(chunk_size=500):
        look_at(customer, sources, word, now)


def look_at_company(number: int, now: datetime.datetime) -> None:
    """Look at the texts of one company, which changed what it says about itself or a channel."""
    customer = Customer.objects.open().filter(pk=number).first()
    if customer is not None:
        look_at(customer, current_sources(timezone.localdate(now)), f"company-{now:%Y%m%d%H%M%S}", now)


@transaction.atomic
def look_at(customer: Customer, sources: Sources, word: str, now: datetime.datetime) -> None:
    """Open and settle the updates of one company, and tell its people of new ones."""
    texts = ChannelText.objects.of_customer(customer).filter(channel__removed_at=None).newest()
    found = list(updates_among(texts.select_related("channel__customer", "sample_text"), sources, now))
    if found:
        inform(News(customer, found), word)


def updates_among(texts: Iterable[ChannelText], sources: Sources, now: datetime.datetime) -> Iterator[TextUpdate]:
    """Yield the updates that are new."""
    for text in texts:
        update = compare(text, sources, now)
        if update is not None:
            yield update


def compare(text: ChannelText, sources: Sources, now: datetime.datetime) -> TextUpdate | None:
    """Open or settle the update of one text; return it when it is new."""
    key = TextKey(text.channel, text.kind, text.language)
    there = TextUpdate.objects.filter(channel=text.channel, kind=text.kind, language=text.language, settled_at=None)
    now_composed = None if text.is_own else composed(key, sources, choices=choices_of(text.channel))
    if now_composed is None or sources.version is None or not is_update(steps_between(text, now_composed)):
        there.update(settled_at=now)
        return None
    update, is_new = there.get_or_create(
        channel=text.channel,
        kind=text.kind,
        language=text.language,
        settled_at=None,
        defaults={
            "sample_text": sources.version,
            "register_number": sources.register_number,
            "found_at": now,
            "applies_at": now + NOTICE if is_automatic(text) else None,
        },
    )
    return update if is_new else None


def is_automatic(text: ChannelText) -> bool:
    """Say whether the company lets the text be updated by itself: only passages are embedded, so only they can be."""
    chosen = Placement.objects.filter(channel=text.channel, updates=Placement.Updates.AUTOMATIC)
    return text.kind == TextKind.PASSAGE and chosen.exists()


# --- telling ------------------------------------------------------------------------------------------------------------


def people_to_tell(customer: Customer) -> list[User]:
    """Return the channel owners, or the account owners where nobody looks after channels."""
    return list(customer.people_with(Role.CHANNEL_OWNER)) or list(customer.people_with(Role.OWNER))


def inform(news: News, word: str) -> None:
    for person in people_to_tell(news.customer):
        with override(person.language):
            context: dict[str, str | int | list[str]] = {
                "company": news.customer.legal_name,
                "texts": [described(update, person.language) for update in news.updates],
                "action_url": absolute(way_to(news.updates)),
                "action_label": _("See the changes"),
            }
        tell(
            to=person.email,
            kind="channel_texts_changed",
            language=person.language,
            context=context,
            key=f"channel_texts_changed:{word[:24]}:{news.customer.pk}:{person.pk}",
            customer=news.customer,
        )


def way_to(updates: list[TextUpdate]) -> str:
    """Return where people decide: on the page of the one update, or in the list of channels."""
    if len(updates) != 1:
        return reverse("channels")
    (update,) = updates
    view = "channel_opt_in_update" if update.kind == TextKind.OPT_IN else "channel_passage_update"
    return f"{reverse(view, args=[update.channel_id])}?language={update.language}"


def described(update: TextUpdate, language: str) -> str:
    """Return one line: which text of which channel, and from when on without a decision."""
    names = dict(settings.LANGUAGES)
    line = f"{update.channel.name}: {update.get_kind_display()} ({names[update.language]})"
    if update.applies_at is None:
        return line
    date = date_format(timezone.localtime(update.applies_at), "DATE_FORMAT")
    return _("%(text)s – we take it over on %(date)s unless you decide before") % {"text": line, "date": date}


# --- taking over --------------------------------------------------------------------------------------------------------


def take_over_due(now: datetime.datetime) -> None:
    """Take over what was announced long enough ago; each text in a transaction of its own."""
    due = TextUpdate.objects.open().filter(applies_at__lte=now).order_by("pk").values_list("pk", flat=True)
    for number in list(due):
        take_over(number, now)


@transaction.atomic
def take_over(number: int, now: datetime.datetime) -> None:
    """Take over what only the template changed; where the company wrote its own words they stay, and the update stays open."""
    update = TextUpdate.objects.open().select_related("channel").filter(pk=number, applies_at__lte=now).first()
    if update is None:
        return
    key = TextKey(locked(update.channel), update.kind, update.language)
    text, sources = latest(key), current_sources(timezone.localdate(now))
    if text is None or sources.version is None or not is_automatic(text):
        TextUpdate.objects.filter(pk=number).update(applies_at=None)
        return
    choices = choices_of(key.channel)
    steps = steps_between(text, composed(key, sources, choices=choices))
    if any(step.state == State.TEMPLATE for step in steps):
        write(
            key=key,
            wordings=merged(steps),
            template=agreed(steps),
            sample_text=sources.version,
            register_number=sources.register_number,
            choices=text.choices,
            values=text.values,
            origin=ChannelText.Origin.AUTOMATIC,
            by=None,
            at=now,
        )
    has_conflict = any(step.is_conflict for step in steps)
    TextUpdate.objects.filter(pk=number).update(applies_at=None, settled_at=None if has_conflict else now)
