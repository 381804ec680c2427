"""A listener on loopback that counts who comes, and a host with a certificate that answers what a test wants."""

from __future__ import annotations

import contextlib
import datetime
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

NAME = "proof.example.com"


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


def resolve(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
    """Have every name resolve to these addresses, one list after the other; the last one stays."""
    left = list(answers)

    def found(_host: str, port: int, **_more: Any) -> list[Any]:
        addresses = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET6 if ":" in each else socket.AF_INET, 1, 6, "", (each, port)) for each in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", found)


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


@contextlib.contextmanager
def serving_as(name: str, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[HTTPServer]:
    """Serve as a host of this name on loopback, which counts as public here, with a certificate for the name."""
    file = certificate_for(name, folder)
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
