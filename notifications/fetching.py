"""The one client that asks addresses which customers name; it reaches public hosts on the internet and nothing else.

Against server-side request forgery (OWASP ASVS v5.0.0-1.3.6, 15.3.2; CWE-918): https alone on known ports, no IP literals and no
credentials in the address; every address of the name has to be public, also the IPv4 address inside an IPv6 one; the connection
goes to an address that was checked, and TLS is verified for the name; no redirects, no proxies; limits on time and size.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

PORTS = (443, 8443)
CONNECT_WITHIN, ANSWER_WITHIN = 3.0, 10.0  # seconds
MOST_BYTES = 64 * 1024
LONGEST_ADDRESS = 2000
NOT_OF_THE_INTERNET = {"localhost", "localdomain", "local", "internal", "home", "lan", "corp", "test", "invalid", "onion", "arpa"}
LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# IANA's registries of special-purpose addresses (RFC 6890 and later), written out: what a Python release calls global has changed.
NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
# These carry an IPv4 address in their last 32 bits and lead to it: it decides (RFC 4291, RFC 6052).
CARRIES_IPV4 = tuple(ipaddress.IPv6Network(network) for network in ("::ffff:0:0/96", "64:ff9b::/96"))


class AddressRefused(ValueError):
    """The address may not be asked; ``reason`` is a word of the code: scheme, port, credentials, host, not_public, too_long."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class NotReached(Exception):
    """No answer came; ``reason`` is a word of the code: unknown_host, connection, certificate, too_slow, protocol."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True)
class Target:
    """What an address asks for: the host as ASCII, the port, and the path with its query."""

    host: str
    port: int
    path: str


@dataclass(frozen=True)
class Answer:
    """Status and the beginning of the content; a redirect is an answer like any other."""

    status: int
    content: bytes
    is_cut: bool


def target_of(address: str) -> Target:
    """Return what the address asks for; raises AddressRefused for one that may not be asked, before any name is looked up."""
    if len(address) > LONGEST_ADDRESS:
        raise AddressRefused("too_long")
    if re.search(r"[\s\\\x00-\x1f\x7f]", address):
        raise AddressRefused("host")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise AddressRefused("host") from error
    if parts.scheme != "https":
        raise AddressRefused("scheme")
    if "@" in parts.netloc:
        raise AddressRefused("credentials")
    if (port or PORTS[0]) not in PORTS:
        raise AddressRefused("port")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(host_of(parts.hostname or ""), port or PORTS[0], encoded(path))


def encoded(path: str) -> str:
    """Return the path in ASCII, as it goes over the line."""
    return "".join(character if character.isascii() else "".join(f"%{byte:02X}" for byte in character.encode()) for character in path)


def host_of(name: str) -> str:
    """Return the name in ASCII; raises AddressRefused for whatever could be read as an IP address, in any notation."""
    try:
        host = name.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError as error:
        raise AddressRefused("host") from error
    labels = host.split(".")
    if len(labels) < 2 or not all(LABEL.fullmatch(label) for label in labels):
        raise AddressRefused("host")
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]):  # WHATWG URL, "ends in a number": resolvers take it for an address
        raise AddressRefused("host")
    if labels[-1] in NOT_OF_THE_INTERNET:
        raise AddressRefused("not_public")
    return host


def is_public(address: Address) -> bool:
    """Say whether the address belongs to a host on the public internet."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            return False
        if any(address in network for network in CARRIES_IPV4):
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if address not in GLOBAL_UNICAST:
            return False
    return not any(address.version == network.version and address in network for network in NOT_PUBLIC)


def addresses_of(target: Target) -> list[str]:
    """Return the addresses of the name; raises AddressRefused when any of them is not public, NotReached for an unknown name."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotReached("unknown_host") from error
    addresses = [str(sockaddr[0]) for _family, _kind, _protocol, _name, sockaddr in found]
    if not addresses or not all(is_public(ipaddress.ip_address(address)) for address in addresses):
        raise AddressRefused("not_public")
    return addresses


def require_public(address: str) -> None:
    """Raise AddressRefused when the address is saved that may not be asked; a name that nobody knows today may be known tomorrow."""
    try:
        addresses_of(target_of(address))
    except NotReached:
        return


class PinnedConnection(http.client.HTTPSConnection):
    """A connection to one checked address of the host; the name is not looked up again, so that it cannot lead elsewhere."""

    def __init__(self, target: Target, address: str) -> None:
        super().__init__(target.host, target.port, timeout=CONNECT_WITHIN)
        self.address = address
        self.wire: socket.socket | None = None  # the library forgets its own once the answer has begun
        self.is_over = False  # its time is over

    def connect(self) -> None:
        plain = socket.socket(socket.AF_INET6 if ":" in self.address else socket.AF_INET, socket.SOCK_STREAM)
        try:
            plain.settimeout(CONNECT_WITHIN)
            plain.connect((self.address, self.port))
            self.sock = tls_context().wrap_socket(plain, server_hostname=self.host)
        except OSError:
            plain.close()
            raise
        self.sock.settimeout(ANSWER_WITHIN)
        self.wire = self.sock


def tls_context() -> ssl.SSLContext:
    return ssl.create_default_context()


def ask(
    address: str, *, method: str = "GET", headers: Mapping[str, str] | None = None, body: bytes | None = None, most_bytes: int = MOST_BYTES
) -> Answer:
    """Return the answer of the address with at most so many bytes; raises AddressRefused, NotReached.

    Whoever calls keeps the content to itself: it is never shown to the customer who named the address.
    """
    target = target_of(address)
    connection = PinnedConnection(target, addresses_of(target)[0])
    end = threading.Timer(ANSWER_WITHIN, hang_up, args=[connection])
    end.start()
    try:
        connection.request(method, target.path, body=body, headers={"Accept-Encoding": "identity", **(headers or {})})
        with connection.getresponse() as response:
            content = response.read(most_bytes + 1)
        if connection.is_over:
            raise TimeoutError  # a connection that was hung up looks like an answer that ended
    except (OSError, http.client.HTTPException, ValueError, AttributeError) as error:
        raise NotReached(reason_of(error, is_late=connection.is_over)) from error
    finally:
        end.cancel()
        connection.close()
    return Answer(response.status, content[:most_bytes], is_cut=len(content) > most_bytes)


def hang_up(connection: PinnedConnection) -> None:
    """End a connection whose time is over, whatever it waits for; whoever is woken by that finds it said."""
    connection.is_over = True
    if connection.wire is not None:
        with contextlib.suppress(OSError):
            socket.socket.shutdown(connection.wire, socket.SHUT_RDWR)  # past TLS, which would wait for the other side


def reason_of(error: Exception, *, is_late: bool) -> str:
    if is_late or isinstance(error, TimeoutError):
        return "too_slow"
    if isinstance(error, ssl.SSLError):
        return "certificate"
    return "connection" if isinstance(error, OSError) else "protocol"
