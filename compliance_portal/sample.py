"""Sample people and companies: one of each kind of user, for the demo and for tests that walk through the whole portal."""

from __future__ import annotations

import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import Group
from django.utils import timezone

import dpa.services
import privacy_text.services
import subprocessors.documents
import subprocessors.publication
import subprocessors.services
import toms.documents
import toms.publication
import toms.services
from compliance_portal import sample_channels
from compliance_portal.sample_people import LOGINS, PASSWORD, PUBLISHER, STUDIO, TOTP_SECRET, Login
from customers.models import Customer, Membership, Provider, User
from customers.services import CompanyDetails, create_staff_groups, load_sample_provider
from customers.services.registration import work_for
from dpa.documents import render_text
from dpa.models import AgreementVersion

ADDRESSES = {
    PUBLISHER: CompanyDetails(
        legal_name=PUBLISHER,
        street="Musterstraße 1",
        postcode="20095",
        city="Hamburg",
        country="DE",
        register_number="HRA 12345, AG Hamburg",
        vat_number="DE123456789",
        acts_as=Customer.ActsAs.CONTROLLER,
    ),
    STUDIO: CompanyDetails(
        legal_name=STUDIO,
        street="Beispielweg 2",
        postcode="50667",
        city="Köln",
        country="DE",
        register_number="",
        vat_number="",
        acts_as=Customer.ActsAs.PROCESSOR,
    ),
}


def load() -> None:
    """Load everything that is not there yet; safe to run again."""
    now = timezone.now()
    create_staff_groups()
    if not Provider.objects.exists():
        load_sample_provider()
    people = {login.email: person(login, now) for login in LOGINS}
    publish_sample(by=people["editor@example.com"], approved_by=people["approver@example.com"], at=now)
    sample_channels.load(now)


def person(login: Login, now: datetime.datetime) -> User:
    """Return the sample person, made with a verified address and, for staff, a second factor."""
    known = User.objects.filter(email=login.email).first()
    if known is not None:
        return known
    user = User.objects.create_user(
        login.email,
        PASSWORD,
        full_name=login.name,
        function=login.function,
        language="de",
        is_staff=bool(login.group),
        email_confirmed_at=now,
    )
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    if login.group:
        user.groups.add(Group.objects.get(name=login.group))
        TOTP.activate(user, TOTP_SECRET)
    if login.company:
        join(user, login, now)
    return user


def join(user: User, login: Login, now: datetime.datetime) -> None:
    customer = Customer.objects.filter(legal_name=login.company).first()
    if customer is None:
        details = ADDRESSES[login.company]
        customer = Customer.objects.create(**vars(details), language="de", created_at=now)
    Membership.objects.bulk_create(Membership(customer=customer, user=user, role=role, created_at=now) for role in login.roles)
    work_for(user, customer)


def publish_sample(*, by: User, approved_by: User, at: datetime.datetime) -> None:
    """Publish registers, texts and agreement in the order in which one annexes the other."""
    toms.documents.render_missing(toms.services.load_sample(by=by, approved_by=approved_by, at=at), at)
    toms.publication.put_into_force_if_due(at)
    subprocessors.documents.render_missing(subprocessors.services.load_sample(by=by, approved_by=approved_by, at=at), at)
    subprocessors.publication.put_into_force_if_due(at)
    privacy_text.services.load_sample(by=by, approved_by=approved_by, at=at)
    if AgreementVersion.objects.exists():
        return
    version = dpa.services.load_sample(by=by, approved_by=approved_by, at=at, effective_date=timezone.localdate(at))
    for text in version.texts.select_related("version"):
        render_text(text, at=at)
    dpa.services.publish(version=version, by=approved_by, at=at)


def second_factors() -> list[tuple[str, str]]:
    """Return e-mail address and present code of every sample person with a second factor; for the demo's page alone."""
    rows = Authenticator.objects.filter(type=Authenticator.Type.TOTP, user__email__in=[login.email for login in LOGINS]).select_related(
        "user"
    )
    return [(row.user.email, present_code()) for row in rows.order_by("user__email")]


def present_code() -> str:
    from allauth.mfa.totp.internal import auth

    counter = next(iter(auth.yield_hotp_counters_from_time()))
    return str(auth.format_hotp_value(auth.hotp_value(TOTP_SECRET, counter)))
