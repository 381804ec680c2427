"""The hardened client: whatever is written as an address, nothing but public hosts is asked, and a canary on loopback hears nothing."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Iterator
from http.server import HTTPServer
from pathlib import Path
from typing import Any

import pytest

from notifications import fetching
from tests.notifications.serving import NAME, Answering, Canary, answer, resolve, serving_as

PUBLIC = "93.184.216.34"
SPELLINGS = [
    # loopback as text, in every notation that a resolver knows
    *("127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0x7f.1", "0177.0.0.1", "0177.1", "017700000001"),
    *("127.0.0.1.", "127.000.000.001", "127.0.0.0x1", "127.0.0.01", "0", "0.0.0.0", "0x0", "00.0.0.0", "127.127.127.127"),
    *("１２７.０.０.１", "①②⑦.⓪.⓪.①", "127。0。0。1", "127．0．0．1", "%31%32%37.0.0.1", "127.0.0.1%00.example.com"),
    # names of this machine
    *("localhost", "localhost.", "LOCALHOST", "localhost.localdomain", "a.localhost", "ｌｏｃａｌｈｏｓｔ", "ip6-localhost", "router.lan"),
    # IPv6
    *("[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[0000:0000:0000:0000:0000:0000:0000:0001]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"),
    *("[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::127.0.0.1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2002:a9fe:a9fe::1]"),
    *("[2001:0:7f00:1::]", "[2001:0:4136:e378:8000:63bf:3fff:fdd2]", "[fe80::1]", "[fe80::1%25lo]", "[fe80::1%eth0]", "[fc00::1]"),
    *("[fd12:3456::1]", "[ff02::1]", "[::ffff:0:127.0.0.1]", "[fe80::5efe:7f00:1]", "[2001:db8::1]", "[100::1]", "[fec0::1]"),
    # inner and special networks
    *("10.0.0.1", "172.16.0.1", "172.31.255.254", "192.168.0.1", "169.254.169.254", "0xa9fea9fe", "2852039166", "0251.0376.0251.0376"),
    *("100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
    # credentials, other characters
    *("example.com@127.0.0.1", "127.0.0.1@example.com", "example.com:x@localhost", "example.com\\@127.0.0.1", "127.0.0.1\\.example.com"),
    *("", ".", "..", "-a.example.com", "exa mple.com", "example.com\t.localhost", "metadata.google.internal"),
]
ADDRESSES = [
    *("127.0.0.1", "127.8.9.10", "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.255", "169.254.169.254", "172.16.0.1", "192.168.1.1"),
    *("192.0.0.8", "192.0.2.5", "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.251", "240.0.0.1"),
    *("255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::ffff:0:127.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:c0a8:1::1", "2001:0:7f00:1::", "2001:db8::1"),
    *("fe80::1", "fe80::1%lo", "fc00::1", "fd00::1", "fec0::1", "ff02::1", "100::1", "3fff::1", "5f00::1", "4000::1"),
]
GOOD = ["93.184.216.34", "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]


@pytest.fixture
def canary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Canary]:
    """A listener whose port the client may ask, so that the address alone is what keeps it away."""
    listening = Canary()
    monkeypatch.setattr(fetching, "PORTS", (443, 8443, listening.port))
    yield listening
    listening.close()


def test_the_tables_are_as_long_as_promised() -> None:
    assert len(set(SPELLINGS)) >= 64
    assert len(set(ADDRESSES)) >= 40


@pytest.mark.parametrize("moment", ["save", "delivery"])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_of_an_inner_address_is_asked(canary: Canary, spelling: str, moment: str) -> None:
    for address in (f"https://{spelling}/", f"https://{spelling}:{canary.port}/path"):
        with pytest.raises(fetching.AddressRefused):
            fetching.require_public(address) if moment == "save" else fetching.ask(address)
    assert canary.heard == 0


@pytest.mark.parametrize("moment", ["save", "delivery"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_no_name_that_leads_to_an_inner_address_is_asked(
    canary: Canary, monkeypatch: pytest.MonkeyPatch, address: str, moment: str
) -> None:
    url = f"https://{NAME}:{canary.port}/"
    for found in ([address], [PUBLIC, address], [address, PUBLIC]):
        resolve(monkeypatch, found)
        with pytest.raises(fetching.AddressRefused):
            fetching.require_public(url) if moment == "save" else fetching.ask(url)
    assert canary.heard == 0


@pytest.mark.parametrize("address", GOOD)
def test_public_addresses_are_public(address: str) -> None:
    assert fetching.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://example.com/", "scheme"),
        ("ftp://example.com/", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("gopher://example.com/", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("//example.com/", "scheme"),
        ("https://example.com:22/", "port"),
        ("https://example.com:80/", "port"),
        ("https://example.com:99999/", "host"),
        ("https://user:word@example.com/", "credentials"),
        ("https:///example.com", "host"),
        ("https:example.com", "host"),
        ("https://example.com/\r\nX: y", "host"),
        ("https://example.com/" + "a" * 2000, "too_long"),
    ],
)
def test_an_address_is_refused_for_its_form(address: str, reason: str) -> None:
    with pytest.raises(fetching.AddressRefused) as refused:
        fetching.ask(address)
    assert refused.value.reason == reason


def test_a_name_that_nobody_knows_can_be_saved_and_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_arguments: Any, **_more: Any) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    fetching.require_public(f"https://{NAME}/")
    with pytest.raises(fetching.NotReached) as failure:
        fetching.ask(f"https://{NAME}/")
    assert failure.value.reason == "unknown_host"


def test_a_name_that_changes_its_answer_leads_nowhere_else(canary: Canary, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rebinding: public when it is looked at, loopback ever after."""
    tried: list[str] = []

    def note(_socket: socket.socket, address: tuple[str, int]) -> None:
        tried.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", note)
    for _time in range(100):
        resolve(monkeypatch, [PUBLIC], ["127.0.0.1"])
        with pytest.raises(fetching.NotReached):
            fetching.ask(f"https://{NAME}:{canary.port}/")
    assert tried == [PUBLIC] * 100
    assert canary.heard == 0


def test_the_canary_hears_whoever_comes(canary: Canary, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the check of addresses the very same call arrives, so the zeros above mean something."""
    monkeypatch.setattr(fetching, "is_public", lambda _address: True)
    resolve(monkeypatch, ["127.0.0.1"])
    with pytest.raises(fetching.NotReached):
        fetching.ask(f"https://{NAME}:{canary.port}/")
    assert canary.heard == 1


# --- a server that answers -----------------------------------------------------------------------------------------------


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[HTTPServer]:
    with serving_as(NAME, monkeypatch, tmp_path) as serving:
        yield serving


def test_an_answer_comes_back_with_its_status_and_content(server: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, 200, b"Datenschutz")
    assert fetching.ask(f"https://{NAME}:{server.server_port}/de/?a=1") == fetching.Answer(200, b"Datenschutz", is_cut=False)
    assert Answering.asked[0]["host"] == f"{NAME}:{server.server_port}"
    assert Answering.asked[0]["accept-encoding"] == "identity"
    assert "cookie" not in Answering.asked[0]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(server: HTTPServer, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    listening = Canary()
    for location in (f"https://127.0.0.1:{listening.port}/", f"http://localhost:{listening.port}/", f"//[::1]:{listening.port}/"):
        answer(monkeypatch, status, Location=location)
        assert fetching.ask(f"https://{NAME}:{server.server_port}/").status == status
    listening.close()
    assert listening.heard == 0
    assert len(Answering.asked) == 3


def test_no_more_is_read_than_asked_for(server: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, 200, b"x" * 200_000)
    answered = fetching.ask(f"https://{NAME}:{server.server_port}/")
    assert (len(answered.content), answered.is_cut) == (64 * 1024, True)


def test_a_certificate_for_another_name_is_refused(server: HTTPServer) -> None:
    with pytest.raises(fetching.NotReached) as failure:
        fetching.ask(f"https://other.example.com:{server.server_port}/")
    assert failure.value.reason == "certificate"
    assert Answering.asked == []


def test_an_answer_that_trickles_is_hung_up_on(server: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    pause = threading.Event()
    monkeypatch.setattr(Answering, "pause", pause)
    monkeypatch.setattr(fetching, "ANSWER_WITHIN", 2.0)  # time enough for the handshake on a busy machine
    answer(monkeypatch, 200, b"x" * 10)
    with pytest.raises(fetching.NotReached) as failure:
        fetching.ask(f"https://{NAME}:{server.server_port}/")
    pause.set()
    assert failure.value.reason == "too_slow"


def test_no_proxy_of_the_environment_is_used(server: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    listening = Canary()
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{listening.port}")
    answer(monkeypatch, 200, b"direct")
    assert fetching.ask(f"https://{NAME}:{server.server_port}/").content == b"direct"
    listening.close()
    assert listening.heard == 0
