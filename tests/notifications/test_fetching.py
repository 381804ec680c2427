"""The hardened client: whatever is written as an address, nothing but public hosts is asked, and a canary on loopback hears nothing."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from notifications import fetching

PUBLIC = "93.184.216.34"
NAME = "proof.example.com"
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


class Canary:
    """Listens on loopback and counts who comes."""

    def __init__(self) -> None:
        self.heard = 0
        self.sockets = [socket.create_server(("127.0.0.1", 0))]
        self.port = self.sockets[0].getsockname()[1]
        if socket.has_ipv6:
            self.sockets.append(socket.create_server(("::1", self.port), family=socket.AF_INET6))
        for listening in self.sockets:
            threading.Thread(target=self.listen, args=[listening], daemon=True).start()

    def listen(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _address = listening.accept()
            except OSError:
                return
            self.heard += 1
            connection.close()

    def close(self) -> None:
        for listening in self.sockets:
            listening.shutdown(socket.SHUT_RDWR)
            listening.close()


@pytest.fixture
def canary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Canary]:
    """A listener whose port the client may ask, so that the address alone is what keeps it away."""
    listening = Canary()
    monkeypatch.setattr(fetching, "PORTS", (443, 8443, listening.port))
    yield listening
    listening.close()


def resolve(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
    """Have every name resolve to these addresses, one list after the other; the last one stays."""
    left = list(answers)

    def found(_host: str, port: int, **_more: Any) -> list[Any]:
        addresses = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET6 if ":" in each else socket.AF_INET, 1, 6, "", (each, port)) for each in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", found)


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


class Answering(BaseHTTPRequestHandler):
    answer: tuple[int, dict[str, str], bytes] = (200, {}, b"")
    asked: list[dict[str, str]] = []
    pause: threading.Event | None = None

    def do_GET(self) -> None:  # the name that the library asks for
        self.asked.append({name.lower(): value for name, value in self.headers.items()})
        status, headers, content = self.answer
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.pause:
            self.wfile.write(content[:1])
            self.wfile.flush()
            self.pause.wait(5)
            return
        self.wfile.write(content)

    def log_message(self, *_arguments: Any) -> None:
        return


def certificate_for(name: str, folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(who).issuer_name(who).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
    made = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False).sign(key, hashes.SHA256())
    file = folder / f"{name}.pem"
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    file.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return file


class QuietServer(HTTPServer):
    """A client that turns away in the middle of a handshake is what some tests are about."""

    def handle_error(self, *_arguments: Any) -> None:
        return


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[HTTPServer]:
    """A host on loopback that counts as public here, with a certificate for the name."""
    file = certificate_for(NAME, tmp_path)
    serving = QuietServer(("127.0.0.1", 0), Answering)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    serving.socket = context.wrap_socket(serving.socket, server_side=True)
    monkeypatch.setattr(fetching, "PORTS", (443, serving.server_port))
    monkeypatch.setattr(fetching, "is_public", lambda _address: True)
    monkeypatch.setattr(fetching, "tls_context", lambda: ssl.create_default_context(cafile=str(file)))
    resolve(monkeypatch, ["127.0.0.1"])
    monkeypatch.setattr(Answering, "asked", [])
    thread = threading.Thread(target=serving.serve_forever, daemon=True)
    thread.start()
    yield serving
    serving.shutdown()
    serving.server_close()
    thread.join()


def answer(monkeypatch: pytest.MonkeyPatch, status: int, content: bytes = b"", **headers: str) -> None:
    monkeypatch.setattr(Answering, "answer", (status, headers, content))


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
