"""What operators are told and shown: the dry run and the alarms."""

from __future__ import annotations

import datetime
import time
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from deletion import attempts, execution, explaining, ledger, retention, services, stepping, tasks, watching
from deletion.connectors import Count, Held, NotCounted
from deletion.models import ErasureRequest, ErasureStep
from notifications.messages import compose
from notifications.models import Delivery
from subscriptions.models import Subscription
from tests.factories import agreement, erasure, requests
from tests.factories import customers as people
from tests.factories.erasure import CANARY

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.usefixtures("verifier", "not_drawn")]


@pytest.fixture
def request_of_account() -> ErasureRequest:
    people.provider()
    company, owner = erasure.account(4)
    agreement.accept(company, owner, agreement.published())
    return erasure.due(company, owner)


def lines_of(request: ErasureRequest) -> dict[str, explaining.Line]:
    return {line.key: line for line in explaining.explain(request)}


# --- the dry run --------------------------------------------------------------------------------------------------------


def test_the_dry_run_names_every_decision_with_its_count_and_changes_nothing(request_of_account: ErasureRequest) -> None:
    before = Subscription.objects.count(), ErasureStep.objects.count()
    lines = lines_of(explaining.meant(request_of_account.reference))
    assert lines["subscriptions.subscription"] == explaining.Line(
        "subscriptions.subscription",
        "delete",
        4,
        f"DELETE FROM subscriptions_subscription WHERE customer_id = {request_of_account.customer_id}"
        " (by deletion_erase_subscriptions once no subscriptions.activity is left)",
    )
    assert lines["customers.customer"].number == 1
    assert lines["store:files"].number == 0
    assert (lines["dpa.acceptance"].decision, lines["dpa.acceptance"].number) == ("keep", 1)
    assert "until 20" in lines["dpa.acceptance"].how
    assert (Subscription.objects.count(), ErasureStep.objects.count()) == before
    request_of_account.refresh_from_db()
    assert (request_of_account.state, request_of_account.plan) == ("requested", None)


def test_what_the_dry_run_counts_is_what_goes(request_of_account: ErasureRequest) -> None:
    said = {key: line.number for key, line in lines_of(explaining.meant(request_of_account.reference)).items() if line.decision == "delete"}
    done = erasure.complete(request_of_account)
    went = {step.dataset: step.deleted for step in done.steps.all()}
    differing = {key for key in went if went[key] != said[key]}
    assert differing <= {"sessions.session", "usersessions.usersession"}, {k: (said[k], went[k]) for k in differing}


def test_the_desk_names_the_same_last_days_as_the_page_of_the_customer(request_of_account: ErasureRequest) -> None:
    company = request_of_account.customer
    assert company is not None
    lines = explaining.explain(explaining.meant(str(company.reference)))
    named = {line.key: line.last for line in lines if line.decision == "keep" and line.last}
    assert named == {kept.dataset: kept.last for kept in retention.forecast(company, timezone.now())}
    assert len(set(named.values())) > 1


def test_a_company_that_asked_for_nothing_is_explained_by_its_own_reference(capsys: Any) -> None:
    people.provider()
    company, _owner = erasure.account(2)
    call_command("erasure_explain", str(company.reference))
    shown = capsys.readouterr().out
    assert "DELETE FROM customers_customer" in shown
    assert CANARY not in shown
    with pytest.raises(CommandError, match="Neither"):
        call_command("erasure_explain", "LA-2026-0000-0000")


def test_the_dry_run_ends_with_an_error_when_something_cannot_be_counted(
    request_of_account: ErasureRequest, capsys: Any, settings: Any
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"REVOKE SELECT ON subscriptions_subscription FROM {settings.DATABASE_VERIFIER_ROLE}")
    with pytest.raises(SystemExit):
        call_command("erasure_explain", request_of_account.reference)
    assert "not counted" in capsys.readouterr().out


class Store:
    """A store that answers what it is told to."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def verify(self, _scope: Any) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def describe(self) -> str:
        return "a store"


@pytest.mark.parametrize(
    ("answer", "decision", "number"),
    [
        (Count(3), "delete", 3),
        (Held(2), "held by the store", 2),
        (NotCounted("pending"), "delete", None),
        (TimeoutError(), "delete", None),
        (None, "delete", None),
    ],
)
def test_a_store_says_in_the_dry_run_what_it_holds_or_that_nobody_knows(
    request_of_account: ErasureRequest, monkeypatch: pytest.MonkeyPatch, answer: Any, decision: str, number: int | None
) -> None:
    monkeypatch.setattr(explaining, "stores", lambda: {"shop": Store(answer)})
    line = lines_of(explaining.meant(request_of_account.reference))["store:shop"]
    assert (line.decision, line.number) == (decision, number)


def test_a_hold_is_the_first_line_of_the_dry_run(request_of_account: ErasureRequest) -> None:
    now = timezone.now()
    placed: dict[str, Any] = {"ground": "claims", "file_number": "7 O 12/26", "review_date": now.date(), "by": people.staff(), "at": now}
    services.place_hold(customer_reference=request_of_account.customer_reference, **placed)
    assert next(explaining.explain(explaining.meant(request_of_account.reference))).decision == "stops everything"


# --- alarms -------------------------------------------------------------------------------------------------------------


def mails() -> list[Delivery]:
    return list(Delivery.objects.filter(kind="deletion_alarm").order_by("created_at"))


def begun(request: ErasureRequest) -> ErasureRequest:
    execution.begin(request, timezone.now(), 0)
    request.refresh_from_db()
    execution.enter_ledger_and_plan(request, timezone.now(), 0)
    request.refresh_from_db()
    return request


def test_a_deletion_that_does_not_move_for_fifteen_minutes_is_told_once(request_of_account: ErasureRequest) -> None:
    request, now = begun(request_of_account), timezone.now()
    assert watching.watch(at=now) == 0
    assert watching.watch(at=now + datetime.timedelta(minutes=14)) == 0
    assert watching.watch(at=now + datetime.timedelta(minutes=15)) == 1
    watching.watch(at=now + datetime.timedelta(minutes=16))
    (mail,) = mails()
    for language in ("de", "en"):
        mail.language = language
        text = compose(mail)
        assert request.reference in text.subject
        assert CANARY not in text.body
    step = stepping.claim(request)
    assert step is not None
    stepping.work(request, step, until=time.monotonic() + 5)
    assert watching.watch(at=now + datetime.timedelta(minutes=17)) == 0  # it moved
    assert watching.watch(at=now + datetime.timedelta(minutes=33)) == 1
    assert len(mails()) == 2


def test_attempts_that_fail_are_no_progress(request_of_account: ErasureRequest) -> None:
    request, now = begun(request_of_account), timezone.now()
    watching.watch(at=now)
    step = stepping.claim(request)
    assert step is not None
    attempts.put_off(request, step, ErasureStep.Error.TRANSIENT)
    assert watching.watch(at=now + datetime.timedelta(minutes=15)) == 1


def test_nobody_is_alarmed_by_a_deletion_that_may_rest(request_of_account: ErasureRequest) -> None:
    request, now = begun(request_of_account), timezone.now()
    services.pause(request=request, by=people.staff(), at=now)
    watching.watch(at=now)
    assert watching.watch(at=now + datetime.timedelta(hours=5)) == 0
    services.resume(request=request, by=people.staff(), at=now)
    assert watching.watch(at=now + datetime.timedelta(hours=5, minutes=1)) == 0
    request = erasure.run(request)
    assert request.state == ErasureRequest.State.WAITING
    watching.watch(at=now)
    assert watching.watch(at=now + datetime.timedelta(hours=23)) == 0
    watching.watch(at=now + datetime.timedelta(hours=25))
    assert [mail.context["what"] for mail in mails()] == ["still"]


def test_a_deletion_that_did_not_begin_is_noticed(request_of_account: ErasureRequest) -> None:
    now = timezone.now()
    watching.watch(at=now)
    assert watching.watch(at=now + datetime.timedelta(minutes=15)) == 1


def test_a_request_that_is_nearly_due_is_told_once_per_day_of_answer() -> None:
    people.provider()
    case, _code = requests.asked()
    near = timezone.make_aware(datetime.datetime.combine(case.due_date, datetime.time(9)))
    assert watching.watch(at=near - datetime.timedelta(days=4)) == 0
    assert watching.watch(at=near - datetime.timedelta(days=3)) == 1
    watching.watch(at=near - datetime.timedelta(days=2))
    assert [mail.context["what"] for mail in mails()] == ["due"]
    staff = people.staff()
    services.extend(case=case, reason="complex", by=staff, at=timezone.now())
    assert watching.watch(at=near) == 0
    services.reject(case=case, reason="nothing", explanation="", by=staff, at=timezone.now())
    assert watching.watch(at=near + datetime.timedelta(days=300)) == 0


def test_a_step_that_gave_up_is_told_again_after_another_try(request_of_account: ErasureRequest) -> None:
    request = begun(request_of_account)
    for number in (1, 2):
        step = stepping.claim(request)
        assert step is not None
        attempts.give_up(request, step, ErasureStep.Error.PERMANENT)
        watching.watch(at=timezone.now())
        watching.watch(at=timezone.now())
        assert [mail.context["what"] for mail in mails()] == ["failed"] * number
        request.steps.filter(pk=step.pk).update(state=ErasureStep.State.RUNNING)


def test_a_subprocessor_that_does_not_confirm_in_time_is_told_once(request_of_account: ErasureRequest) -> None:
    request = begun(request_of_account)
    notice = request.notices.first()
    assert notice is not None
    request.notices.exclude(pk=notice.pk).update(told_at=timezone.now(), confirmed_at=timezone.now())
    last = timezone.make_aware(datetime.datetime.combine(notice.confirm_by_date, datetime.time(12)))
    assert watching.watch_confirmations(last) == 0
    assert watching.watch_confirmations(last + datetime.timedelta(days=1)) == 1
    watching.watch_confirmations(last + datetime.timedelta(days=2))
    assert [mail.context["what"] for mail in mails()] == ["unconfirmed"]
    support = people.staff()
    notice = services.note_told(notice=notice, by=support, at=timezone.now())
    services.note_confirmation(notice=notice, proof_sha256="0" * 64, by=support, at=timezone.now())
    assert watching.watch_confirmations(last + datetime.timedelta(days=3)) == 0


def test_a_certificate_that_the_ledger_lacks_is_told(request_of_account: ErasureRequest) -> None:
    request = erasure.run(request_of_account)
    later = timezone.now() + datetime.timedelta(days=2)
    request = erasure.run(request, at=later)
    assert watching.watch_ledger(later + datetime.timedelta(hours=3)) == 0
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ledger, "ALIAS", "away")
        patched.setattr(watching, "LedgerCertificate", Away)
        assert watching.watch_ledger(later) == 1
    assert [mail.context["what"] for mail in mails()] == ["ledger"]


class Away:
    """A ledger that does not answer."""

    class objects:  # noqa: N801  # as a model names it
        @staticmethod
        def using(_alias: str) -> Any:
            from django.db import OperationalError

            raise OperationalError("connection refused")


def test_the_clock_watches() -> None:
    tasks.watch()
    assert not mails()
