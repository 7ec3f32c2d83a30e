"""Connection files (.vv), as remote-viewer 11 reads them: groups of keys and values, of which ``[virt-viewer]`` counts.

Strings are escaped as in GLib's key files (``\\s`` ``\\n`` ``\\t`` ``\\r`` ``\\\\``), lists are separated by semicolons. Keys
that are not known, or mean nothing here, do no harm (:mod:`spiceproto.connection_keys`), and other groups are ignored.
``type`` must be ``spice``, and ``version`` none after 11.

A file may ask to be deleted (``delete-this-file=1``): a broker's file holds a password that is good once. It is deleted only if
the user says so, and never when it came from standard input.
"""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import Final

import msgspec

from spiceproto.address import Address
from spiceproto.connection_keys import too_new, unused
from spiceproto.errors import LocalError

__all__ = ["EFFECTS", "GROUP", "ConnectionFile", "parse_connection_file", "read_connection_file"]

GROUP: Final = "virt-viewer"

_LARGEST: Final = 1 << 20
"""Bytes of a file; one with a certificate has a few thousand."""

_ESCAPES: Final = {"s": " ", "n": "\n", "t": "\t", "r": "\r", "\\": "\\"}
_TRUE: Final = ("1", "true")
_DEPTHS: Final = ("16", "32")

EFFECTS: Final = ("wallpaper", "font-smooth", "animation", "all")
"""What ``disable-effects`` may name."""


class ConnectionFile(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says.

    * ``address``: the server, with user and password
    * ``ca``: PEM of the authorities to trust, "" for those of the system
    * ``host_subject``: what the subject of the server's certificate must be, "" to compare the host's name
    * ``tls_ciphers``, ``proxy``, ``title``: "" where nothing is said
    * ``secure_channels``, ``disable_channels``: names of channels
    * ``color_depth``: of the guest, 16 or 32; 0 where nothing is said
    * ``disable_effects``: names of desktop effects that the guest should do without
    * ``delete_this_file``: the file asks to be deleted
    * ``unused``: keys with which nothing is done, and why
    * ``keys``: all keys of the group as they stand, for whatever else they mean
    """

    address: Address
    ca: str = ""
    host_subject: str = ""
    tls_ciphers: str = ""
    proxy: str = ""
    title: str = ""
    secure_channels: tuple[str, ...] = ()
    disable_channels: tuple[str, ...] = ()
    color_depth: int = 0
    disable_effects: tuple[str, ...] = ()
    delete_this_file: bool = False
    unused: tuple[tuple[str, str], ...] = ()
    keys: dict[str, str] = {}


def read_connection_file(path: str, *, delete: bool = False) -> ConnectionFile:
    """Read a file, or standard input for ``-``.

    ``delete``  obey if the file asks to be deleted

    Raises LocalError for what is no such file, OSError for one that cannot be read.
    """
    if path == "-":
        data = sys.stdin.buffer.read(_LARGEST + 1)
    else:
        with Path(path).open("rb") as file:
            data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise LocalError("this is no connection file", expected=f"at most {_LARGEST} bytes")
    try:
        found = parse_connection_file(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise LocalError("this is no connection file", expected="UTF-8") from None
    if delete and found.delete_this_file and path != "-":
        with contextlib.suppress(OSError):
            Path(path).unlink()
    return found


def parse_connection_file(text: str) -> ConnectionFile:
    """The text of a file. Raises LocalError."""
    keys = _group(text)
    kind = keys.get("type", "")
    if kind != "spice":
        raise LocalError("not a connection to a SPICE server", path="type", expected="spice", actual=repr(kind))

    if too_new(version := keys.get("version", "")):
        where = keys.get("newer-version-url", "")
        more = f": see {_unescaped(where, 'newer-version-url')}" if where else ""
        raise LocalError(
            f"the file is for a later remote-viewer{more}", path="version", expected="11.0 or less", actual=version
        )

    def string(name: str) -> str:
        return _unescaped(keys.get(name, ""), name)

    def text_or_none(name: str) -> str | None:
        return string(name) or None

    def names(name: str) -> tuple[str, ...]:
        return tuple([part.strip() for part in keys.get(name, "").replace(",", ";").split(";") if part.strip()])

    unix_path = text_or_none("unix-path")
    address = Address(
        host="" if unix_path else string("host"),
        port=None if unix_path else _port(keys, "port"),
        tls_port=None if unix_path else _port(keys, "tls-port"),
        unix_path=unix_path,
        username=text_or_none("username"),
        password=text_or_none("password"),
    )
    if not unix_path and (not address.host or (address.port is None and address.tls_port is None)):
        raise LocalError("there is no way to the server", expected="host with port or tls-port, or unix-path")
    left = list(unused(keys))
    depth = keys.get("color-depth", "")
    if depth not in ("", "0", *_DEPTHS):
        left.append(("color-depth", f"the depth of a guest is {' or '.join(_DEPTHS)}"))
    effects = names("disable-effects")
    left += [("disable-effects", f"there is no effect {name}") for name in effects if name not in EFFECTS]
    return ConnectionFile(
        address=address,
        ca=string("ca"),
        host_subject=string("host-subject"),
        tls_ciphers=string("tls-ciphers"),
        proxy=string("proxy"),
        title=string("title"),
        secure_channels=names("secure-channels"),
        disable_channels=names("disable-channels"),
        color_depth=int(depth) if depth in _DEPTHS else 0,
        disable_effects=tuple([name for name in effects if name in EFFECTS]),
        unused=tuple(left),
        delete_this_file=keys.get("delete-this-file", "") in _TRUE,
        keys=keys,
    )


def _group(text: str) -> dict[str, str]:
    """Keys and values of the group that counts, as they stand. A key that is set twice has its last value."""
    found: dict[str, str] = {}
    group: str | None = None
    seen = False
    for number, line in enumerate(text.splitlines(), 1):
        line = line.lstrip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            name, bracket, rest = line[1:].partition("]")
            if not bracket or rest.strip():
                raise LocalError("not the name of a group", where=f"line {number}", actual=repr(line[:40]))
            group = name
            seen = seen or group == GROUP
            continue
        key, equals, value = line.partition("=")
        if not equals or group is None or not key.strip():
            raise LocalError("neither a group nor a key", where=f"line {number}", actual=repr(line[:20]))
        if group == GROUP:
            found[key.rstrip()] = value.strip()
    if not seen:
        raise LocalError("this is no connection file", expected=f"[{GROUP}]")
    return found


def _unescaped(value: str, name: str) -> str:
    parts: list[str] = []
    at = 0
    while (next_at := value.find("\\", at)) >= 0:
        letter = value[next_at + 1 : next_at + 2]
        if letter not in _ESCAPES:
            raise LocalError("an unknown escape", path=name, expected="\\s \\n \\t \\r \\\\", actual=repr(f"\\{letter}"))
        parts += [value[at:next_at], _ESCAPES[letter]]
        at = next_at + 2
    return "".join(parts) + value[at:]


def _port(keys: dict[str, str], name: str) -> str | None:
    """A port above 0, as remote-viewer takes it: a whole number; 0 and less are no port."""
    text = keys.get(name, "")
    if not text:
        return None
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal()):
        raise LocalError("not a number", path=name, actual=repr(text))
    return None if text.startswith("-") or not int(digits[:9]) else text
