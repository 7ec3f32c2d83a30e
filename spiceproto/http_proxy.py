"""HTTP proxies, as the environment variable SPICE_PROXY of spice-gtk names them: ``[http[s]://][user:password@]host[:port]``.

A colon is followed by what it announces: a port, and a password. The host of the server is handed over as it stands in the
address or file: a broker's proxy may know it by a token that is no name, and IPv6 has brackets where they were written.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Final
from urllib.parse import unquote

import msgspec

from spiceproto.address import port_number
from spiceproto.errors import LocalError

__all__ = ["ANSWER_SIZE", "Proxy", "connect_request", "parse_proxy", "refusal"]

ANSWER_SIZE: Final = 8192
"""Bytes of a proxy's answer with all its headers."""

_SHOWN: Final = 200
"""Bytes of its first line that are shown."""

_PORTS: Final = {"http": 3128, "https": 3129}


class Proxy(msgspec.Struct, frozen=True):
    """``secure`` is TLS to the proxy itself. ``user`` is None where nobody logs in."""

    secure: bool
    host: str
    port: int
    user: str | None = None
    password: str = ""

    @property
    def place(self) -> str:
        """Host and port, for people."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def check(self) -> None:
        """Raise LocalError for a host that is more than a name."""
        if not _is_host(self.host):
            raise LocalError("not the host of a proxy", expected="no blank and nothing unprintable", actual=repr(self.host))


def parse_proxy(text: str) -> Proxy:
    """Read one. Raises LocalError."""
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "http", text
    scheme = scheme.lower()
    if scheme not in _PORTS:
        raise LocalError("an unknown kind of proxy", expected="http or https", actual=scheme)
    login, at, place = rest.rstrip("/").rpartition("@")
    user, colon, password = login.partition(":")
    if colon and not password:
        raise LocalError("not the login of a proxy", expected="user:password@", actual=repr(text))
    if place.startswith("["):
        host, bracket, port = place[1:].partition("]")
        if not bracket or (port and not port.startswith(":")):
            raise LocalError("not the address of a proxy", actual=repr(text))
        colon, port = port[:1], port[1:]
    else:
        host, colon, port = place.partition(":")
    if not host:
        raise LocalError("not the address of a proxy", expected="host[:port]", actual=repr(text))
    number = port_number(port) if colon else _PORTS[scheme]
    return Proxy(scheme == "https", host, number, unquote(user) if at else None, unquote(password))


def connect_request(proxy: Proxy, host: str, port: int) -> bytes:
    """What asks a proxy for a connection. Raises LocalError for a host that would be more than a name."""
    if not _is_host(host):
        raise LocalError("not a host", actual=repr(host))
    place = f"{host}:{port}"
    lines = [f"CONNECT {place} HTTP/1.1", f"Host: {place}"]
    if proxy.user is not None:
        lines.append(f"Proxy-Authorization: Basic {b64encode(f'{proxy.user}:{proxy.password}'.encode()).decode()}")
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode("utf-8", "surrogateescape")


def refusal(answer: bytes, proxy: Proxy) -> str:
    """What the answer of a proxy (to its empty line) says against it, in printable letters; "" for a connection."""
    line = answer.partition(b"\r\n")[0][:_SHOWN].decode("latin-1")
    words = line.split(" ", 2)
    if len(words) < 2 or not words[0].startswith("HTTP/1."):
        return f"the proxy {proxy.place} does not speak HTTP"
    return "" if words[1] == "200" else f"the proxy {proxy.place} refuses: {line.encode('unicode_escape').decode()}"


def _is_host(text: str) -> bool:
    return text.isprintable() and not any(letter in text for letter in " /")
