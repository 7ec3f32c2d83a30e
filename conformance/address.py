"""Addresses of targets, and the file with what an address does not say.

    ref:server[?fault=NAME]   ref:client[?fault=NAME]
    tcp:HOST:PORT   tls:HOST:PORT   unix:PATH   ws:HOST:PORT[/PATH]        servers
    qemu:[?OPTIONS]   andris:[?OPTIONS]                                    servers that the suite starts
    client:COMMAND                                                         a client, with {host} {port} {password} {vv} ...
    spice-gtk:   spicy-screenshot:   remote-viewer:   ryll:                clients that the suite starts

A file (TOML) has one table, and each key is optional:

    [target]
    password = "sesame"
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
from conformance.program_target import AdapterClient, AdapterServer, AddressServer
from conformance.reference_target import MemoryClient, MemoryServer
from conformance.sockets import Place
from conformance.target import Target
from spiceproto.errors import LocalError

__all__ = ["Settings", "open_target", "read_settings"]

_TRANSPORTS: Final = ("", "tls", "unix", "ws")
_MOST_PORT: Final = 65535


class Settings(msgspec.Struct, frozen=True, rename="kebab", forbid_unknown_fields=True):
    """What a file says of a target. ``quiet`` is 0 for what is usual with a target of its kind."""

    password: str = ""
    port: int = 0
    tls_port: int = 0
    ca_file: str = ""
    has: tuple[str, ...] = ()
    controls: dict[str, str] = {}
    patience: float = 5.0
    quiet: float = 0.0


def read_settings(path: Path | None) -> Settings:
    """The settings in a file. Raises LocalError."""
    if path is None:
        return Settings()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        found = msgspec.convert(data.get("target", {}), Settings)
    except OSError as error:
        raise LocalError("a target file that cannot be read", where=str(path), actual=error.strerror or "") from None
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise LocalError(f"a target file with a mistake: {error}", where=str(path)) from None
    unknown = [need for need in found.has if need not in NEEDS]
    if unknown or set(data) - {"target"}:
        raise LocalError("a target file with something nobody knows", where=str(path),
                         actual=", ".join(unknown + sorted(set(data) - {"target"})))  # fmt: skip
    return found


def open_target(address: str, settings: Settings | None = None, *, piece: int = 0, seed: int = 0) -> Target:
    """The target at an address, not started yet. Raises LocalError for an address without sense.

    ``piece``: bytes are sent to it in pieces of this size; 0 for whole.
    """
    settings = settings or Settings()
    scheme, colon, rest = address.partition(":")
    if not colon:
        raise LocalError("an address without a scheme", expected="ref:server, tcp:HOST:PORT, qemu:, client:COMMAND, ...",
                         actual=address)  # fmt: skip
    target = _open(scheme, rest, address, settings, seed)
    target.piece = piece
    return target


def _open(scheme: str, rest: str, address: str, settings: Settings, seed: int) -> Target:
    if scheme == "ref":
        return _reference(rest, address, seed)
    common: dict[str, Any] = {"patience": settings.patience} | ({"quiet": settings.quiet} if settings.quiet else {})
    if scheme in ("tcp", "tls", "unix", "ws"):
        return AddressServer(address, _place(scheme, rest, address, settings), secure=scheme == "tls",
                             password=settings.password, has=frozenset(settings.has), controls=settings.controls,
                             **common)  # fmt: skip
    from conformance.adapters import CATALOGUE

    made: Any = CATALOGUE.get(scheme)
    if made is None:
        schemes = ", ".join(["ref", "tcp", "tls", "unix", "ws", *CATALOGUE])
        raise LocalError("an address with an unknown scheme", expected=schemes, actual=address)
    if scheme == "client":
        if not rest.strip():
            raise LocalError("a client without a command", expected="client:COMMAND {host} {port}", actual=address)
        return AdapterClient(address, made({"command": rest}), password=settings.password or "sesame",
                             tls="{tls_port}" in rest or "{vv}" in rest or "{uri}" in rest, **common)  # fmt: skip
    options = _options(rest, address)
    over = options.pop("over", "")
    if over not in _TRANSPORTS:
        raise LocalError("an unknown transport", expected=", ".join(_TRANSPORTS[1:]), actual=over)
    if getattr(made, "role", "server") == "client":
        return AdapterClient(address, made(options), password=settings.password or "sesame",
                             tls=made.knows_tls, **common)  # fmt: skip
    if over in ("tls", "unix"):
        options.setdefault(over, "1")
    return AdapterServer(address, made(options), transport=over, has=frozenset(settings.has), **common)


def _options(rest: str, address: str) -> dict[str, str]:
    path, _, query = rest.partition("?")
    if path:
        raise LocalError("something between scheme and options", expected="qemu:?ticket=sesame", actual=address)
    return dict(parse_qsl(query, keep_blank_values=True))


def _reference(rest: str, address: str, seed: int) -> Target:
    name, _, query = rest.partition("?")
    options: Mapping[str, str] = dict(parse_qsl(query, keep_blank_values=True))
    unknown = set(options) - {"fault"}
    if name not in ("server", "client") or unknown:
        raise LocalError("an unknown reference", expected="ref:server or ref:client, with ?fault=NAME", actual=address)
    kind = MemoryServer if name == "server" else MemoryClient
    return kind(address, fault=options.get("fault", ""), seed=seed)


def _certificates(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii")
    except (OSError, UnicodeError) as error:
        raise LocalError(f"certificates that cannot be read: {error}", where=path) from None


def _place(scheme: str, rest: str, address: str, settings: Settings) -> Place:
    ca = _certificates(settings.ca_file) if settings.ca_file else ""
    if scheme == "unix":
        if not rest:
            raise LocalError("a Unix socket without a path", actual=address)
        return Place(unix=rest)
    where, slash, path = rest.partition("/")
    host, _, port = where.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isdigit() or not 0 < int(port) <= _MOST_PORT or (slash and scheme != "ws"):
        raise LocalError("an address that cannot be read", expected=f"{scheme}:HOST:PORT", actual=address)
    number = int(port)
    if scheme == "tls":
        return Place(host=host, port=settings.port, tls_port=number, ca_pem=ca)
    return Place(host=host, port=number, tls_port=settings.tls_port, ca_pem=ca, websocket=f"/{path}" if scheme == "ws" else "")
