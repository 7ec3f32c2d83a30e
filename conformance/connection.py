"""Where a server is, as people have it: an address, a URI, the connection file of a web page.

    127.0.0.1:5900   [::1]:5900   localhost:5900
    spice://HOST:PORT   spice://HOST?port=5900&tls-port=5901   spice+tls://HOST:PORT   spice+unix:///PATH
    console.vv                                      the file that oVirt, Proxmox or virt-manager hand to remote-viewer

A password in a URI or a file is used and shown nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from configparser import ConfigParser
from configparser import Error as ConfigError
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from conformance.adapters.server_address import ServerAddress
from conformance.naming import in_words
from spiceproto.errors import LocalError
from spiceproto.suggestion import expected

__all__ = ["Connection", "host_and_port", "is_port", "read"]

_SCHEMES: Final = ("spice", "spice+tls", "spice+unix")
_QUERY: Final = ("port", "tls-port", "password")
_MOST_PORT: Final = 65535
_ESCAPES: Final = {"\\n": "\n", "\\r": "\r", "\\t": "\t", "\\\\": "\\"}


class Connection(ServerAddress, frozen=True):
    """A server; ``secure``: main is linked with TLS; ``shown``: the address without its password."""

    secure: bool = False
    shown: str = ""


def is_port(text: str) -> bool:
    """Whether it is the number of a TCP port."""
    return text.isascii() and text.isdigit() and 0 < int(text) <= _MOST_PORT


def host_and_port(text: str) -> tuple[str, int] | None:
    """Both of ``HOST:PORT``, an IPv6 address in brackets; None for anything else."""
    host, colon, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        return None
    return (host, int(port)) if colon and host and "/" not in host and is_port(port) else None


def read(address: str) -> Connection | None:
    """What an address of these kinds says; None for one of another kind. Raises LocalError for one without sense."""
    scheme, separator, _ = address.partition("://")
    if separator and scheme.lower().startswith("spice"):
        return _uri(address, scheme.lower())
    if address.lower().endswith(".vv") and "://" not in address:
        return _file(Path(address), address)
    found = host_and_port(address)
    return Connection(host=found[0], port=found[1], shown=address) if found is not None else None


def _uri(address: str, scheme: str) -> Connection:
    if scheme not in _SCHEMES:
        raise LocalError("a URI of an unknown kind", expected=expected(scheme, _SCHEMES), actual=scheme)
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port or 0
    except ValueError as error:
        raise LocalError(f"a URI that cannot be read: {error}", expected="spice://HOST:PORT") from None
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    for name in query:
        if name not in _QUERY:
            raise LocalError("a URI with something nobody knows", expected=expected(name, _QUERY), actual=name)
    password = query.get("password", unquote(parts.password or ""))
    shown = _without_password(parts, query)
    if scheme == "spice+unix":
        if not parts.path:
            raise LocalError("a URI without a path", expected="spice+unix:///PATH", actual=shown)
        return Connection(unix_path=unquote(parts.netloc + parts.path), password=password, shown=shown)
    plain, tls = (0, port) if scheme == "spice+tls" else (port, 0)
    plain, tls = _port(query.get("port"), shown) or plain, _port(query.get("tls-port"), shown) or tls
    if not host or not (plain or tls):
        raise LocalError("a URI without host or port", expected=f"{scheme}://HOST:PORT", actual=shown)
    return Connection(
        host=host,
        port=plain,
        tls_port=tls,
        username=unquote(parts.username or ""),
        password=password,
        secure=scheme == "spice+tls" or not plain,
        shown=shown,
    )


def _port(text: str | None, shown: str) -> int:
    if text in (None, "", "-1"):
        return 0
    if not is_port(str(text)):
        raise LocalError("no number of a port", expected=f"1 to {_MOST_PORT}", actual=str(text), where=shown)
    return int(str(text))


def _without_password(parts: SplitResult, query: Mapping[str, str]) -> str:
    user, at, place = parts.netloc.rpartition("@")
    kept = "&".join([f"{name}={value}" for name, value in query.items() if name != "password"])
    return parts._replace(netloc=f"{user.partition(':')[0]}{at}{place}", query=kept, fragment="").geturl()


def _file(path: Path, address: str) -> Connection:
    parser = ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(path.read_text(encoding="utf-8"), source=address)
    except (OSError, UnicodeError) as error:
        raise LocalError("a connection file that cannot be read", where=address, actual=in_words(error)) from None
    except ConfigError as error:
        raise LocalError(f"a connection file with a mistake: {' '.join(str(error).split())}", where=address) from None
    if not parser.has_section("virt-viewer"):
        raise LocalError("no connection file", where=address, expected="a group [virt-viewer]")
    rows = {name: _unescaped(value) for name, value in parser.items("virt-viewer")}
    if rows.get("type", "spice") != "spice":
        raise LocalError("a connection file of another protocol", where=address, expected="type=spice", actual=rows["type"])
    if rows.get("proxy"):
        raise LocalError(
            "a connection file with a proxy, which the suite does not speak to",
            where=address,
            expected="the server's own address, or a tunnel to it",
            actual=rows["proxy"],
        )
    unix = rows.get("unix-path", "")
    plain, tls = _port(rows.get("port"), address), _port(rows.get("tls-port"), address)
    if not unix and not (rows.get("host") and (plain or tls)):
        raise LocalError("a connection file without host or port", where=address, expected="host, and port or tls-port")
    wanted = rows.get("secure-channels", "").split(";")
    return Connection(
        host=rows.get("host", ""),
        port=plain,
        tls_port=tls,
        unix_path=unix,
        username=rows.get("username", ""),
        password=rows.get("password", ""),
        ca_pem=rows.get("ca", ""),
        host_subject=rows.get("host-subject", ""),
        secure=not unix and (not plain or (bool(tls) and ("main" in wanted or "all" in wanted))),
        shown=address,
    )


def _unescaped(text: str) -> str:
    out, at = [], 0
    while at < len(text):
        pair = text[at : at + 2]
        out.append(_ESCAPES.get(pair, text[at]))
        at += 2 if pair in _ESCAPES else 1
    return "".join(out)
