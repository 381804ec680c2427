"""The demo's mailbox, and that it exists in the demo alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def mailbox(settings: Any, tmp_path: Path) -> Path:
    settings.DEMO, settings.EMAIL_FILE_PATH = True, str(tmp_path / "mail")
    connection = get_connection("django.core.mail.backends.filebased.EmailBackend", file_path=settings.EMAIL_FILE_PATH)
    connection.open()
    for subject in ("Vertrag angenommen", "Zweite Nachricht"):
        mail = EmailMultiAlternatives(
            subject, "Öffnen Sie https://portal.example/de/v/?a=1&b=2\n\n<b>Grüße</b>", to=["e.muster@example.com"], connection=connection
        )
        mail.attach_alternative("<p onclick='x'>Hallo</p>", "text/html")
        mail.attach("vertrag.pdf", b"%PDF-1.7 \xff\n", "application/pdf")
        mail.send()
    connection.close()
    return tmp_path / "mail"


def addresses(client: Client) -> list[str]:
    html = client.get("/demo/mail/").content.decode()
    return [
        part.split('"')[0] for part in html.split('href="')[1:] if part.startswith("/demo/mail/") and part.split('"')[0] != "/demo/mail/"
    ]


def test_mails_are_listed_with_subject_and_recipient(client: Client, mailbox: Path) -> None:
    html = client.get("/demo/mail/").content.decode()
    assert "Vertrag angenommen" in html
    assert "Zweite Nachricht" in html
    assert "e.muster@example.com" in html
    assert len(addresses(client)) == 2


def test_a_mail_shows_its_text_with_links_and_its_html_as_source(client: Client, mailbox: Path) -> None:
    html = client.get(addresses(client)[0]).content.decode()
    assert 'href="https://portal.example/de/v/?a=1&amp;b=2"' in html
    assert "&lt;b&gt;Grüße&lt;/b&gt;" in html
    assert "&lt;p onclick=" in html


def test_an_attachment_comes_out_as_it_went_in(client: Client, mailbox: Path) -> None:
    response = client.get(addresses(client)[0] + "0/")
    assert response.content == b"%PDF-1.7 \xff\n"
    assert response["Content-Disposition"] == 'attachment; filename="vertrag.pdf"'
    assert client.get(addresses(client)[0] + "1/").status_code == 404


@pytest.mark.parametrize("name", ["..%2F..%2Fmanage.py", "passwd", "20261123-101500-1.log-0", "20261123-101500-1.log"])
def test_a_name_that_no_mail_has_reaches_no_file(client: Client, mailbox: Path, name: str) -> None:
    assert client.get(f"/demo/mail/{name}/").status_code == 404


def test_outside_the_demo_there_is_no_mailbox(client: Client, mailbox: Path, settings: Any) -> None:
    found = addresses(client)
    settings.DEMO = False
    for path in ("/demo/mail/", found[0], found[0] + "0/"):
        assert client.get(path).status_code == 404
