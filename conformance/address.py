"""Addresses of targets, and the file with what an address does not say.

    ref:server[?fault=NAME&sasl=1]   ref:client[?fault=NAME&link=ORDER]
    HOST:PORT   spice://HOST:PORT   spice+tls://HOST:PORT   FILE.vv        servers, as people have them
    tcp:HOST:PORT   tls:HOST:PORT   unix:PATH   ws:HOST:PORT[/PATH]        servers
    client:COMMAND                                                         a client, with {host} {port} {password} {vv} ...
    server:COMMAND                                                         a server, with {port} {tls_port} {host} {password}
    SCHEME:[?OPTIONS]                                                      a program of conformance.adapters.programs

A file (TOML) has one table, and each key is optional:

    [target]
    password = "sesame"
    username = "admin"         # of SASL; otherwise suite
    tls-port = 5901            # beside a plain port
    ca-file = "ca-cert.pem"
    has = ["two-displays"]     # needs of conformance.case.NEEDS that the target meets
    patience = 5.0             # seconds in which it is expected to answer
    quiet = 0.25               # seconds after which what has not come does not come

    [target.controls]          # a command for each verb, {0} is its value
    set-password = "virsh qemu-monitor-command vm --hmp set_password spice {0}"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec

from conformance.case import NEEDS
from conformance.connection import Connection, host_and_port
from conformance.connection import read as read_connection
from conformance.naming import in_words
from conformance.program_target import AdapterClient, AdapterServer, AddressServer
from conformance.reference_target import MemoryClient, MemoryServer
from conformance.sockets import Place
from conformance.target import Target
from spiceproto.errors import LocalError
from spiceproto.suggestion import expected

__all__ = ["Login", "Settings", "open_target", "read_settings"]

_TRANSPORTS: Final = ("", "tls", "unix", "ws")
_SERVERS: Final = ("tcp", "tls", "unix", "ws")
_SCHEMES: Final = ("ref", *_SERVERS, "spice", "spice+tls", "spice+unix")
_LINK_ORDERS: Final = ("parallel", "reversed", "sequential")
"""In which the reference client links the channels of a list."""


class Settings(msgspec.Struct, frozen=True, rename="kebab", forbid_unknown_fields=True):
    """What a file says of a target. ``quiet`` is 0 for what is usual with a target of its kind."""

    password: str = ""
    username: str = ""
    port: int = 0
    tls_port: int = 0
    ca_file: str = ""
    has: tuple[str, ...] = ()
    controls: dict[str, str] = {}
    patience: float = 5.0
    quiet: float = 0.0


class Login(msgspec.Struct, frozen=True):
    """What a command line says beside the address; it goes before what the file or the address says.

    * ``password``, ``ca_pem``: None where nothing is said; ``wait``: seconds in which the server may begin to listen
    """

    password: str | None = None
    ca_pem: str | None = None
    wait: float = 0.0

    @classmethod
    def read(cls, password_file: Path | None, ca_file: Path | None, wait: float = 0.0) -> Login:
        """From files. Raises LocalError."""
        password = None
        if password_file is not None:
            try:
                lines = password_file.read_text(encoding="utf-8").splitlines()
            except (OSError, UnicodeError) as error:
                raise LocalError(f"a password file that cannot be read: {in_words(error)}", where=str(password_file)) from None
            if not lines or not lines[0]:
                raise LocalError("a password file without a password", where=str(password_file), expected="one line")
            password = lines[0]
        return cls(password, _certificates(str(ca_file)) if ca_file is not None else None, wait)


def read_settings(path: Path | None) -> Settings:
    """The settings in a file. Raises LocalError."""
    if path is None:
        return Settings()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        found = msgspec.convert(data.get("target", {}), Settings)
    except (OSError, UnicodeDecodeError) as error:
        raise LocalError("a target file that cannot be read", where=str(path), actual=in_words(error)) from None
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise LocalError(f"a target file with a mistake: {error}", where=str(path)) from None
    for word, known in [*((need, list(NEEDS)) for need in found.has), *((table, ["target"]) for table in data)]:
        if word not in known:
            raise LocalError(
                "a target file with something nobody knows", where=str(path), expected=expected(word, known), actual=word
            )
    return found


def open_target(
    address: str, settings: Settings | None = None, *, login: Login | None = None, piece: int = 0, seed: int = 0
) -> Target:
    """The target at an address, not started yet. Raises LocalError for an address without sense.

    ``piece``: bytes are sent to it in pieces of this size; 0 for whole.
    """
    settings, login = settings or Settings(), login or Login()
    target = _open(address, settings, login, seed)
    target.piece = piece
    return target


def _open(address: str, settings: Settings, login: Login, seed: int) -> Target:
    scheme, colon, rest = address.partition(":")
    if scheme == "ref" and colon:
        return _reference(rest, address, seed)
    common: dict[str, Any] = {"patience": settings.patience} | ({"quiet": settings.quiet} if settings.quiet else {})
    password = settings.password if login.password is None else login.password
    found = None if scheme in _SERVERS and colon else read_connection(address)
    if found is not None or (scheme in _SERVERS and colon):
        if found is None:
            place, secure = _place(scheme, rest, address, settings, login), scheme == "tls"
        else:
            place, secure, address = _connection_place(found, settings, login), found.secure, found.shown
            password = password or found.password
        target = AddressServer(
            address,
            place,
            secure=secure,
            password=password,
            has=frozenset(settings.has),
            controls=settings.controls,
            wait=login.wait,
            **common,
        )
        target.username = (found.username if found is not None else "") or settings.username or target.username
        return target
    from conformance.adapters.programs import CATALOGUE

    made: Any = CATALOGUE.get(scheme)
    if made is None:
        raise _unknown(address, [*_SCHEMES, *CATALOGUE])
    if scheme == "client":
        if not rest.strip():
            raise LocalError("a client without a command", expected="client:COMMAND {host} {port}", actual=address)
        command = made({"command": rest})
        return AdapterClient(address, command, password=password or "sesame", tls=command.knows_tls, **common)
    if scheme == "server":
        if not rest.strip():
            raise LocalError("a server without a command", expected="server:COMMAND {port}", actual=address)
        adapter = made({"command": rest, "password": password})
        return AdapterServer(
            address,
            adapter,
            transport="" if adapter.takes_plain else "tls",
            has=frozenset(settings.has),
            controls=settings.controls,
            **common,
        )
    options = _options(rest, address)
    over = options.pop("over", "")
    if over not in _TRANSPORTS:
        raise LocalError("an unknown transport", expected=expected(over, _TRANSPORTS[1:]), actual=over)
    if getattr(made, "role", "server") == "client":
        return AdapterClient(address, made(options), password=password or "sesame", tls=made.knows_tls, **common)
    if over in ("tls", "unix"):
        options.setdefault(over, "1")
    return AdapterServer(address, made(options), transport=over, has=frozenset(settings.has), **common)


def _unknown(address: str, schemes: list[str]) -> LocalError:
    """What is wrong with an address that nobody takes."""
    scheme, colon, _ = address.partition(":")
    host, _, port = address.rpartition(":")
    if host and "/" not in host and port.isascii() and port.isdigit():
        return LocalError("a port that there is not", expected="HOST:PORT with a port from 1 to 65535", actual=address)
    if not colon and "." in address:
        return LocalError("an address without a port", expected=f"{address}:5900 or so", actual=address)
    what = "an address with an unknown scheme" if colon else "an address without a scheme"
    return LocalError(what, expected=f"HOST:PORT, FILE.vv or a scheme: {expected(scheme, schemes)}", actual=address)


def _options(rest: str, address: str) -> dict[str, str]:
    path, _, query = rest.partition("?")
    if path:
        raise LocalError("something between scheme and options", expected="qemu:?ticket=sesame", actual=address)
    return dict(parse_qsl(query, keep_blank_values=True))


def _reference(rest: str, address: str, seed: int) -> Target:
    name, _, query = rest.partition("?")
    options: Mapping[str, str] = dict(parse_qsl(query, keep_blank_values=True))
    known = {"server": {"fault", "sasl"}, "client": {"fault", "link"}}
    if name not in known or not set(options) <= known[name]:
        raise LocalError("an unknown reference", expected="ref:server or ref:client, with ?fault=NAME", actual=address)
    fault, order = options.get("fault", ""), options.get("link", _LINK_ORDERS[0])
    if order not in _LINK_ORDERS:
        raise LocalError("an unknown order of links", expected=expected(order, _LINK_ORDERS), actual=order)
    if name == "server":
        return MemoryServer(address, fault=fault, seed=seed, sasl=options.get("sasl", "") not in ("", "0"))
    return MemoryClient(address, fault=fault, link_order=order)


def _certificates(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii")
    except (OSError, UnicodeError) as error:
        raise LocalError(f"certificates that cannot be read: {in_words(error)}", where=path) from None


def _authority(settings: Settings, login: Login) -> str:
    if login.ca_pem is not None:
        return login.ca_pem
    return _certificates(settings.ca_file) if settings.ca_file else ""


def _connection_place(found: Connection, settings: Settings, login: Login) -> Place:
    return Place(
        host=found.host,
        port=found.port or settings.port,
        tls_port=found.tls_port or settings.tls_port,
        unix=found.unix_path,
        ca_pem=_authority(settings, login) or found.ca_pem,
    )


def _place(scheme: str, rest: str, address: str, settings: Settings, login: Login) -> Place:
    ca = _authority(settings, login)
    if scheme == "unix":
        if not rest:
            raise LocalError("a Unix socket without a path", actual=address)
        return Place(unix=rest)
    where, slash, path = rest.partition("/")
    found = host_and_port(where)
    if found is None or (slash and scheme != "ws"):
        raise LocalError("an address that cannot be read", expected=f"{scheme}:HOST:PORT", actual=address)
    host, number = found
    if scheme == "tls":
        return Place(host=host, port=settings.port, tls_port=number, ca_pem=ca)
    return Place(host=host, port=number, tls_port=settings.tls_port, ca_pem=ca, websocket=f"/{path}" if scheme == "ws" else "")
