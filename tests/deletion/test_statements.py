"""What a certificate states, point by point, and that its signature is checked without the portal."""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from deletion import certifying, handing_over, inspecting, letters, services, signing, stating
from deletion.models import ErasureCertificate, ErasureRequest
from evidence import canonical
from tests.factories import agreement, erasure, requests
from tests.factories import customers as people

pytestmark = [pytest.mark.django_db(databases=["default", "ledger"]), pytest.mark.usefixtures("verifier")]


@pytest.fixture
def request_of_account() -> ErasureRequest:
    people.provider()
    company, owner = erasure.account(4)
    agreement.accept(company, owner, agreement.published())
    return erasure.due(company, owner)


def downloaded(request: ErasureRequest) -> str:
    """Have the archive made and fetched while the request waits; return its hash."""
    assert request.customer is not None
    owner = request.customer.people_with("owner").get()
    made = services.export_account(customer=request.customer, by=owner, at=timezone.now())
    handing_over.make(str(made.reference))
    made.refresh_from_db()
    handing_over.hand_out(export=made, by=owner, at=timezone.now()).close()
    return made.sha256


@pytest.mark.usefixtures("not_drawn")
class TestStatements:
    """The points that a controller has to be shown, one by one."""

    def test_the_export_is_named_with_time_format_hash_and_download(self, request_of_account: ErasureRequest) -> None:
        sha256 = downloaded(request_of_account)
        handing_over.forget_exports(at=timezone.now() + datetime.timedelta(days=8))  # the archive itself is kept for a week
        content = json.loads(bytes(erasure.complete(request_of_account).certificates.get().canonical))
        assert content["export"]["sha256"] == sha256
        assert content["export"]["format"].startswith("compliance-portal-account/")
        assert content["export"]["downloaded"] is True
        assert content["export"]["made_at"] <= content["export"]["downloaded_at"]

    def test_an_export_of_before_the_request_counts_and_none_is_said_to_be_none(self) -> None:
        people.provider()
        company, owner = erasure.account(1)
        made = services.export_account(customer=company, by=owner, at=timezone.now())
        handing_over.make(str(made.reference))
        made.refresh_from_db()
        assert erasure.due(company, owner).export_sha256 == made.sha256
        other, owner = erasure.account(1)
        assert json.loads(bytes(erasure.complete(erasure.due(other, owner)).certificates.get().canonical))["export"] is None

    def test_a_later_archive_that_nobody_fetched_does_not_hide_the_one_that_was(self, request_of_account: ErasureRequest) -> None:
        sha256 = downloaded(request_of_account)
        assert request_of_account.customer is not None
        owner = request_of_account.customer.people_with("owner").get()
        later = services.export_account(customer=request_of_account.customer, by=owner, at=timezone.now())
        handing_over.make(str(later.reference))
        request_of_account.refresh_from_db()
        assert request_of_account.export_sha256 == sha256

    def test_half_a_statement_about_an_export_is_refused(self, request_of_account: ErasureRequest) -> None:
        with pytest.raises(DatabaseError, match="knows_its_export_whole"), transaction.atomic():
            ErasureRequest.objects.filter(pk=request_of_account.pk).update(export_taken_at=timezone.now())

    def test_a_letter_is_called_a_letter(self) -> None:
        people.provider()
        company, owner = erasure.account(1)
        agreement.accept(company, owner, agreement.published())
        support = people.staff("support")
        case = services.approve(case=requests.recorded(company, source="letter"), by=support, at=timezone.now())
        assert case.erasure is not None
        ErasureRequest.objects.filter(pk=case.erasure.pk).update(not_before=timezone.now())  # nobody withdrew it in time
        content = json.loads(bytes(erasure.complete(case.erasure).certificates.get().canonical))
        instruction = content["instruction"]
        assert (instruction["way"], instruction["identity"], instruction["data_return"]) == ("letter", "clear", "waived")
        assert instruction["approved_at"]

    def test_an_owner_who_signed_in_is_called_so(self, request_of_account: ErasureRequest) -> None:
        content = json.loads(bytes(erasure.complete(request_of_account).certificates.get().canonical))
        assert (content["instruction"]["way"], content["instruction"]["identity"]) == ("owner", "signed_in")
        assert content["instruction"]["approved_at"] is None
        assert content["result"] == "complete_with_retention"
        assert {row["reason"] for row in content["kept"]}
        assert len(content["systems"]) >= 7
        assert content["backups"]["ledger_entry"] == request_of_account.reference
        assert all(len(row["query_sha256"]) == 64 for row in content["datasets"] if row["store"] == "database")

    @pytest.mark.parametrize("language", ["de", "en"])
    def test_paper_says_it_all_in_its_language(self, request_of_account: ErasureRequest, language: str) -> None:
        downloaded(request_of_account)
        request = erasure.run(request_of_account)
        now = timezone.now()
        content = stating.content_of(request, "LZ-2026-0000-0000", now)
        with override(language):
            words = certifying.in_words(request, content, b"{}", now)
        assert words["taken_at"]
        assert words["requested_at"] == request.requested_at
        text = repr([words[name] for name in ("systems", "way", "identity", "basis", "data_return", "kept", "datasets")])
        if language == "de":
            assert words["way"] == "Im Konto verlangt"
            for english in ("GDPR", "deleted", "rows", "in the account"):
                shown = [row["method_text"] for row in words["datasets"]] + words["systems"] + [row["norm"] for row in words["kept"]]
                assert english not in repr(shown), english
        else:
            assert "DSGVO" not in text.replace("norm_de", "")


@pytest.mark.usefixtures("not_drawn")
class TestSignature:
    """A certificate is signed under the portal's key and checked without the portal."""

    def test_it_holds_offline_and_breaks_with_any_byte(self, request_of_account: ErasureRequest) -> None:
        certificate = erasure.complete(request_of_account).certificates.get()
        document = bytes(certificate.canonical)
        signed = signing.Signed(certificate.signature, certificate.public_key)
        file = signing.signature_file(reference=certificate.reference, document=document, signed=signed)
        key = signing.public_keys()[0]["public_key"]
        found = inspecting.inspect(document, signature=file, key=key)
        assert found.wrong == []
        assert found.signer == signing.public_keys()[0]["kid"] == json.loads(document)["signer"]
        for place in range(len(file)):
            changed = file[:place] + bytes([file[place] ^ 1]) + file[place + 1 :]
            assert inspecting.inspect(document, signature=changed, key=key).wrong, place
        for place in range(len(document)):
            changed = document[:place] + bytes([document[place] ^ 1]) + document[place + 1 :]
            assert inspecting.inspect(changed, signature=file, key=key).wrong, place

    def test_a_forger_with_a_key_of_his_own_is_found_out(self, request_of_account: ErasureRequest) -> None:
        certificate = erasure.complete(request_of_account).certificates.get()
        forged = canonical.encode({**json.loads(bytes(certificate.canonical)), "signer": signing.kid_of(signing.public_key_of("other"))})
        pair = signing.Signed(base64.b64encode(signing.key_of("other").sign(forged)).decode(), signing.public_key_of("other"))
        file = signing.signature_file(reference=certificate.reference, document=forged, signed=pair)
        assert inspecting.inspect(forged, signature=file).wrong == []  # it holds in itself; whose key it is only the holder knows
        assert inspecting.inspect(forged, signature=file, key=signing.public_key()).wrong

    def test_a_trusted_key_without_a_signature_does_not_hold(self, request_of_account: ErasureRequest) -> None:
        document = bytes(erasure.complete(request_of_account).certificates.get().canonical)
        assert inspecting.inspect(document, key=signing.public_key()).wrong
        assert inspecting.inspect(document, signature=b"{}", key=signing.public_key()).wrong

    def test_the_page_shows_the_signature_and_the_file_is_handed_out(self, request_of_account: ErasureRequest, client: Client) -> None:
        request = erasure.complete(request_of_account)
        certificate = request.certificates.get()
        page = client.get(f"/v/{certificate.reference}/", headers={"accept-language": "en"})
        assert certificate.signature in page.content.decode()
        assert certificate.public_key in page.content.decode()
        names = [request.reference, letters.signature_of(request.reference), certificate.reference]
        file = client.get(reverse("deletion_certificate", args=[*names, "sig"])).content
        document = client.get(reverse("deletion_certificate", args=[*names, "json"])).content
        assert inspecting.inspect(document, signature=file, key=certificate.public_key).wrong == []
        found = client.get(f"/v/{certificate.reference}/", {"checksum": hashlib.sha256(file).hexdigest()}).context["result"]
        assert found.is_file_ours is True

    def test_it_holds_after_the_key_was_changed(self, request_of_account: ErasureRequest, settings: Any, client: Client) -> None:
        certificate = erasure.complete(request_of_account).certificates.get()
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "x" * 50, []
        assert client.get(f"/v/{certificate.reference}/").context["result"].is_intact is True

    def test_what_was_altered_in_the_database_is_said_to_be(self, request_of_account: ErasureRequest, client: Client) -> None:
        certificate = erasure.complete(request_of_account).certificates.get()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            cursor.execute("ALTER TABLE deletion_erasurecertificate DISABLE TRIGGER never_changed")
        forged = bytes(certificate.canonical).replace(b'"left":0', b'"left":1', 1)
        ErasureCertificate.objects.update(canonical=forged)
        assert "was altered" in client.get(f"/v/{certificate.reference}/", headers={"accept-language": "en"}).content.decode()
        ErasureCertificate.objects.update(sha256=hashlib.sha256(forged).hexdigest())
        assert "was altered" in client.get(f"/v/{certificate.reference}/", headers={"accept-language": "en"}).content.decode()

    def test_a_certificate_of_the_time_before_signatures_holds_as_it_did(self, request_of_account: ErasureRequest, client: Client) -> None:
        later = {"signer", "export", "result", "systems"}
        certificate = erasure.complete(request_of_account).certificates.get()
        content = json.loads(bytes(certificate.canonical))
        earlier = {name: value for name, value in content.items() if name not in later}
        document = canonical.encode({**earlier, "schema": "portal/erasure-certificate/v1"})
        assert inspecting.inspect(document).wrong == []
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            cursor.execute("ALTER TABLE deletion_erasurecertificate DISABLE TRIGGER never_changed")
        sha256 = hashlib.sha256(document).hexdigest()
        ErasureCertificate.objects.update(canonical=document, sha256=sha256, signature="", public_key="")
        result = client.get(f"/v/{certificate.reference}/", {"checksum": sha256}).context["result"]
        assert (result.is_intact, result.is_file_ours, result.key) == (True, True, None)
        request = certificate.request
        names = [request.reference, letters.signature_of(request.reference), certificate.reference]
        assert client.get(reverse("deletion_certificate", args=[*names, "sig"])).status_code == 404

    @pytest.mark.parametrize("half", [{"signature": ""}, {"public_key": ""}, {"signature": "x"}])
    def test_half_a_signature_is_refused(self, request_of_account: ErasureRequest, half: dict[str, str]) -> None:
        certificate = erasure.complete(request_of_account).certificates.get()
        certificate.pk, certificate.reference, certificate.kind = None, "LZ-2026-0000-0001", "supplement"
        certificate.supplements = ErasureCertificate.objects.get()
        for name, value in half.items():
            setattr(certificate, name, value)
        with pytest.raises(DatabaseError, match="signed_with_a_key"), transaction.atomic():
            certificate.save(force_insert=True)
