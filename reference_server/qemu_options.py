"""QEMU's ``-spice`` with all its options, as words of the command line of this server.

    port=5900,addr=127.0.0.1,disable-ticketing=on   ──>   --port 5900 --addr 127.0.0.1 --disable-ticketing

Options are separated by commas, a comma in a value is doubled, and one without a value is on, as QEMU reads them (QEMU 7.2).
What of them is about QEMU itself is refused, unless it is off.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from spiceproto.errors import LocalError
from spiceproto.suggestion import nearest

__all__ = ["KNOWN", "words_of"]

_FLAGS: Final = ("disable-agent-file-xfer", "disable-copy-paste", "disable-ticketing", "ipv4", "ipv6", "sasl")
"""Options of this server that are given or not."""

_SWITCHES: Final = ("agent-mouse", "playback-compression", "seamless-migration")
"""Those that are on or off."""

_VALUES: Final = (
    "addr",
    "image-compression",
    "jpeg-wan-compression",
    "password",
    "plaintext-channel",
    "port",
    "streaming-video",
    "tls-channel",
    "tls-ciphers",
    "tls-port",
    "x509-cacert-file",
    "x509-cert-file",
    "x509-dh-key-file",
    "x509-dir",
    "x509-key-file",
    "x509-key-password",
    "zlib-glz-wan-compression",
)
"""Those that have the same values."""

_ELSEWHERE: Final[Mapping[str, str]] = {
    "display": "there is one SPICE server for all displays",
    "gl": "the guest has no OpenGL",
    "head": "there is one SPICE server for all displays",
    "max-refresh-rate": "the guest has no OpenGL",
    "password-secret": "there are no secrets by id: see --password-file",
    "rendernode": "the guest has no OpenGL",
    "video-codecs": "codecs are those that the client prefers",
}
"""Those of QEMU alone, and why."""

KNOWN: Final = tuple(sorted((*_FLAGS, *_SWITCHES, *_VALUES, "unix")))
"""Those that can be had."""

_YES: Final = {"on": True, "yes": True, "true": True, "y": True, "off": False, "no": False, "false": False, "n": False}


def words_of(text: str) -> list[str]:
    """Words of the command line. Raises LocalError for an option that there is not, or that can not be had here."""
    found: dict[str, str] = {}
    channels: list[tuple[str, str]] = []
    for part in _parts(text):
        name, sign, value = part.partition("=")
        if name not in KNOWN and name not in _ELSEWHERE:
            known = ", ".join(nearest(name, KNOWN) or KNOWN)
            raise LocalError(f"no option of -spice: {name[:80]!r}", expected=known)
        if name in ("tls-channel", "plaintext-channel"):
            channels.append((name, value))
        else:
            found[name] = value if sign else "on"
    for name, reason in _ELSEWHERE.items():
        if found.pop(name, "off") not in ("off", "no", "false", "n"):
            raise LocalError(f"{name} is not to be had: {reason}")
    unix = _yes("unix", found.pop("unix", "off"))
    if unix and "addr" not in found:
        raise LocalError("unix=on wants the path of the socket", expected="addr=PATH")
    words = [] if not unix else ["--unix", found.pop("addr")]
    for name, value in (*found.items(), *channels):
        if name in _FLAGS:
            words += [f"--{name}"] if _yes(name, value) else []
        elif name in _SWITCHES:
            words += [f"--{name}", "on" if _yes(name, value) else "off"]
        else:
            words += [f"--{name}={value}"]
    return words


def _parts(text: str) -> list[str]:
    """What stands between commas; two of them are one."""
    found, part, position = [], "", 0
    while position < len(text):
        if text[position] != ",":
            part += text[position]
        elif text[position : position + 2] == ",,":
            part += ","
            position += 1
        else:
            found.append(part)
            part = ""
        position += 1
    return [each for each in (*found, part) if each]


def _yes(name: str, value: str) -> bool:
    if value not in _YES:
        raise LocalError(f"{name} is not what it should be", expected="on or off", actual=repr(value[:80]))
    return _YES[value]
