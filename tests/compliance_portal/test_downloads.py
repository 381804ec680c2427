"""The download centre and the compliance pack: complete, provable, and the same bytes for the same versions."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import Any

import pytest
from django.test import Client

import privacy_text.services
from compliance_portal import pack
from pdf.storage import keep
from subprocessors.models import SubprocessorList, SubprocessorListDocument
from tests.factories import agreement, customers, registers
from toms.models import MeasureSet, MeasureSetDocument

pytestmark = pytest.mark.django_db
ZIP = "/en/documents/all.zip"


def documents_of(version: MeasureSet | SubprocessorList) -> None:
    """Keep stand-ins for the version's PDFs."""
    model: Any = MeasureSetDocument if isinstance(version, MeasureSet) else SubprocessorListDocument
    name = "measure_set" if isinstance(version, MeasureSet) else "subprocessor_list"
    for language in ("de", "en"):
        content = f"%PDF stand-in {name} {version.number} {language}".encode()
        facts = {"sha256": keep(content), "pages": 3, "size": len(content), "created_at": registers.AT}
        model.objects.create(**{name: version}, language=language, **facts)


def everything_published() -> None:
    customers.provider()
    agreement.published()
    privacy_text.services.load_sample(by=registers.editor(), approved_by=registers.editor(), at=registers.AT)
    for version in (MeasureSet.objects.current(), SubprocessorList.objects.current()):
        assert version is not None
        documents_of(version)


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert file.testzip() is None
        return {name: file.read(name) for name in file.namelist()}


def test_the_pack_holds_everything_in_force_and_proves_each_file(client: Client) -> None:
    everything_published()
    response = client.get(ZIP)
    assert response.status_code == 200
    assert not response.cookies
    files = unpacked(response.content)
    sums = dict(reversed(line.split("  ")) for line in files["SHA256SUMS"].decode().splitlines())
    assert set(sums) == set(files) - {"SHA256SUMS", "manifest.json"}
    assert sums == {name: hashlib.sha256(files[name]).hexdigest() for name in sums}
    listed = json.loads(files["manifest.json"])
    assert {file["path"]: (file["sha256"], file["size"]) for file in listed["files"]} == {
        name: (sums[name], len(files[name])) for name in sums
    }
    assert {version["kind"].partition(".")[0] for version in listed["versions"]} == {"dpa", "toms", "subprocessors", "privacy_text"}
    for part in ("agreement/AVV_1.0_de.pdf", "agreement/DPA_1.0_en.docx", "measures/TOM_1_de.pdf", "subprocessors/Subprocessors_1.json"):
        assert part in files
    assert any(name.startswith("texts/") for name in files)


def test_equal_versions_make_equal_bytes_in_both_languages(client: Client) -> None:
    everything_published()
    first = client.get(ZIP)
    pack._archive.cache_clear()
    again = client.get(ZIP.replace("/en/", "/de/"))
    assert again.content == first.content
    assert client.get(ZIP, headers={"if-none-match": first["ETag"]}).status_code == 304


def test_a_new_version_makes_another_pack(client: Client) -> None:
    everything_published()
    first = client.get(ZIP)
    registers.publish_subprocessors(registers.draft_subprocessors())
    second = client.get(ZIP, headers={"if-none-match": first["ETag"]})
    assert second.status_code == 200
    assert "subprocessors/Subprocessors_2.json" in unpacked(second.content)


def test_before_anything_is_published_there_is_no_pack_and_the_page_says_so(client: Client) -> None:
    assert client.get(ZIP).status_code == 404
    page = client.get("/en/documents/").content.decode()
    assert "Nothing has been published yet." in page
    assert "all.zip" not in page


def test_the_page_lists_every_file_with_its_size_pages_and_hash(client: Client) -> None:
    everything_published()
    response = client.get("/en/documents/")
    page = response.content.decode()
    assert not response.cookies
    for group in response.context["groups"]:
        for file in group["versions"][0]["files"]:
            assert client.get(file["url"]).status_code == 200, file["url"]
            assert file["url"].replace("&", "&amp;") in page
            if file["format"] == "PDF":
                assert file["sha256"] in page
                assert file["size"]
                assert file["pages"]
    assert client.get("/en/documents/", headers={"if-none-match": response["ETag"]}).status_code == 304


@pytest.mark.parametrize("count", [1, 10])
def test_the_page_takes_the_same_number_of_queries_for_any_number_of_versions(
    client: Client, django_assert_num_queries: Any, count: int
) -> None:
    customers.provider()
    for _number in range(count):
        documents_of(registers.publish_subprocessors(registers.draft_subprocessors(registers.entry())))
    client.get("/en/documents/")
    with django_assert_num_queries(12):  # agreements, measures, lists with their documents, what the archive holds, provider
        client.get("/en/documents/")
