"""Verbs of the reference programs beside those of the suite: what a program can be asked about itself, and what no case needs.

No target of the suite has to have them, so they are no needs; in everything else they are verbs like the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from spiceproto import limits
from spiceproto.controls import clients, servers
from spiceproto.controls.verb import UINT8, UINT32, Control, Role, Value

__all__ = ["table"]

_SIDE: Final = 8192
"""Pixels of a side of a screen."""

_DISPLAY: Final = Value("display", "integer", "which display", default=0, **UINT8)

_EVENTS: Final = "says whether whoever asks is to be told what happens"

_ON: Final = Value("on", "boolean", "whether events are told on this connection, or standard output", default=True)

_SERVER: Final = (
    Control("hello", "server", "says what it is and what it can be told"),
    Control("events", "server", _EVENTS, (_ON,)),
    Control("state", "server", "says how it is set up now, what runs in its guest, and what that shows"),
    Control(
        "ticket",
        "server",
        "has another password from now on, or none, with or without an end; sessions go on",
        (
            Value(
                "password",
                "text",
                "from now on; null for any ticket to be good",
                default=None,
                most=limits.PASSWORD,
                zero=False,
            ),
            Value("seconds", "number", "from now until no ticket is good any more; null for never", default=None, least=0),
        ),
    ),
    Control("clients", "server", "says who is connected: sessions, their channels, addresses, bytes and latency"),
    Control(
        "drop",
        "server",
        "ends a session in order, or closes a connection",
        (
            Value("session", "integer", "as clients has it", default=None, **UINT32),
            Value("connection", "integer", "one channel; with main the session ends", default=None, least=1),
        ),
    ),
    Control(
        "notify",
        "server",
        "tells users something",
        (
            Value("text", "text", "to be read", most=limits.NOTICE, zero=False),
            Value("severity", "choice", "how serious it is", ("info", "warn", "error"), default="info"),
            Value("visibility", "choice", "how visible it should be", ("low", "medium", "high"), default="high"),
            Value("session", "integer", "of one client; null for all", default=None, **UINT32),
        ),
    ),
    Control(
        "mouse-mode",
        "server",
        "has another mouse mode, as if a client had asked for it; a client that wants another one may ask for that at once",
        (Value("mode", "choice", "which; an error where the guest's devices do not allow it", ("server", "client")),),
    ),
    Control(
        "resolution",
        "server",
        "gives a display another size",
        (
            Value("width", "integer", "in pixels", least=1, most=_SIDE),
            Value("height", "integer", "in pixels", least=1, most=_SIDE),
            _DISPLAY,
        ),
    ),
    Control(
        "heads",
        "server",
        "makes parts of a display monitors",
        (Value("heads", "text", "as 320x480+0+0,320x480+320+0; numbers follow their order"), _DISPLAY),
    ),
    Control(
        "scene",
        "server",
        "draws a scene of the gallery; what ran in the guest ends",
        (
            Value("number", "integer", "0 for all of it, or one of the scenes that the answer names", least=0, most=6),
            _DISPLAY,
        ),
    ),
    Control(
        "sound",
        "server",
        "plays a tone on each side, or nothing",
        (
            Value("on", "boolean", "whether anything is played", default=True),
            Value("left", "integer", "hertz of the left one", default=440, least=0, most=20_000),
            Value("right", "integer", "hertz of the right one", default=660, least=0, most=20_000),
        ),
    ),
    Control("listen", "server", "wants to hear the client, or does not", (Value("on", "boolean", "whether", default=True),)),
    Control(
        "fault",
        "server",
        "breaks one rule from now on, or keeps all of them again; the answer says who meets it",
        (
            Value("name", "text", "as --list-faults has it; nothing for the one that is on", default=""),
            Value("on", "boolean", "whether it is broken", default=True),
        ),
    ),
)

_CLIENT: Final = (
    Control("hello", "client", "says what it is and what it can be told"),
    Control("events", "client", _EVENTS, (_ON,)),
    Control(
        "connect",
        "client",
        "begins a session, and ends the one that there is",
        (
            Value("host", "text", "name or address", default=None),
            Value("port", "integer", "of the host, without TLS", default=None, least=1, most=65535),
            Value("tls_port", "integer", "of the host, with TLS", default=None, least=1, most=65535),
            Value("unix", "text", "path of a socket, instead of a host", default=None),
            Value("uri", "text", "an address, where none of these is given", default=None),
            Value("vv", "text", "path of a connection file, where no address is given", default=None),
            Value("password", "text", "for this connection", default=None),
            Value("username", "text", "for SASL", default=None),
            Value("ca", "text", "path of the certificates to trust", default=None),
            Value("host_subject", "text", "of the server's certificate", default=None),
        ),
    ),
    Control(
        "picture",
        "client",
        "the client can be told to write what it shows into a file",
        (
            Value("path", "text", "of a PNG file"),
            _DISPLAY,
            Value("cursor", "boolean", "with the pointer", default=False),
            Value("head", "integer", "which monitor, instead of the whole surface", default=None, **UINT32),
        ),
    ),
    Control("quit", "client", "ends the program"),
)


def table(role: Role) -> Mapping[str, Control]:
    """Verb to its row, for the reference program of this role: those of the suite first."""
    return {row.verb: row for row in (*servers.CONTROLS, *clients.CONTROLS, *_SERVER, *_CLIENT) if row.role == role}
