"""What a subprocessor confirms after the certificate is said by a supplement, once, to whoever got the certificate (Art. 28(4) GDPR)."""

from __future__ import annotations

import datetime
import hashlib
import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from customers.models import Customer, User
from deletion import certifying, expiring, inspecting, ledger, letters, queue, replaying, services, signing, supplementing
from deletion.models import ErasureCertificate, ErasureContact, ErasureRequest, SubprocessorNotice
from evidence import canonical
from evidence.models import Event
from notifications.messages import compose
from notifications.models import Delivery
from pdf import Rendered
from tests.factories import agreement, erasure
from tests.factories import customers as people
from tests.factories.erasure import CANARY

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.usefixtures("verifier")]
PROOF = hashlib.sha256(b"All deleted.").hexdigest()


@pytest.fixture
def request_of_account() -> ErasureRequest:
    people.provider()
    company, owner = erasure.account(2)
    agreement.accept(company, owner, agreement.published())
    return erasure.due(company, owner)


@pytest.fixture
def support() -> User:
    return people.staff("support")


@pytest.fixture
def certified(request_of_account: ErasureRequest, not_drawn: None) -> ErasureRequest:
    """Return a request with a certificate that names three subprocessors, all told and none of them with a confirmation."""
    request = erasure.run(request_of_account)
    told = timezone.now()
    for slug, name in (("hosting", "Muster Hosting GmbH"), ("mail", "Muster Mail GmbH"), ("push", "Muster Push GmbH")):
        due = timezone.localdate(told) + datetime.timedelta(days=14)
        SubprocessorNotice.objects.update_or_create(
            request=request, slug=slug, defaults={"subprocessor": name, "told_at": told, "confirm_by_date": due}
        )
    request.notices.exclude(slug__in=["hosting", "mail", "push"]).delete()
    return erasure.run(request, at=timezone.now() + datetime.timedelta(days=2))


def ended(request: ErasureRequest) -> datetime.datetime:
    assert request.finished_at is not None
    return request.finished_at


def confirm(request: ErasureRequest, slug: str, by: User, *, after: int = 1, proof: str = PROOF) -> SubprocessorNotice:
    """Note the confirmation so many days after the certificate."""
    at = ended(request) + datetime.timedelta(days=after)
    return services.note_confirmation(notice=request.notices.get(slug=slug), proof_sha256=proof, by=by, at=at)


def supplements(request: ErasureRequest) -> list[ErasureCertificate]:
    return list(request.certificates.filter(kind="supplement").order_by("pk"))


def content_of(paper: ErasureCertificate) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(bytes(paper.canonical))
    return content


def test_a_confirmation_after_the_certificate_is_said_by_a_signed_supplement(certified: ErasureRequest, support: User) -> None:
    original = certified.certificates.get()
    open_before = [row["confirmed_at"] for row in content_of(original)["subprocessors"]]
    notice = confirm(certified, "mail", support)
    (made,) = supplements(certified)
    document, content = bytes(made.canonical), content_of(made)
    assert open_before == [None, None, None]
    assert canonical.encode(content) == document
    assert content["reason"] == "subprocessor_confirmed"
    assert content["supplements"] == {"reference": original.reference, "sha256": original.sha256}
    assert made.supplements == original
    assert content["subprocessor"]["name"] == "Muster Mail GmbH"
    assert notice.confirmed_at is not None
    assert content["subprocessor"]["confirmed_at"] == notice.confirmed_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert content["subprocessor"]["proof_sha256"] == PROOF
    assert content["confirmations"] == {"named": 3, "confirmed": 1, "open": 2}
    assert "datasets" not in content  # nothing was counted for it
    assert "logically deleted" not in document.decode()
    signed = signing.Signed(made.signature, made.public_key)
    file = signing.signature_file(reference=made.reference, document=document, signed=signed)
    assert inspecting.inspect(document, sha256=made.sha256, signature=file, key=signing.public_key()).wrong == []
    assert bytes(certified.certificates.get(kind="certificate").canonical) == bytes(original.canonical)


def test_evidence_and_timeline_tell_it_and_name_nobody(certified: ErasureRequest, support: User) -> None:
    confirm(certified, "mail", support)
    (made,) = supplements(certified)
    facts = [json.loads(bytes(event.canonical)) for event in Event.objects.filter(leaf_hash=bytes.fromhex(made.leaf_hash))]
    assert [fact["kind"] for fact in facts] == ["deletion.supplemented"]
    assert facts[0]["facts"]["why"] == "subprocessor_confirmed"
    assert facts[0]["facts"]["sha256"] == made.sha256
    words = {"de": "Nachtrag zur Bescheinigung ausgestellt", "en": "Supplement to the certificate issued"}
    for language, word in words.items():
        with override(language):
            assert [str(act["title"]) for act in queue.timeline(certified.case_file)][:1] == [word]
    said = bytes(made.canonical).decode() + json.dumps(facts)
    for personal in (CANARY, support.email, support.full_name, str(support.reference), "example.com", "example.org"):
        assert personal not in said, personal


def test_several_in_a_row_have_a_supplement_each_and_the_last_says_that_none_is_open(certified: ErasureRequest, support: User) -> None:
    for slug in ("mail", "push", "hosting"):
        confirm(certified, slug, support)
    made = [content_of(paper) for paper in supplements(certified)]
    assert [content["subprocessor"]["entry"] for content in made] == ["mail", "push", "hosting"]
    assert [content["confirmations"]["open"] for content in made] == [2, 1, 0]
    original = certified.certificates.get(kind="certificate")
    assert {content["supplements"]["reference"] for content in made} == {original.reference}


def test_a_second_note_of_the_same_confirmation_issues_nothing(certified: ErasureRequest, support: User) -> None:
    confirm(certified, "mail", support)
    with pytest.raises(services.AlreadyConfirmed):
        confirm(certified, "mail", support, after=2)
    assert len(supplements(certified)) == 1


def test_a_confirmation_before_the_certificate_is_said_by_the_certificate_alone(
    request_of_account: ErasureRequest, support: User, not_drawn: None
) -> None:
    request = erasure.run(request_of_account)
    notice = services.note_told(notice=request.notices.all()[0], by=support, at=timezone.now())
    services.note_confirmation(notice=notice, proof_sha256=PROOF, by=support, at=timezone.now())
    assert not request.certificates.exists()
    request = erasure.run(request, at=timezone.now() + datetime.timedelta(days=2))
    (only,) = request.certificates.all()
    assert {row["name"]: bool(row["confirmed_at"]) for row in content_of(only)["subprocessors"]}[notice.subprocessor]


def test_a_confirmation_that_comes_while_the_certificate_is_drawn_is_in_it(
    request_of_account: ErasureRequest, support: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = erasure.run(request_of_account)
    notice = services.note_told(notice=request.notices.all()[0], by=support, at=timezone.now())

    def slowly(*_arguments: object) -> Rendered:
        if not SubprocessorNotice.objects.exclude(confirmed_at=None).exists():
            services.note_confirmation(notice=notice, proof_sha256=PROOF, by=support, at=timezone.now())
        return Rendered(content=b"%PDF stand-in", pages=1, sha256="0" * 64)

    monkeypatch.setattr(certifying, "render", slowly)
    request = erasure.run(request, at=timezone.now() + datetime.timedelta(days=2))
    (only,) = request.certificates.all()
    assert request.state == ErasureRequest.State.COMPLETED
    assert {row["name"]: bool(row["confirmed_at"]) for row in content_of(only)["subprocessors"]}[notice.subprocessor]


# --- to whom it is sent -----------------------------------------------------------------------------------------------


def letters_about(paper: ErasureCertificate) -> list[Delivery]:
    return list(Delivery.objects.filter(key__contains=paper.reference))


def test_it_is_sent_to_whoever_got_the_certificate(certified: ErasureRequest, support: User, monkeypatch: pytest.MonkeyPatch) -> None:
    confirm(certified, "mail", support)
    (made,) = supplements(certified)
    (mail,) = letters_about(made)
    assert mail.recipient == ErasureContact.objects.get(request=certified).email
    monkeypatch.setattr("notifications.messages.storage.read", lambda _sha256: b"%PDF")
    original = certified.certificates.get(kind="certificate")
    for language, subject in (
        ("de", "Unterauftragsverarbeiter hat die Löschung bestätigt"),
        ("en", "subprocessor has confirmed the deletion"),
    ):
        mail.language = language
        made_mail = compose(mail)
        assert subject in str(made_mail.subject)
        assert made.reference in made_mail.body
        assert original.reference in made_mail.body
        assert CANARY not in str(made_mail.subject) + made_mail.body
    assert [attachment["sha256"] for attachment in mail.attachments] == [made.pdf_sha256]


def test_it_is_issued_and_not_sent_when_no_address_is_kept_any_more(certified: ErasureRequest, support: User) -> None:
    assert expiring.expire(at=ended(certified) + datetime.timedelta(days=31))["contacts"] == 1
    confirm(certified, "mail", support, after=40)
    (made,) = supplements(certified)
    assert letters_about(made) == []
    assert certified.events.filter(code="supplement.not_sent").count() == 1
    with override("de"):
        assert "nicht versandt" in str(queue.timeline(certified.case_file)[0]["title"])


@pytest.mark.parametrize(("days", "number"), [(30, 1), (31, 0)])
def test_an_address_is_used_until_its_last_day_and_not_longer(certified: ErasureRequest, support: User, days: int, number: int) -> None:
    """The daily job has not run: the address is there and its period is over."""
    confirm(certified, "mail", support, after=days)
    assert ErasureContact.objects.filter(request=certified).exists()
    assert len(letters_about(supplements(certified)[0])) == number


def test_its_mail_goes_with_the_address(certified: ErasureRequest, support: User) -> None:
    confirm(certified, "mail", support)
    (made,) = supplements(certified)
    expiring.expire(at=ended(certified) + datetime.timedelta(days=31))
    assert letters_about(made) == []


# --- files that have had their time, and restored backups -------------------------------------------------------------


def test_nothing_is_noted_or_issued_about_a_file_that_has_had_its_time(client: Client, support: User, not_drawn: None) -> None:
    people.provider()
    company, owner = erasure.account(1)
    request, then = erasure.due(company, owner), timezone.now() - datetime.timedelta(days=5 * 365)
    Customer.objects.filter(pk=request.customer_id).update(created_at=then - datetime.timedelta(days=60))
    ErasureRequest.objects.filter(pk=request.pk).update(requested_at=then - datetime.timedelta(days=1), not_before=then)
    request = erasure.run(erasure.run(request, at=then), at=then + datetime.timedelta(days=2))
    case = request.case_file.reference
    notice = SubprocessorNotice.objects.create(
        request=request, subprocessor="Hosting", slug="h", confirm_by_date=datetime.date(2020, 1, 1), told_at=ended(request)
    )
    assert expiring.expire(at=timezone.now())["files"] == 2
    people.log_in(client, support, mfa=True)
    assert client.post(reverse("desk_request_subprocessor", args=[case, notice.pk]), {"checksum": PROOF}).status_code == 404
    with pytest.raises(SubprocessorNotice.DoesNotExist):
        services.note_confirmation(notice=notice, proof_sha256=PROOF, by=support, at=timezone.now())
    assert not ErasureCertificate.objects.exists()


def test_after_a_restored_backup_the_supplement_is_back_and_is_not_issued_again(certified: ErasureRequest, support: User) -> None:
    notice = confirm(certified, "mail", support)
    (made,) = supplements(certified)
    ledger.keep_certificates()
    forget(made, notice)  # as in a backup from between certificate and confirmation
    assert supplements(certified) == []
    replaying.replay(since=timezone.now() + datetime.timedelta(days=1), at=timezone.now())
    assert [paper.reference for paper in supplements(certified)] == [made.reference]
    confirm(certified, "mail", support, after=2)
    assert [paper.reference for paper in supplements(certified)] == [made.reference]
    confirm(certified, "push", support, after=2)
    assert len(supplements(certified)) == 2


def forget(made: ErasureCertificate, notice: SubprocessorNotice) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("ALTER TABLE deletion_erasurecertificate DISABLE TRIGGER never_changed")
    ErasureCertificate.objects.filter(pk=made.pk).delete()
    SubprocessorNotice.objects.filter(pk=notice.pk).update(confirmed_at=None, proof_sha256="")


def test_a_supplement_about_rows_still_needs_a_zero_and_a_certificate(certified: ErasureRequest) -> None:
    row = {"dataset": "dpa.acceptance", "store": "database", "method": "rows deleted", "deleted": 1, "left": 1}
    with pytest.raises(certifying.NotComplete):
        supplementing.supplement(certified, reason=supplementing.RETENTION, rows=[row], at=timezone.now())
    assert supplements(certified) == []


# --- what can be checked ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "words"), [("de", "hat bestätigt, dass er"), ("en", "has confirmed that it deleted")])
def test_the_public_page_shows_the_supplements_of_a_certificate(
    certified: ErasureRequest, support: User, client: Client, language: str, words: str
) -> None:
    confirm(certified, "mail", support)
    (made,) = supplements(certified)
    original = certified.certificates.get(kind="certificate")
    page = client.get(f"/v/{original.reference}/", headers={"accept-language": language}).content.decode()
    assert made.reference in page
    assert words in page.replace("\xad", "")
    page = client.get(f"/v/{made.reference}/", headers={"accept-language": language}).content.decode()
    assert original.reference in page
    assert "Muster Mail GmbH" not in page
    assert {"de": "mit null gezählt", "en": "counted at zero"}[language] not in page
    assert client.get(f"/v/{made.reference}/", {"checksum": made.sha256}).context["result"].is_file_ours is True


@pytest.mark.parametrize(
    "changes",
    [
        {"subprocessor": None},
        {"subprocessor": {"name": "Mail"}},
        {"confirmations": None},
        {"confirmations": {"named": 3, "confirmed": 1, "open": 0}},
    ],
)
def test_half_a_confirmation_does_not_hold_offline(certified: ErasureRequest, support: User, changes: dict[str, Any]) -> None:
    confirm(certified, "mail", support)
    content = content_of(supplements(certified)[0])
    assert inspecting.inspect(canonical.encode(content)).wrong == []
    assert inspecting.inspect(canonical.encode({**content, **changes})).wrong


def test_no_other_paper_is_excused_from_naming_what_was_deleted(certified: ErasureRequest, support: User) -> None:
    confirm(certified, "mail", support)
    original, made = (content_of(paper) for paper in (certified.certificates.get(kind="certificate"), supplements(certified)[0]))
    for forged in ({**original, "reason": "subprocessor_confirmed", "datasets": []}, {**made, "reason": "retention_expired"}):
        assert "It names nothing that was deleted." in inspecting.inspect(canonical.encode(forged)).wrong


@pytest.mark.parametrize("language", ["de", "en"])
def test_paper_says_it_in_its_language(certified: ErasureRequest, support: User, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []

    def keep_html(html: str, *_arguments: object) -> Rendered:
        drawn.append(html)
        return Rendered(content=b"%PDF stand-in", pages=1, sha256="0" * 64)

    monkeypatch.undo()  # the stand-in of the fixture
    monkeypatch.setattr(certifying, "drawn", keep_html)
    ErasureRequest.objects.filter(pk=certified.pk).update(language=language)
    for slug in ("mail", "push", "hosting"):
        confirm(certified, slug, support)
    texts = {"de": ("Noch 2", "Art. 28 Abs. 4 DSGVO"), "en": ("the confirmations of 2 are still open", "Art. 28(4) GDPR")}[language]
    assert len(drawn) == 3
    assert "Muster Mail GmbH" in drawn[0]
    assert PROOF in drawn[0]
    assert texts[1] in drawn[0]
    none = {"de": "keine ist mehr offen", "en": "none is open any more"}[language]
    assert [none in html for html in drawn] == [False, False, True]
    assert {"de": "noch 2 Bestätigungen aus", "en": texts[0]}[language] in drawn[0]
    assert {"de": "noch 1 Bestätigung aus", "en": "the confirmation of 1 is still open"}[language] in drawn[1]


def test_the_desk_says_beforehand_that_a_supplement_follows(certified: ErasureRequest, support: User, client: Client) -> None:
    people.log_in(client, support, mfa=True)
    notice = certified.notices.get(slug="mail")
    with override("en"):
        address = reverse("desk_request_subprocessor", args=[certified.case_file.reference, notice.pk])
    assert "issues a supplement" in client.get(address).content.decode()
    assert client.post(address, {"checksum": PROOF}).status_code == 302
    assert len(supplements(certified)) == 1


def test_whoever_watched_the_deletion_finds_the_supplement_there(certified: ErasureRequest, support: User, client: Client) -> None:
    confirm(certified, "mail", support)
    (made,) = supplements(certified)
    signature = letters.signature_of(certified.reference)
    page = client.get(reverse("deletion_progress", args=[certified.reference, signature])).content.decode()
    assert made.reference in page
    document = client.get(reverse("deletion_certificate", args=[certified.reference, signature, made.reference, "json"])).content
    assert hashlib.sha256(document).hexdigest() == made.sha256
