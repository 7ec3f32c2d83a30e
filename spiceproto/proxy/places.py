"""Where a proxy listens and where it goes, as people say it; and the connection file for whoever is to come through it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

import msgspec

from spiceproto.address import SCHEMES, Address, parse_address, port_number
from spiceproto.connection_file import GROUP, ConnectionFile, read_connection_file
from spiceproto.errors import LocalError
from spiceproto.http_proxy import parse_proxy
from spiceproto.trust import make_context
from spiceproto.way import Way

__all__ = ["Door", "connection_file", "parse_door", "upstream", "write_private"]

_BARE: Final = re.compile(r"(?:(?P<host>[^\[\]:/]+|\[[^\]]+\]):)?(?P<port>\d+)")
_OURS: Final = frozenset(
    {"type", "host", "port", "tls-port", "unix-path", "ca", "host-subject", "proxy", "tls-ciphers", "delete-this-file", "title"}
)
"""Keys of a connection file that are about the way, and not about the session."""


class Door(msgspec.Struct, frozen=True):
    """Where clients come in: a host and ports (0 is a free one), or a path."""

    host: str = ""
    ports: tuple[int, ...] = ()
    unix_path: str = ""


def parse_door(text: str) -> Door:
    """``[HOST:]PORT``, or an address of SPICE; nobody else than this machine without a host. Raises LocalError."""
    bare = _BARE.fullmatch(text)
    if bare is not None:
        return Door(host=(bare["host"] or "127.0.0.1").strip("[]"), ports=(_port(bare["port"]),))
    if "://" not in text:
        raise LocalError("not a place to listen at", expected=f"[HOST:]PORT or {' or '.join(SCHEMES)}", actual=repr(text))
    address = parse_address(text)
    if address.unix_path is not None:
        return Door(unix_path=address.unix_path)
    ports = tuple(_port(item) for item in (address.port, address.tls_port) if item is not None)
    return Door(host=address.plain_host, ports=ports)


def _port(text: str) -> int:
    return 0 if text == "0" else port_number(text)


def upstream(target: str, *, ca_file: str = "", subject: str = "", proxy: str = "") -> tuple[Way, ConnectionFile | None]:
    """The way to a server: an address, or the path of a ``.vv`` file, which is given back.

    Raises LocalError, and OSError for files that cannot be read.
    """
    file: ConnectionFile | None = None
    if "://" in target:
        address = parse_address(target)
    elif (bare := _BARE.fullmatch(target)) is not None:
        address = parse_address(f"spice://{bare['host'] or '127.0.0.1'}:{bare['port']}")
    else:
        try:
            file = read_connection_file(target)
        except FileNotFoundError:
            expected = f"one that is there, or an address with {' or '.join(SCHEMES)} before it"
            raise LocalError("not a connection file", expected=expected, actual=repr(target)) from None
        address = file.address
    through = proxy or (file.proxy if file else "")
    way = Way(
        address=address,
        ca_pem=_authorities(ca_file) if ca_file else file.ca if file else "",
        host_subject=subject or (file.host_subject if file else ""),
        tls_ciphers=file.tls_ciphers if file else "",
        proxy=parse_proxy(through) if through and address.unix_path is None else None,
    )
    way.check()
    return way, file


def _authorities(path: str) -> str:
    """Certificates of whom to trust. Raises LocalError for a file without any, and OSError."""
    try:
        text = Path(path).read_text(encoding="utf-8")
        make_context(ca_pem=text or "none")
    except (UnicodeDecodeError, LocalError):
        raise LocalError("no certificates are in this file", where=path, expected="some in PEM form") from None
    return text


def connection_file(address: Address, file: ConnectionFile | None, *, ca_pem: str = "", subject: str = "") -> str:
    """The text of a file that leads to ``address``; what ``file`` says of the session stays as it stands."""
    keys = {"type": "spice"}
    if address.unix_path is not None:
        keys["unix-path"] = _escaped(address.unix_path)
    else:
        keys["host"] = _escaped(address.plain_host)
        keys |= {name: text for name, text in (("port", address.port), ("tls-port", address.tls_port)) if text}
    if address.tls_port and ca_pem:
        keys["ca"] = _escaped(ca_pem)
    if address.tls_port and subject:
        keys["host-subject"] = _escaped(subject)
    keys["title"] = _escaped(f"{file.title if file and file.title else 'SPICE'} through a proxy")
    if file is not None:
        keys |= {name: value for name, value in file.keys.items() if name not in _OURS}
    elif address.password:
        keys["password"] = _escaped(address.password)
    return "".join(f"{line}\n" for line in [f"[{GROUP}]", *[f"{name}={value}" for name, value in keys.items()]])


def _escaped(text: str) -> str:
    text = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return f"\\s{text[1:]}" if text.startswith(" ") else text


def write_private(path: str, text: str) -> None:
    """A file that only the owner can read: it may have a password. Raises OSError."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
