"""Where a server is: ``spice://`` addresses, exactly as spice-gtk 0.42 reads and prints them.

    spice://[user@]host[:port][/ignored][?key=value[&;]...]     keys: port, tls-port, password
    spice+tls://[user@]host:port                                port is the one with TLS; port and tls-port keys are ignored
    spice+unix://path                                           everything behind it is the path, as it stands
    ws://host:port[/path], wss://...                            SPICE inside WebSocket: of this client alone

What one might not expect, all of it compared with the library by a test: the scheme is in small letters. A user ends at the
first ``@``, wherever that stands, and may be empty. An address in brackets keeps them and is not unescaped, and what stands
between ``]`` and ``:`` is ignored. A query may begin with ``;``. A port is any text. Keys are separated by one ``&`` or ``;``
of either kind, unknown ones and those set twice are errors unless they have no value; a value that cannot be unescaped counts
for none. Numbers are made of ports only when somebody connects.

Two things the library gets wrong are errors here: a key that no ``=`` follows (it takes the value from wherever it was),
and a value of more than 127 bytes (it goes on behind the rest).
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from spiceproto.errors import LocalError

__all__ = ["SCHEMES", "Address", "parse_address", "parse_uri", "port_number"]

_PLAIN: Final = "spice://"
_TLS: Final = "spice+tls://"
_UNIX: Final = "spice+unix://"
_WEBSOCKETS: Final = {"ws://": False, "wss://": True}
SCHEMES: Final = (_PLAIN, _TLS, _UNIX, *_WEBSOCKETS)

_KEY: Final = re.compile(rb"[-a-zA-Z0-9]{1,31}=")
_VALUE: Final = re.compile(rb"[^;&]+")
_QUERY: Final = re.compile(rb"[?;]")
_LONGEST_VALUE: Final = 127
_ESCAPE: Final = re.compile(rb"%(?:([0-9a-fA-F]{2})|)")


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """A way to a server; "" or None for what was not said.

    * ``host``: name or address, one of IPv6 in brackets
    * ``port``, ``tls_port``: as they were written; :func:`port_number` makes numbers of them
    * ``unix_path``: of a Unix socket, instead of host and ports
    * ``username``, ``password``: for the login
    * ``websocket``: path of the WebSocket, "" without one
    """

    host: str = ""
    port: str | None = None
    tls_port: str | None = None
    unix_path: str | None = None
    username: str | None = None
    password: str | None = None
    websocket: str = ""

    @property
    def uri(self) -> str:
        """The canonical printed form: without user and password."""
        if self.unix_path is not None:
            return f"{_UNIX}{self.unix_path}"
        if self.websocket:
            scheme, port = ("ws://", self.port) if self.port is not None else ("wss://", self.tls_port)
            return f"{scheme}{self.host}:{port}{self.websocket}"
        if self.port is not None and self.tls_port is not None:
            return f"{_PLAIN}{self.host}?port={self.port}&tls-port={self.tls_port}"
        if self.tls_port is not None:
            return f"{_TLS}{self.host}:{self.tls_port}"
        return f"{_PLAIN}{self.host}:{self.port}"

    @property
    def plain_host(self) -> str:
        """The host without brackets, as sockets want it."""
        return self.host[1:-1] if self.host.startswith("[") and self.host.endswith("]") else self.host


def port_number(text: str) -> int:
    """The number that a port's text stands for. Raises LocalError for what is no port."""
    if not (text.isascii() and text.isdecimal()) or not 0 < int(text[:9]) <= 0xFFFF or len(text.lstrip("0")) > 5:
        raise LocalError("not a port", expected="a number from 1 to 65535", actual=repr(text))
    return int(text)


def parse_address(text: str) -> Address:
    """An address with any scheme that this client knows. Raises LocalError."""
    for scheme, secure in _WEBSOCKETS.items():
        if text.startswith(scheme):
            return _websocket(text[len(scheme) :], secure)
    return parse_uri(text)


def parse_uri(text: str) -> Address:
    """An address as spice-gtk reads it. Raises LocalError for what it rejects."""
    if text.startswith(_UNIX):
        return Address(unix_path=text[len(_UNIX) :])
    if text.startswith(_PLAIN):
        secure = False
    elif text.startswith(_TLS):
        secure = True
    else:
        raise LocalError("not the address of a SPICE server", expected=" or ".join(SCHEMES), actual=repr(text[:40]))
    rest = text.encode("utf-8", "surrogateescape").partition(b"://")[2]
    username: bytes | None = None
    if b"@" in rest:
        user, _, rest = rest.partition(b"@")
        username = _unescaped(user)
    authority, slash, path = rest.partition(b"/")
    # What stands in the path is ignored, but the query is behind it.
    if slash:
        query = _split_query(path)[1]
    else:
        authority, query = _split_query(authority)
    host, port = _host_and_port(authority)
    found: dict[str, bytes | None] = {"port": None, "tls-port": None, "password": None}
    found["tls-port" if secure else "port"] = port
    _read_query(query, found, secure)
    if found["port"] is None and found["tls-port"] is None:
        raise LocalError("the address has no port", expected="port or tls-port", actual=repr(text[:80]))
    return Address(
        host=_text(host) or "",
        port=_text(found["port"]),
        tls_port=_text(found["tls-port"]),
        username=_text(username),
        password=_text(found["password"]),
    )


def _split_query(data: bytes) -> tuple[bytes, bytes]:
    """What stands before the first ``?`` or ``;``, and what stands behind it."""
    found = _QUERY.search(data)
    return (data, b"") if found is None else (data[: found.start()], data[found.end() :])


def _host_and_port(authority: bytes) -> tuple[bytes, bytes | None]:
    if authority.startswith(b"["):
        end = authority.find(b"]")
        if end < 0:
            raise LocalError("a bracket is not closed", expected="]", actual=repr(authority))
        host, rest = authority[: end + 1], authority[end + 1 :]
        return host, rest[1:] if rest.startswith(b":") else None
    name, colon, port = authority.partition(b":")
    unescaped = _unescaped(name)
    if unescaped is None:
        raise LocalError("the host cannot be unescaped", actual=repr(name))
    return unescaped, port if colon else None


def _read_query(query: bytes, found: dict[str, bytes | None], secure: bool) -> None:
    while query:
        head = _KEY.match(query)
        if head is None:
            raise LocalError("a key is missing", expected="key=value", actual=repr(query[:40]))
        key = head.group()[:-1].decode()
        query = query[head.end() :]
        content = _VALUE.match(query)
        value = content.group() if content else b""
        # One separator goes with its value; a second one in a row is taken for a key.
        query = query[len(value) + 1 :]
        if not value:
            continue
        if len(value) > _LONGEST_VALUE:
            raise LocalError(
                "a value is too long", path=key, expected=f"at most {_LONGEST_VALUE} bytes", actual=str(len(value))
            )
        if key not in found:
            raise LocalError("an unknown key", expected=", ".join(found), actual=key)
        if secure and key != "password":
            continue
        if found[key] is not None:
            raise LocalError("a key is set twice", actual=key)
        found[key] = _unescaped(value)


def _unescaped(data: bytes) -> bytes | None:
    """``data`` with its escapes replaced; None if one of them is none, or a zero byte."""
    if any(match.group(1) in (None, b"00") for match in _ESCAPE.finditer(data)):
        return None
    return _ESCAPE.sub(lambda match: bytes([int(match.group(1), 16)]), data)


def _text(data: bytes | None) -> str | None:
    return None if data is None else data.decode("utf-8", "surrogateescape")


def _websocket(rest: str, secure: bool) -> Address:
    authority, slash, path = rest.partition("/")
    host, port = _host_and_port(authority.encode())
    if not port:
        raise LocalError("the address has no port", expected="ws://host:port/path", actual=repr(rest))
    text = port.decode()
    return Address(
        host=_text(host) or "",
        port=None if secure else text,
        tls_port=text if secure else None,
        websocket=slash + path or "/",
    )
