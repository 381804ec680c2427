"""Invitations: one mailbox, once, for fourteen days, and the database cannot open them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers import letters
from customers.models import CLOSED, Customer, Invitation, Role, User
from customers.services import (
    AlreadyInvited,
    AlreadyMember,
    InvitationOver,
    MailAskedTooOften,
    WrongAddress,
    accept_invitation,
    invitation_of,
    invite,
    resend_invitation,
    withdraw_invitation,
)
from jobs.models import Job
from tests.factories import customers as people

pytestmark = pytest.mark.django_db
NEW = "new.colleague@example.com"
ENTERED = {"full_name": "Max Neu", "function": "Jurist", "password1": people.PASSWORD}


@pytest.fixture
def company() -> Customer:
    people.provider()
    return people.customer()


@pytest.fixture
def owner(company: Customer) -> User:
    return people.owner(company)


def invited(company: Customer, owner: User, email: str = NEW, at: datetime | None = None) -> Invitation:
    return invite(customer=company, email=email, roles=[Role.SIGNATORY], language="de", by=owner, at=at or timezone.now())


def link_for(invitation: Invitation) -> str:
    """Send the mail and return the path of its link."""
    letters.send_invitation(invitation.pk)
    found = re.search(r"^http://testserver(/\S+)$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found
    return found[1]


def test_a_new_person_registers_with_her_own_fields_only_and_is_in(client: Client, company: Customer, owner: User) -> None:
    link = link_for(invited(company, owner))
    page = client.get(link).content.decode()
    assert company.legal_name.replace("&", "&amp;") in page
    assert set(re.findall(r'name="(\w+)"', page)) >= set(ENTERED)
    assert "legal_name" not in page
    answer = client.post(link, {**ENTERED, "email": "other@example.com"})
    assert answer["Location"] == reverse("account")
    user = User.objects.get(email=NEW)
    assert (user.full_name, user.function, user.customer) == ("Max Neu", "Jurist", company)
    assert user.roles_for(company) == {Role.SIGNATORY}
    assert user.agreement_valid_until == company.agreement_valid_until
    assert EmailAddress.objects.get(user=user).verified
    assert client.get(reverse("account_people")).status_code == 200


def test_a_mistake_is_named_and_entries_stay(client: Client, company: Customer, owner: User) -> None:
    link = link_for(invited(company, owner))
    page = client.post(link, {**ENTERED, "password1": "short"}).content.decode()
    assert 'value="Max Neu"' in page
    assert not User.objects.filter(email=NEW).exists()


def test_somebody_with_an_account_signs_in_then_joins(client: Client, company: Customer, owner: User) -> None:
    user = people.stranger()
    first = user.customer
    link = link_for(invited(company, owner, user.email))
    page = client.get(link).content.decode()
    assert f"{reverse('account_login')}?next={link}" in page
    people.log_in(client, user)
    assert client.get(link).status_code == 200
    user.refresh_from_db()
    assert user.customer == first, "reading changes nothing"
    assert client.post(link)["Location"] == reverse("account")
    user.refresh_from_db()
    assert user.customer == company
    assert set(user.companies()) == {first, company}


def test_somebody_else_cannot_use_the_link(client: Client, company: Customer, owner: User) -> None:
    link = link_for(invited(company, owner))
    other = people.stranger()
    people.log_in(client, other)
    answer = client.post(link)
    assert answer.status_code == 403
    assert company.legal_name not in answer.content.decode()
    assert not other.roles_for(company)


@pytest.mark.parametrize(("end", "status"), [("used", 410), ("withdrawn", 410), ("expired", 410), ("replaced", 404), ("made up", 404)])
def test_a_link_that_is_over_says_so(end: str, status: int, client: Client, company: Customer, owner: User) -> None:
    long_ago = timezone.now() - timedelta(days=14, seconds=1)
    invitation = invited(company, owner, at=long_ago if end in ("expired", "replaced") else None)
    link = link_for(invitation)
    if end == "used":
        Client().post(link, ENTERED)
    elif end == "withdrawn":
        withdraw_invitation(invitation=invitation, by=owner, at=timezone.now())
    elif end == "replaced":
        resend_invitation(invitation=invitation, by=owner, at=timezone.now())
        link_for(invitation)
    elif end == "made up":
        link = reverse("invitation", args=["x" * 43])
    people_before = User.objects.count()
    assert client.get(link).status_code == status
    assert client.post(link, ENTERED).status_code == status
    assert User.objects.count() == people_before


def test_services_refuse_wrong_address_and_second_use(company: Customer, owner: User) -> None:
    invitation, now = invited(company, owner), timezone.now()
    with pytest.raises(WrongAddress):
        accept_invitation(invitation=invitation, user=people.person(), at=now)
    user = people.person(email=NEW)
    accept_invitation(invitation=invitation, user=user, at=now)
    for attempt in (
        lambda: accept_invitation(invitation=invitation, user=user, at=now),
        lambda: withdraw_invitation(invitation=invitation, by=owner, at=now),
        lambda: resend_invitation(invitation=invitation, by=owner, at=now),
    ):
        with pytest.raises(InvitationOver):
            attempt()


def test_a_second_invitation_waits_for_the_end_of_the_first(company: Customer, owner: User) -> None:
    now = timezone.now()
    first = invited(company, owner, at=now)
    with pytest.raises(AlreadyInvited):
        invited(company, owner, NEW.upper(), at=now)
    second = invited(company, owner, at=now + timedelta(days=15))
    first.refresh_from_db()
    assert first.withdrawn_at
    assert second.pk != first.pk


def test_a_member_is_not_invited(company: Customer, owner: User) -> None:
    with pytest.raises(AlreadyMember):
        invited(company, owner, owner.email)


def test_mails_to_one_address_keep_ten_minutes_apart(company: Customer, owner: User) -> None:
    now = timezone.now()
    invitation = invited(company, owner, at=now)
    with pytest.raises(MailAskedTooOften):
        resend_invitation(invitation=invitation, by=owner, at=now + timedelta(minutes=9))
    again = resend_invitation(invitation=invitation, by=owner, at=now + timedelta(minutes=10))
    assert again.expires_at == now + timedelta(minutes=10, days=14)


def test_a_company_sends_at_most_twenty_invitations_an_hour(company: Customer, owner: User) -> None:
    now = timezone.now()
    for number in range(20):
        invited(company, owner, f"p{number}@example.com", at=now)
    with pytest.raises(MailAskedTooOften):
        invited(company, owner, at=now + timedelta(minutes=59))
    invited(company, owner, at=now + timedelta(minutes=61))


def test_the_mail_is_a_job_without_secrets_and_sent_once(company: Customer, owner: User) -> None:
    invitation = invited(company, owner)
    job = Job.objects.get(kind="customers.send_invitation")
    assert job.subject == str(invitation.pk)
    assert NEW not in f"{job.key}{job.subject}"
    for _attempt in range(2):
        letters.send_invitation(invitation.pk)
    assert len(mail.outbox) == 1
    assert mail.outbox[0].to == [NEW]
    assert "Muster Verlag" not in mail.outbox[0].subject
    assert ": Zeichnungsberechtigte Person\n" in str(mail.outbox[0].body) or ": Authorised signatory\n" in str(mail.outbox[0].body)


def test_a_withdrawn_invitation_is_not_mailed(company: Customer, owner: User) -> None:
    invitation = invited(company, owner)
    withdraw_invitation(invitation=invitation, by=owner, at=timezone.now())
    letters.send_invitation(invitation.pk)
    assert mail.outbox == []


def test_a_crash_before_the_mail_left_is_made_good(company: Customer, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    invitation = invited(company, owner)
    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", lambda *_args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            letters.send_invitation(invitation.pk)
    invitation.refresh_from_db()
    assert invitation.mail_is_due()
    assert Client().get(link_for(invitation)).status_code == 200


def test_the_database_holds_the_hash_of_the_link_alone(company: Customer, owner: User) -> None:
    token = link_for(invited(company, owner)).rstrip("/").rpartition("/")[2]
    assert len(token) == 43
    with connection.cursor() as cursor:
        for table in ("customers_invitation", "jobs_job"):
            cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {table} t")
            assert token not in cursor.fetchone()[0]
    found = invitation_of(token)
    assert found
    assert found.token_hash not in (None, token)


def test_whoever_joins_in_front_of_the_gate_stands_in_front_of_it(owner: User) -> None:
    closed = people.customer(agreement_valid_until=CLOSED)
    user = people.stranger()
    accept_invitation(invitation=invited(closed, people.owner(closed), user.email), user=user, at=timezone.now())
    user.refresh_from_db()
    assert user.agreement_valid_until == CLOSED


def test_an_owner_invites_resends_and_withdraws_on_the_page(client: Client, company: Customer, owner: User) -> None:
    people.log_in(client, owner)
    assert client.post(reverse("account_people_invite"), {"email": NEW, "roles": ["signatory"]})["Location"] == reverse("account_people")
    invitation = Invitation.objects.get()
    assert NEW in client.get(reverse("account_people")).content.decode()
    client.post(reverse("account_invitation_resend", args=[invitation.pk]))
    assert Job.objects.filter(kind="customers.send_invitation").count() == 1, "a moment ago"
    client.post(reverse("account_invitation_withdraw", args=[invitation.pk]))
    assert NEW not in client.get(reverse("account_people")).content.decode()


@pytest.mark.parametrize(
    "entered",
    [{"email": "", "roles": ["signatory"]}, {"email": NEW}, {"email": NEW, "roles": ["superuser"]}, {"email": "x", "roles": ["owner"]}],
)
def test_an_incomplete_invitation_is_not_sent(entered: dict[str, object], client: Client, owner: User) -> None:
    people.log_in(client, owner)
    answer = client.post(reverse("account_people_invite"), entered)
    assert answer.status_code == 200
    assert not Invitation.objects.exists()


def test_inviting_twice_is_said_beside_the_field(client: Client, company: Customer, owner: User) -> None:
    people.log_in(client, owner)
    invited(company, owner)
    for email in (NEW, owner.email):
        answer = client.post(reverse("account_people_invite"), {"email": email, "roles": ["signatory"]})
        assert "msg-err" in answer.content.decode()
    assert Invitation.objects.count() == 1
