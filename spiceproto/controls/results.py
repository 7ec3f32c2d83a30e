"""What answers have: the value of an answer of the reference server, verb by verb. Verbs that are not here answer nothing.

Names, bytes (in hexadecimal digits) and numbers are as in JSON; what is null is not there, or not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Literal

import msgspec

__all__ = [
    "RESULTS",
    "Browsed",
    "Channel",
    "Chunk",
    "Client",
    "Clipboard",
    "File",
    "Hello",
    "Left",
    "Migrated",
    "Monitor",
    "MouseModeName",
    "Read",
    "Scene",
    "Shown",
    "State",
    "Switched",
    "Ticket",
]

MouseModeName = Literal["server", "client"]
Whose = Literal["nobody", "guest", "client"]


class _Result(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every field is there, but for those that have a default."""


class Hello(_Result, frozen=True):
    """What the program is; ``verbs`` are all that it can be told."""

    text: str
    version: str
    role: Literal["server"]
    verbs: tuple[str, ...]


class Ticket(_Result, frozen=True):
    """Whether a password is wanted, and seconds until no ticket is good any more."""

    wanted: bool
    seconds: float | None


class Shown(_Result, frozen=True):
    """A display: width and height, and number, left, top, width and height of each head."""

    size: tuple[int, int]
    heads: tuple[tuple[int, int, int, int, int], ...]


class State(_Result, frozen=True):
    """How a server is set up now.

    * ``listening``: as the first line of standard output has it
    * ``guest``: what runs in it; ``here``: whether it is, or has gone, or is yet to come
    * ``migrating``: whether clients were told of another server
    """

    listening: dict[str, Any]
    guest: str | None
    here: bool
    migrating: bool
    sessions: int
    fault: str | None
    ticket: Ticket
    mouse_mode: MouseModeName
    mouse_modes: tuple[MouseModeName, ...]
    displays: tuple[Shown, ...]
    image_compression: str
    streaming_video: str
    agent: bool
    plays: bool
    listens: bool


class Channel(_Result, frozen=True):
    """A connection: ``latency`` is that of the last ping in seconds, the rest counts bytes."""

    channel: str
    id: int
    connection: int
    tls: bool
    latency: float | None
    address: str = ""
    received: int = 0
    sent: int = 0
    waiting: int = 0


class Client(_Result, frozen=True):
    """A session; ``silent`` are seconds since its client has said anything."""

    session: int
    arriving: bool
    silent: float
    channels: tuple[Channel, ...]


class Switched(_Result, frozen=True):
    """The fault that is on, the one that was, and who meets it."""

    fault: str | None
    was: str | None
    met_by: str


class Scene(_Result, frozen=True):
    """What was drawn, and the names of all scenes, from number 0 on."""

    scene: str
    scenes: tuple[str, ...]


class Monitor(_Result, frozen=True):
    """A head, in pixels."""

    display: int
    number: int
    width: int
    height: int
    x: int
    y: int


class File(_Result, frozen=True):
    """One that a client sends; ``have`` are the bytes that are there."""

    name: str
    size: int
    have: int
    whole: bool


class Clipboard(_Result, frozen=True):
    """``size`` in bytes and the beginning of the ``text``, if the content is known."""

    owner: Whose
    types: tuple[str, ...]
    size: int | None
    text: str = ""


class Chunk(_Result, frozen=True):
    """What an agent was told on its device; ``data`` in hexadecimal digits."""

    port: int
    data: str


class Read(_Result, frozen=True):
    """``data`` since the last time, in hexadecimal digits, and what happened to the port."""

    data: str
    events: tuple[str, ...]


class Browsed(_Result, frozen=True):
    """What was answered on a connection of a browser, in hexadecimal digits, and whether it is over."""

    number: int
    data: str
    over: bool


class Left(_Result, frozen=True):
    """How a session has left."""

    session: int
    kind: Literal["seamless", "semi-seamless", "switch-host"]


class Migrated(_Result, frozen=True):
    """Of all sessions, and whether all their connections are closed."""

    sessions: tuple[Left, ...]
    left: bool


RESULTS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "hello": Hello,
        "state": State,
        "clients": tuple[Client, ...],
        "fault": Switched,
        "scene": Scene,
        "monitors": tuple[Monitor, ...],
        "files": tuple[File, ...],
        "clipboard": Clipboard,
        "agent-device": tuple[Chunk, ...],
        "port-read": Read,
        "browsed": tuple[Browsed, ...],
        "migrate": Migrated,
        "input-events": tuple[dict[str, Any], ...],
        "card-events": tuple[dict[str, Any], ...],
    }
)
"""Verb of a server to the type of its value."""
