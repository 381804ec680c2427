"""No exported cell is a formula: sixty payloads in every text column of every table, read as text and opened in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver, reverse

from customers.models import Customer, User
from notifications.services import tell
from tests.dpa.routes import routes
from tests.factories import agreement, customers, registers
from tests.publishing.test_tables import PAYLOADS, STARTERS

pytestmark = pytest.mark.django_db
# A table cannot hold these, so that no row of a database can bring them.
CHOSEN = [payload for payload in PAYLOADS if "\x00" not in payload]
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"


def payload_entries() -> list[dict[str, Any]]:
    """Return one entry for each payload, which stands in every one of its texts."""
    texts = ("legal_name", "service_name", "address", "contact")
    return [
        registers.entry(
            f"payload-{number}",
            **dict.fromkeys(texts, payload[:200]),
            **{name: {"de": payload, "en": payload} for name in ("purpose", "delimitation", "transfer_detail", "verification_note")},
            data_categories={"de": [payload], "en": [payload]},
        )
        for number, payload in enumerate(CHOSEN)
    ]


def payload_measures() -> dict[str, Any]:
    both = [{"de": payload, "en": payload} for payload in CHOSEN]
    measures = [{"key": f"p-{number}", "implemented_by": "provider", "text": text} for number, text in enumerate(both)]
    controls = [registers.control(letter.upper(), letter) for letter in "abcd"]
    return registers.measures_content(*controls, registers.control("PHYS", "b", measures=measures, label=both[0], aim=both[1]))


def payload_companies() -> None:
    version = agreement.published()
    for payload in CHOSEN:
        names = {
            "legal_name": payload,
            "street": payload,
            "city": payload[:90],
            "register_number": payload[:90],
            "vat_number": payload[:20],
        }
        company = customers.customer(**names)
        owner = customers.owner(company)
        User.objects.filter(pk=owner.pk).update(full_name=payload)
        owner.refresh_from_db()
        agreement.accept(company, owner, version)
        tell(to=owner.email, kind="agreement_accepted", language="de", context={}, key=f"payload:{company.pk}", customer=company)
    assert Customer.objects.count() == len(CHOSEN)


def staff() -> Client:
    client = Client()
    person = User.objects.create_superuser("root@example.com", customers.PASSWORD, full_name="Root")
    customers.log_in(client, person, mfa=True)
    return client


def register_of_subprocessors() -> list[str]:
    registers.published_subprocessors(*payload_entries())
    return ["/de/subprocessors/subprocessors.csv", "/en/subprocessors/v/1/subprocessors.csv", "/de/manage/subprocessors/export.csv"]


def register_of_measures() -> list[str]:
    made = registers.published_measures(payload_measures())
    return ["/de/tom/measures.csv", "/en/tom/v/1/measures.csv", reverse("manage_toms_export", args=[made.pk])]


def companies() -> list[str]:
    customers.provider()
    payload_companies()
    return [reverse(name) for name in ("manage_record_csv", "manage_acceptances_csv", "manage_deliveries_csv")]


GROUPS: tuple[Callable[[], list[str]], ...] = (register_of_subprocessors, register_of_measures, companies)


def tables(group: Callable[[], list[str]]) -> dict[str, bytes]:
    addresses, client = group(), staff()
    answers = {address: client.get(address) for address in addresses}
    assert {answer.status_code for answer in answers.values()} == {200}
    return {address: answer.content for address, answer in answers.items()}


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.__name__)
def test_no_cell_of_any_exported_table_begins_a_formula(group: Callable[[], list[str]]) -> None:
    assert len(CHOSEN) >= 60
    for address, content in tables(group).items():
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        assert len(rows) > len(CHOSEN), address
        for row in rows:
            for value in row:
                assert not value.startswith(STARTERS), (address, value)


def test_every_route_that_gives_a_table_is_tried_here() -> None:
    """A new table fails here until its columns are tried above; those of other tests are named with them."""
    tried = {"subprocessors_csv", "subprocessors_version_csv", "manage_subprocessors_export", "toms_csv", "toms_version_csv"}
    tried |= {"manage_record_csv", "manage_acceptances_csv", "manage_deliveries_csv", "manage_toms_export"}
    tried |= {"desk_reports_csv"}  # months and numbers alone
    found = {name for name, path, _view in routes(get_resolver().url_patterns) if path.endswith(".csv")}
    assert found == tried


def test_tables_are_written_in_one_place() -> None:
    """Whoever writes a table by hand forgets the apostrophe; ``publishing/tables.py`` does not."""
    written = re.compile(r"csv\.(writer|DictWriter)\(")
    places = [
        path.relative_to(settings.BASE_DIR).as_posix()
        for path in Path(settings.BASE_DIR).glob("*/**/*.py")
        if path.relative_to(settings.BASE_DIR).parts[0] not in ("tests", ".venv", "benchmarks") and written.search(path.read_text())
    ]
    assert places == ["publishing/tables.py"]


# --- a spreadsheet ----------------------------------------------------------------------------------------------------


def opened(content: bytes, folder: Path, separator: int) -> list[ElementTree.Element]:
    """Return the cells as LibreOffice sees them when it may take text for formulas, which is the hardest case."""
    source = folder / f"table-{separator}.csv"
    source.write_bytes(content)
    # separator, quote, UTF-8, first line, columns as they are, language, quoted is no text, no special numbers … formulas are computed
    reading = f"CSV:{separator},34,76,1,,0,false,false,false,false,false,0,true"
    command = ["soffice", "--headless", "--norestore", f"-env:UserInstallation=file://{folder}/profile"]
    command += [f"--infilter={reading}", "--convert-to", "fods", "--outdir", str(folder), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    tree = ElementTree.parse(source.with_suffix(".fods"))
    return [found for found in tree.iter(f"{TABLE}table-cell") if found.get(f"{OFFICE}value-type")]


@pytest.mark.long
def test_the_spreadsheet_would_compute_a_raw_formula(tmp_path: Path) -> None:
    """Without this the next test could pass because nothing is ever computed."""
    assert shutil.which("soffice"), "make test-long installs libreoffice-calc-nogui"
    cells = opened(b'"Company","Note"\r\n"Muster GmbH","=1+1"\r\n', tmp_path, ord(","))
    assert [found.get(f"{TABLE}formula") for found in cells if found.get(f"{TABLE}formula")] == ["of:=1+1"]


@pytest.mark.long
@pytest.mark.parametrize("separator", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.__name__)
def test_every_payload_opens_as_text_whichever_separator_the_spreadsheet_takes(
    group: Callable[[], list[str]], separator: str, tmp_path: Path
) -> None:
    for number, (address, content) in enumerate(tables(group).items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        cells = opened(content, folder, ord(separator))
        assert len(cells) > len(CHOSEN), address
        assert [found.get(f"{TABLE}formula") for found in cells if found.get(f"{TABLE}formula")] == [], address
        kinds = {found.get(f"{OFFICE}value-type") for found in cells if "'" in "".join(found.itertext())}
        assert kinds == {"string"}, address
