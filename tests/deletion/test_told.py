"""A subprocessor counts as told when its mail went out; where it failed or came back, the desk is told and the certificate says so."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import override

from deletion import certifying, letters, services, stating, watching
from deletion.models import ErasureRequest, SubprocessorNotice
from notifications.models import Delivery
from tests.factories import customers as people
from tests.factories import erasure, registers

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.usefixtures("verifier", "not_drawn")]


@pytest.fixture
def request_at_work() -> ErasureRequest:
    people.provider()
    registers.publish_subprocessors(registers.draft_subprocessors())
    company, owner = erasure.account(2)
    return erasure.run(erasure.due(company, owner))


def mail_of(request: ErasureRequest) -> tuple[SubprocessorNotice, Delivery]:
    notice = next(notice for notice in request.notices.all() if letters.mail_to(notice))
    mail = letters.mail_to(notice)
    assert mail is not None
    return notice, mail


def ended(mail: Delivery, state: str, sent_at: datetime.datetime | None = None) -> None:
    Delivery.objects.filter(pk=mail.pk).update(state=state, sent_at=sent_at, last_error="" if state == "sent" else "smtp_550")


def row_of(request: ErasureRequest, notice: SubprocessorNotice) -> dict[str, Any]:
    """Return what the certificate says about the subprocessor."""
    done = erasure.run(request, at=timezone.now() + datetime.timedelta(days=2))
    content = json.loads(bytes(done.certificates.get(kind="certificate").canonical))
    (row,) = [row for row in content["subprocessors"] if row["name"] == notice.subprocessor]
    return dict(row)


def alarms() -> list[str]:
    rows = Delivery.objects.filter(kind="deletion_alarm").order_by("created_at")
    return [row.context["what"] for row in rows if row.context["what"] == "unreached"]


def test_a_mail_that_waits_has_told_nobody(request_at_work: ErasureRequest) -> None:
    notice, _mail = mail_of(request_at_work)
    assert watching.watch_deliveries() == 0
    assert notice.told_at is None
    with pytest.raises(services.NeverTold):
        services.note_confirmation(notice=notice, proof_sha256="0" * 64, by=people.staff(), at=timezone.now())
    row = row_of(request_at_work, notice)
    assert row["told_at"] is None
    assert "not_reached" not in row


def test_the_certificate_names_the_moment_at_which_the_mail_went_out(request_at_work: ErasureRequest) -> None:
    notice, mail = mail_of(request_at_work)
    sent_at = timezone.now() + datetime.timedelta(minutes=3)
    ended(mail, "sent", sent_at)
    assert row_of(request_at_work, notice)["told_at"] == stating.utc(sent_at)
    assert alarms() == []


def test_who_confirms_before_the_watch_looked_was_told_by_the_mail(request_at_work: ErasureRequest) -> None:
    notice, mail = mail_of(request_at_work)
    ended(mail, "sent", timezone.now())
    noted = services.note_confirmation(notice=notice, proof_sha256="0" * 64, by=people.staff(), at=timezone.now())
    assert noted.told_at is not None
    assert noted.confirmed_at is not None


@pytest.mark.parametrize("state", ["failed", "bounced"])
def test_a_mail_that_failed_or_came_back_alarms_the_desk_once_and_the_certificate_says_not_reached(
    request_at_work: ErasureRequest, state: str
) -> None:
    notice, mail = mail_of(request_at_work)
    sent_at = timezone.now()
    if state == "bounced":
        ended(mail, "sent", sent_at)
        watching.watch_deliveries()
        notice.refresh_from_db()
        assert notice.told_at == sent_at
    ended(mail, state, sent_at if state == "bounced" else None)
    for _time in range(2):
        assert watching.watch_deliveries() == 1
        assert alarms() == ["unreached"]
    notice.refresh_from_db()
    assert notice.told_at is None
    row = row_of(request_at_work, notice)
    assert (row["told_at"], row["not_reached"]) == (None, True)
    for language, words in (("de", "nicht erreicht"), ("en", "not reached")):
        with override(language):
            times = dict.fromkeys(("requested_at", "started_at", "finished_at"), sent_at)
            context = {"content": {}, **times, "subprocessors": [{**row, **certifying.times_of(row)}]}
            assert f"<td>{words}</td>" in render_to_string("pdf/certificate.html", context)


def test_who_was_told_on_another_way_is_reached(request_at_work: ErasureRequest) -> None:
    notice, mail = mail_of(request_at_work)
    ended(mail, "failed")
    assert watching.watch_deliveries() == 1
    told = timezone.now()
    services.note_told(notice=notice, by=people.staff(), at=told)
    assert watching.watch_deliveries() == 0
    row = row_of(request_at_work, notice)
    assert row["told_at"] == stating.utc(told)
    assert "not_reached" not in row
